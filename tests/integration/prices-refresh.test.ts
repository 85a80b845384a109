import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { offerJson, writePieces } from '../catalog/price-list-file';

/** A regional file of AmazonEC2 has 200 to 400 MB. */
const FILL_BYTES = 260e6;
const REGION = 'us-east-1';
/** Far below the size of the file; what Node and the catalogue take alone is about 110 MB. */
const MAX_RSS_MB = 260;

let folder: string;
let list: string;
let catalog: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ovkit-price-list-'));
  list = join(folder, 'index.json');
  catalog = join(folder, 'catalog');
  const price = (type: string) => {
    const usd = loadCatalog().instances.find((instance) => instance.type === type)?.price[REGION]?.usdPerHour;
    return usd === null || usd === undefined ? undefined : type === 'g6.xlarge' ? 0.75 : usd;
  };
  await writePieces(list, offerJson(loadCatalog(), { region: REGION, price, fillBytes: FILL_BYTES }));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `ovkit prices refresh` in a process of its own, with the most memory it ever held. */
async function refresh(): Promise<{ code: number | null; stdout: string; stderr: string; maxRssMb: number; seconds: number }> {
  cpSync(fromRoot('catalog'), catalog, { recursive: true, filter: (source) => !source.endsWith('.ts') });
  const program = `process.on('exit', () => process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS));
    require(${JSON.stringify(fromRoot('dist/scripts/ovkit.js'))}).main(process.argv.slice(1));`;
  const args = ['-e', program, 'prices', 'refresh', '--from', list, '--region', REGION, '--catalog', catalog, '--json'];
  const started = Date.now();
  const child = spawn(process.execPath, args, { cwd: fromRoot('.') });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const maxRssMb = Number(/maxRSS (\d+)/.exec(stderr)?.[1]) / 1024;
  return { code, stdout, stderr, maxRssMb, seconds: (Date.now() - started) / 1000 };
}

describe('a price list of the real size', () => {
  it('is read as it streams by, in bounded memory', async () => {
    expect(statSync(list).size).toBeGreaterThan(200e6);
    const result = await refresh();
    expect(result.stderr).toMatch(/^maxRSS \d+$/);
    expect(result.code).toBe(0);
    console.info(
      `${(statSync(list).size / 1e6).toFixed(0)} MB in ${result.seconds.toFixed(1)} s, at most ${result.maxRssMb.toFixed(0)} MB of memory`,
    );
    expect(result.maxRssMb).toBeLessThan(MAX_RSS_MB);
    const { changes } = JSON.parse(result.stdout) as { changes: { what: string; to: number | null }[] };
    expect(changes).toContainEqual(expect.objectContaining({ what: 'g6.xlarge', to: 0.75 }));
    expect(readFileSync(join(catalog, 'instances.json'), 'utf8')).toContain('"us-east-1": {"usdPerHour": 0.75, "basis": "sourced"');
  }, 120_000);

  it('changes nothing when it is cut off', async () => {
    truncateSync(list, statSync(list).size - 1000);
    const result = await refresh();
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout).problems[0]).toMatchObject({
      code: 'E_PRICE_LIST',
      message: expect.stringContaining('ends in the middle'),
    });
    for (const name of ['instances.json', 'prices.json']) {
      expect(readFileSync(join(catalog, name), 'utf8')).toBe(readFileSync(fromRoot(join('catalog', name)), 'utf8'));
    }
  }, 120_000);
});
