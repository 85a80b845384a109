import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';

/** The linter must catch a planted violation; a rule that looks at nothing would pass silently. */
describe('npm run lint', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovkit-lint-'));
    const config = JSON.parse(readFileSync(fromRoot('biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function lint(files: Readonly<Record<string, string>>): { status: number | null; output: string } {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const run = spawnSync(process.execPath, [fromRoot('node_modules/@biomejs/biome/bin/biome'), 'lint', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status: run.status, output: run.stdout + run.stderr };
  }

  const target = {
    'stacks/b.ts': 'export const b = 1;\n',
    'planning/plan.ts': 'export const plan = 1;\n',
    'planning/fit.ts': 'export const fit = 1;\n',
  };

  it('accepts imports in the right direction', () => {
    const run = lint({ ...target, 'stacks/a.ts': "import { plan } from '../planning/plan';\n\nexport const a = plan;\n" });
    expect(run.output).not.toContain('noRestrictedImports');
    expect(run.status).toBe(0);
  });

  it.each([
    ['planning imports stacks', 'planning/a.ts', '../stacks/b', 'b', 'planning/ must not import stacks/'],
    ['reports import the logic of planning', 'reports/html/a.ts', '../../planning/fit', 'fit', 'reports/ must not import planning/'],
    ['rollout imports stacks', 'rollout/a.ts', '../stacks/b', 'b', 'rollout/ must not import stacks/'],
    ['aws imports stacks', 'aws/a.ts', '../stacks/b', 'b', 'aws/ must not import stacks/'],
    ['planning reads files', 'planning/a.ts', 'node:fs', 'readFileSync', 'planning/ is pure'],
    ['the root of a provider package', 'stacks/a.ts', '@cdktf/provider-aws', 'vpc', 'Import the deep path'],
  ])('refuses: %s', (_name, file, from, what, message) => {
    const run = lint({ ...target, [file]: `import { ${what} } from '${from}';\n\nexport const a = ${what};\n` });
    expect(run.output).toContain(message);
    expect(run.status).not.toBe(0);
  });

  it('refuses an import cycle', () => {
    const run = lint({
      'core/a.ts': "import { b } from './b';\n\nexport const a = (): number => b();\n",
      'core/b.ts': "import { a } from './a';\n\nexport const b = (): number => a();\n",
    });
    expect(run.output).toContain('noImportCycles');
    expect(run.status).not.toBe(0);
  });
});
