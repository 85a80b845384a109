import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { ENGINE_PROFILES } from '../../charts/engine-profile';
import { fromRoot } from '../../core/project-root';
import { LLAMA_CMAKE_OPTIONS, LLAMA_SOURCE } from '../../runtime/engine/llama-source';
import { buildFraction } from '../../runtime/engine/progress';

const read = (name: string) => readFileSync(fromRoot('runtimes/llama-cpp', name), 'utf8');

describe('the llama.cpp recipe', () => {
  it('builds the source that the host build and the catalogue pin', () => {
    const script = read('build.sh');
    expect(script).toContain(`PACKAGE=${LLAMA_SOURCE.npmPackage}\n`);
    expect(script).toContain(`PACKAGE_SHA512=${Buffer.from(LLAMA_SOURCE.integrity.replace('sha512-', ''), 'base64').toString('hex')}\n`);
    expect(script).toContain(`BUNDLE_SHA256=${LLAMA_SOURCE.bundleSha256}\n`);
    expect(script).toContain(`COMMIT=${LLAMA_SOURCE.commit}\n`);
    const engine = loadCatalog().engines.find(({ name }) => name === 'llama.cpp');
    expect(engine?.version).toBe(LLAMA_SOURCE.tag);
    expect(JSON.stringify(engine?.artifacts)).toContain(LLAMA_SOURCE.bundleSha256);
  });

  it('is configured as the host build that is tested', () => {
    const script = read('build.sh').replace('"$(echo "$COMMIT" | cut -c1-8)"', LLAMA_SOURCE.commit.slice(0, 8));
    for (const option of LLAMA_CMAKE_OPTIONS) expect(script).toContain(option);
  });

  it('starts from given digests only, ends without compiler and not as root, where the chart looks for it', () => {
    const lines = read('Containerfile').split('\n');
    expect(lines.filter((line) => line.startsWith('FROM '))).toEqual(['FROM ${BUILD_BASE} AS build', 'FROM ${BASE}']);
    const last = lines.slice(lines.indexOf('FROM ${BASE}'));
    const [install = '', ...more] = last.filter((line) => line.startsWith('RUN '));
    expect(more).toEqual([]);
    // the chart's proxy and what fetches weights; no compiler, and no lists of packages left
    expect(install).toMatch(/^RUN apt-get update && apt-get install --yes --no-install-recommends nginx curl ca-certificates && rm -rf /);
    expect(last.indexOf(install)).toBeLessThan(last.indexOf('USER 65532:65532'));
    expect(last).toContain('USER 65532:65532');
    expect(last).toContain(`ENTRYPOINT ["${ENGINE_PROFILES['llama.cpp'].command[0]}"]`);
    for (const label of ['licenses', 'source', 'base.name', 'title'])
      expect(last.join('\n')).toContain(`org.opencontainers.image.${label}=`);
  });

  it('says that it serves a different model', () => {
    expect(read('README.md')).toContain('**llama.cpp does not serve LLaVA-OneVision-1.5, nor 1.0.**');
    expect(read('README.md')).toContain('different model');
  });
});

describe('buildFraction', () => {
  it.each([
    ['[12/48] Building CXX object\r[24/48] Building', 0.5],
    ['[ 25%] Building CXX object', 0.25],
    ['-- Configuring done', undefined],
  ])('%j', (piece, fraction) => {
    expect(buildFraction(piece)).toBe(fraction);
  });
});
