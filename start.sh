#!/usr/bin/env bash
# Sets everything up and runs the main job; options are the run's: ./start.sh --companies 5000
# The database is the one that --database, ABCJOB_DATABASE_URL or DATABASE_URL names, here, in .env
# or in abcjob.toml; else, where a Docker engine answers, the compose file's, which stays up; else
# the embedded server.
set -euo pipefail
cd "$(dirname "$0")"

# Whether options or a file of settings name what a container does not reach: a server, a folder.
named_here() {
  case " $*" in *" --database"* | *" --reports"* | *" --templates"*) return 0 ;; esac
  grep -qsE '^[[:space:]]*(export[[:space:]]+)?(ABCJOB_)?DATABASE_URL[[:space:]]*=' .env ||
    grep -qsE '^[[:space:]]*database_url[[:space:]]*=' abcjob.toml
}

if [ -z "${ABCJOB_DATABASE_URL:-}${DATABASE_URL:-}" ] && ! named_here "$@" &&
  docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; then
  ABCJOB_USER="$(id -u):$(id -g)" # to whom the reports will belong
  export ABCJOB_USER
  docker compose up --detach --wait database >&2
  exec docker compose run --build --rm job run "$@"
fi

./build.sh
exec .venv/bin/python -m abcjob run "$@"
