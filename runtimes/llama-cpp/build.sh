#!/bin/sh
# Builds llama-server from the pinned source into a folder: `build.sh OUT`. Needs npm, git, tar, sha256sum, cmake, ninja and a C++ compiler.
# The same source as runtime/engine/llama-source.ts; here without the instructions of one CPU, since an image runs on many.
set -eu

OUT=$(mkdir -p "$1" && cd "$1" && pwd)
PACKAGE=node-llama-cpp@3.22.1
PACKAGE_SHA512=6e5b488a9b9699cd76dc7eed30880318a4ac4ab866865418795502e3c5d38d55bb5c624988927209d95333343f2e25a83e4183a5c2f816f883a60c3ba9f4e20f
BUNDLE_SHA256=5f5d1105d5df040738d87b8290e5d17e7362131cdcfdb0831618e0ea528b4a51
COMMIT=de3ff815ea7d559ee917f063901b8986f038abc6

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT INT TERM
cd "$WORK"

npm pack "$PACKAGE" --ignore-scripts --loglevel=error >/dev/null
echo "$PACKAGE_SHA512  node-llama-cpp-3.22.1.tgz" | sha512sum --check --quiet
tar -xzf node-llama-cpp-3.22.1.tgz package/llama/gitRelease.bundle
echo "$BUNDLE_SHA256  package/llama/gitRelease.bundle" | sha256sum --check --quiet
git -c advice.detachedHead=false clone --quiet package/llama/gitRelease.bundle source
test "$(git -C source rev-parse HEAD)" = "$COMMIT"

cmake -S source -B build -G Ninja \
  -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
  -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DCMAKE_EXE_LINKER_FLAGS="-static-libstdc++ -static-libgcc" \
  -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
  -DLLAMA_BUILD_IS_DEV=OFF -DLLAMA_BUILD_NUMBER=0 -DLLAMA_BUILD_COMMIT="$(echo "$COMMIT" | cut -c1-8)" >configure.log
cmake --build build --target llama-server

install -D -m 0755 -s build/bin/llama-server "$OUT/app/llama-server"
mkdir -p "$OUT/licenses"
cp source/LICENSE "$OUT/licenses/LICENSE-llama.cpp"
cp source/licenses/* "$OUT/licenses/"
for file in $(cd source/vendor && find . -iname 'licen[sc]e*' | sed 's#^\./##'); do
  cp "source/vendor/$file" "$OUT/licenses/LICENSE-$(dirname "$file" | tr / -)"
done
