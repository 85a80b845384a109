/** Where llama-server comes from: the whole source of llama.cpp as a git bundle inside an npm package. */
export const LLAMA_SOURCE = {
  npmPackage: 'node-llama-cpp@3.22.1',
  /** `dist.integrity` of the package in the npm registry, read 2026-11-23. */
  integrity: 'sha512-bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==',
  bundle: 'package/llama/gitRelease.bundle',
  bundleSha256: '5f5d1105d5df040738d87b8290e5d17e7362131cdcfdb0831618e0ea528b4a51',
  /** llama/llama.cpp.info.json of the package. */
  tag: 'v0.5.0',
  /** HEAD of the bundle: one squashed commit. */
  commit: 'de3ff815ea7d559ee917f063901b8986f038abc6',
} as const;

/**
 * CMake options of the host build: one binary without TLS, tests, examples and the web page (which the build would download).
 * Options as in llama.cpp v0.5.0 CMakeLists.txt, the same as in runtimes/llama-cpp/build.sh. Not built for this CPU alone (GGML_NATIVE): virtual
 * machines announce AMX and then kill a process that uses it ("Illegal instruction", measured 2026-11-26), and a cache moves between machines.
 */
export const LLAMA_CMAKE_OPTIONS = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DGGML_NATIVE=OFF',
  '-DLLAMA_OPENSSL=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_APP=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
  '-DLLAMA_BUILD_IS_DEV=OFF',
  '-DLLAMA_BUILD_NUMBER=0',
  '-DLLAMA_BUILD_COMMIT=de3ff815',
] as const;

export const LLAMA_TARGET = 'llama-server';
