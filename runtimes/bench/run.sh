#!/bin/sh
# Runs every job of this bundle on this machine and leaves out/<job>.json: `sh run.sh [WORK]`. Needs Linux on x86-64 and, but for tiny jobs, a GPU.
# Python: $PYTHON, which may have vLLM already; otherwise the packages of image.lock.txt are installed, from wheels/ where that folder is
# there, and from the package index where it is not. `sh run.sh wheels` fills wheels/ on a machine that reaches the index (about 4 GB).
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3.11}
LOCK="--require-hashes --no-deps --only-binary :all: -r image.lock.txt"

if [ "${1:-}" = wheels ]; then
  exec "$PYTHON" -m pip download $LOCK --dest wheels
fi
if ! "$PYTHON" -c 'import vllm' 2>/dev/null; then
  [ -x env/bin/python ] || "$PYTHON" -m venv env
  PYTHON=$PWD/env/bin/python
  if [ -d wheels ]; then
    "$PYTHON" -m pip install --quiet --no-index --find-links wheels $LOCK
  else
    "$PYTHON" -m pip install --quiet $LOCK
  fi
fi
WORK=${1:-$PWD/work}
mkdir -p out
export PYTHONPATH="$PWD/bench:$PWD/plugin" HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
failed=0
for job in jobs/*.json; do
  name=$(basename "$job" .json)
  "$PYTHON" -m onevision_bench --job "$job" --work "$WORK/$name" --out "out/$name.json" || failed=1
done
exit "$failed"
