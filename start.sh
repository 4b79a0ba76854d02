#!/usr/bin/env bash
# Sets everything up and runs the main job; options are the run's: ./start.sh --companies 5000
# The database is the one that ABCJOB_DATABASE_URL or DATABASE_URL names; else, where a Docker
# engine answers, the compose file's, which stays up; else the embedded server.
set -euo pipefail
cd "$(dirname "$0")"

if [ -z "${ABCJOB_DATABASE_URL:-}${DATABASE_URL:-}" ] &&
  docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; then
  ABCJOB_USER="$(id -u):$(id -g)" # to whom the reports will belong
  export ABCJOB_USER
  docker compose up --detach --wait database >&2
  exec docker compose run --build --rm job run "$@"
fi

./build.sh
exec .venv/bin/python -m abcjob run "$@"
