import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { withImage } from '../../runtime/image/write-digest';

const IMAGE = { digest: `sha256:${'ab'.repeat(32)}`, repository: '123456789012.dkr.ecr.us-east-1.amazonaws.com/puppet-show' };
const RELEASE = readFileSync(fromRoot('release.yaml'), 'utf8');
const write = (text: string, image = IMAGE) => withImage(text, image, 'release.yaml');

/** The release with another block under engine.image. */
const withBlock = (block: string) => RELEASE.replace(/ {2}image:\n(?: {4}.*\n)+/, block);

const UNBUILT = [
  'release.yaml',
  ...readdirSync(fromRoot('examples'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `examples/${name}`),
].filter((file) => /state: unbuilt/.test(readFileSync(fromRoot(file), 'utf8')));

describe('writing the digest into a release file', () => {
  it.each(UNBUILT)('%s: changes the two entries of the image and no other byte', (file) => {
    const text = readFileSync(fromRoot(file), 'utf8');
    const expected = text
      .replace(/^( +)state: unbuilt$/m, `$1digest: ${IMAGE.digest}`)
      .replace(/^( +)recipe: .*$/m, `$1repository: ${IMAGE.repository}`);
    expect(write(text)).toBe(expected);
  });

  it('is the same whether written once or again, and the last digest wins', () => {
    const other = { ...IMAGE, digest: `sha256:${'cd'.repeat(32)}` };
    expect(write(write(RELEASE))).toBe(write(RELEASE));
    expect(write(write(RELEASE), other)).toBe(write(RELEASE, other));
  });

  it('keeps comments and blank lines anywhere, trailing spaces, and the line ends of Windows', () => {
    const lines = RELEASE.split('\n');
    const isComment = fc.constantFrom('# a note: state: unbuilt', '', '   ', '#recipe: elsewhere', '      # digest: sha256:00');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(lines.length - 1), isComment), { maxLength: 12 }), fc.boolean(), (insertions, windows) => {
        const noisy = [...lines];
        for (const [at, line] of [...insertions].sort((a, b) => b[0] - a[0])) noisy.splice(at, 0, line);
        const text = noisy.join(windows ? '\r\n' : '\n');
        const changed = write(text).split('\n');
        const before = text.split('\n');
        expect(changed.length).toBe(before.length);
        const different = before.map((line, index) => [line, changed[index]] as const).filter(([a, b]) => a !== b);
        const end = windows ? '\r' : '';
        expect(different).toEqual([
          [`    state: unbuilt${end}`, `    digest: ${IMAGE.digest}${end}`],
          [`    recipe: runtimes/vllm-onevision${end}`, `    repository: ${IMAGE.repository}${end}`],
        ]);
      }),
    );
  });

  it.each([
    [
      'the recipe first',
      '  image:\n    recipe: runtimes/vllm\n    state: unbuilt # still\n',
      `  image:\n    repository: ${IMAGE.repository}\n    digest: ${IMAGE.digest} # still\n`,
    ],
    [
      'quotes',
      '  image:\n    "state": \'unbuilt\'\n    recipe: "runtimes/vllm"\n',
      `  image:\n    digest: ${IMAGE.digest}\n    repository: ${IMAGE.repository}\n`,
    ],
    [
      'braces',
      '  image: { state: unbuilt, recipe: runtimes/vllm } # one line\n',
      `  image: { digest: ${IMAGE.digest}, repository: ${IMAGE.repository} } # one line\n`,
    ],
    [
      'a digest without repository',
      `  image:\n    # old\n    digest: sha256:${'00'.repeat(32)} # from May\n`,
      `  image:\n    # old\n    digest: ${IMAGE.digest}\n    repository: ${IMAGE.repository} # from May\n`,
    ],
    [
      'a digest in braces',
      `  image: {digest: "sha256:${'00'.repeat(32)}"}\n`,
      `  image: {digest: ${IMAGE.digest}, repository: ${IMAGE.repository}}\n`,
    ],
  ])('edits %s', (_name, block, expected) => {
    expect(write(withBlock(block))).toBe(withBlock(expected));
  });

  it.each([
    ['an image that is an alias', RELEASE.replace('metadata:', 'metadata: &m').replace(/ {2}image:\n(?: {4}.*\n)+/, '  image: *m\n')],
    ['a binary on the host', withBlock('  image:\n    state: host\n    binary: llama-server\n    source: npm:node-llama-cpp@3.22.1\n')],
    [
      'an anchor that something else follows',
      RELEASE.replace('recipe: runtimes/vllm-onevision', 'recipe: &r runtimes/vllm-onevision').replace(
        'owner: bbs-puppet-show',
        'owner: *r',
      ),
    ],
    ['a release that is broken', RELEASE.replace('name: puppet-show', 'name: Puppet Show')],
  ])('refuses %s and says so', (_name, text) => {
    expect(() => write(text)).toThrow(/E_RELEASE_EDIT|E_YAML_SYNTAX/);
  });

  it('refuses a digest that the schema would not take', () => {
    expect(() => write(RELEASE, { ...IMAGE, digest: 'latest' })).toThrow(/E_RELEASE_EDIT/);
  });
});
