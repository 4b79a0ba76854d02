#!/usr/bin/env bash
# Makes .venv with the package in it, and what an option asks for besides:
#   ./build.sh            .venv, ready to run
#   ./build.sh --test     ... and every check that CI runs
#   ./build.sh --soak     ... thousands of kills, a hundred thousand hostile files and events (hours)
#   ./build.sh --bench    ... and measures the large sizes for docs/benchmarks.md (ten minutes)
#   ./build.sh --image    the container image abcjob, by docker, podman or buildah
#   ./build.sh --lock     requirements*.txt anew, from pyproject.toml
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -n "$name" ] && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$name"
      return
    fi
  done
  say "build.sh: found no Python 3.11 or newer with venv; install one (Debian: python3-venv), or name it with PYTHON"
  exit 2
}

# install LOCK: .venv with what the lock names, and the package, unless all is there already.
install() {
  local lock=$1 stamp=".venv/installed-from-$1" wanted
  wanted=$(cat requirements*.txt pyproject.toml | cksum)
  # One at a time: cron and somebody at a terminal may both be the first.
  if command -v flock >/dev/null; then
    exec 9>.build.lock
    flock 9
  fi
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && .venv/bin/python -I -c 'import abcjob' 2>/dev/null; then
    return
  fi
  local python
  if ! .venv/bin/python -c '' 2>/dev/null; then
    python=$(find_python) || exit 2
    "$python" -m venv --clear .venv
  fi
  say "installing $lock into .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock" >&2
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . >&2
  printf '%s\n' "$wanted" >"$stamp"
}

# A browser for the tests of reports, where one may be installed.
browser() {
  if command -v chromium >/dev/null; then return; fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing chromium"
    if { apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium; } >&2; then
      return
    fi
  fi
  say "chromium is not installed: no report was looked at in a browser (Debian: apt-get install chromium)"
}

check() {
  install requirements-dev.txt
  browser
  local bin=.venv/bin
  "$bin/ruff" check .
  "$bin/ruff" format --check .
  "$bin/mypy"
  "$bin/sqlfluff" lint sql tests
  if command -v shellcheck >/dev/null; then
    shellcheck build.sh start.sh .ci/run
  else
    say "shellcheck is not installed: the scripts were not checked"
  fi
  # Side by side, as each of them waits a good part of its time; halves by what was measured.
  local said ended=0 half=(tests/browser tests/faults tests/jobs/test_jukebox{,_inbox,_golden,_readers,_runs}.py)
  said=$(mktemp)
  "$bin/pytest" "${half[@]}" >"$said" 2>&1 &
  others=$!
  trap 'kill "$others" 2>/dev/null || true' EXIT
  "$bin/pytest" "${half[@]/#/--ignore=}" || ended=$?
  wait "$others" || ended=$?
  trap - EXIT
  cat "$said"
  rm "$said"
  return "$ended"
}

soak() {
  install requirements-dev.txt
  ABCJOB_TEST_KILLS="${ABCJOB_TEST_KILLS:-3000}" ABCJOB_TEST_EXAMPLES="${ABCJOB_TEST_EXAMPLES:-20000}" \
    .venv/bin/pytest tests/faults tests/test_sources.py tests/test_kinds.py tests/test_arrays.py \
    tests/test_rules.py tests/test_fields.py tests/jobs/test_jukebox_lines.py
}

bench() {
  install requirements-dev.txt
  install requirements-bench.txt
  .venv/bin/python tests/benchmarks/large.py
}

image() {
  local tool arguments=(--tag abcjob)
  # The base, and how to reach packages, are the builder's own: given from outside, kept out of
  # the image.
  if [ -n "${ABCJOB_IMAGE_BASE:-}" ]; then arguments+=(--build-arg "BASE=$ABCJOB_IMAGE_BASE"); fi
  if [ -n "${PIP_CONFIG_FILE:-}" ]; then arguments+=(--secret "id=pip,src=$PIP_CONFIG_FILE"); fi
  if [ -n "${PIP_CERT:-}" ]; then arguments+=(--secret "id=certificates,src=$PIP_CERT"); fi
  for tool in docker podman buildah; do
    if ! command -v "$tool" >/dev/null || ! "$tool" info >/dev/null 2>&1; then continue; fi
    # Without buildx, docker has its old builder, which knows no secrets.
    if [ "$tool" = docker ] && ! docker buildx version >/dev/null 2>&1; then continue; fi
    say "building the image abcjob with $tool"
    "$tool" build "${arguments[@]}" .
    return
  done
  say "build.sh: found neither a Docker engine that answers nor podman nor buildah; install one"
  exit 2
}

lock() {
  install requirements-dev.txt
  local common=(--universal --generate-hashes --python-version 3.11 --no-emit-index-url --quiet
    --custom-compile-command './build.sh --lock')
  .venv/bin/uv pip compile "${common[@]}" --group build pyproject.toml --output-file requirements.txt
  .venv/bin/uv pip compile "${common[@]}" --group build --group dev --constraint requirements.txt \
    pyproject.toml --output-file requirements-dev.txt
  .venv/bin/uv pip compile "${common[@]}" --group bench --constraint requirements-dev.txt \
    pyproject.toml --output-file requirements-bench.txt
}

case "${1:-}" in
"") install requirements.txt ;;
--test) check ;;
--soak) soak ;;
--bench) bench ;;
--image) image ;;
--lock) lock ;;
*)
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac
