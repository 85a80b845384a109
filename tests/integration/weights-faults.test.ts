import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { weightsManifest } from '../../charts/weights-files';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { notRun } from './requirements';

const CONTENT = Buffer.from('the weights of the show, page after page\n'.repeat(5_000));
const SCRIPT = fromRoot('charts', 'onevision', 'files', 'weights.sh');

describe('the weights when their source misbehaves', () => {
  if (spawnSync('curl', ['--version']).status !== 0) return notRun('the weights when their source misbehaves', 'curl is not on the PATH');
  const scratch = mkdtempSync(join(tmpdir(), 'ovkit-weights-faults-'));
  let runs = 0;
  let server: Server | undefined;
  let asked: { readonly url: string; readonly range: number }[] = [];
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
    asked = [];
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** A source that answers like this, by the number of the request. */
  const source = async (answer: (from: number, count: number, ...rest: Parameters<RequestListener>) => void): Promise<string> => {
    server = createServer((request, response) => {
      const range = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      asked.push({ url: request.url ?? '', range });
      answer(range, asked.length, request, response);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/show`;
  };
  /** All that is missing, as a server that knows ranges sends it. */
  const good = (from: number, response: Parameters<RequestListener>[1], bytes = CONTENT): void => {
    if (from >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': bytes.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    response.end(bytes.subarray(from));
  };
  const prepare = (url: string, more: Readonly<Record<string, string>> = {}) => {
    const folder = join(scratch, `run-${runs++}`);
    mkdirSync(folder);
    const manifest = join(folder, 'manifest');
    writeFileSync(manifest, weightsManifest([{ path: 'a/model.bin', sha256: sha256Hex(CONTENT) }]));
    const env = {
      PATH: process.env.PATH,
      WEIGHTS_FOLDER: folder,
      WEIGHTS_MANIFEST: manifest,
      WEIGHTS_SOURCE: url,
      WEIGHTS_PAUSE_SECONDS: '0',
      TERMINATION_MESSAGE_FILE: join(folder, 'message'),
      ...more,
    };
    return { folder, env, file: join(folder, 'a/model.bin'), message: () => readFileSync(join(folder, 'message'), 'utf8') };
  };
  const run = async (env: Readonly<Record<string, string | undefined>>) =>
    (await runProcess('/bin/sh', [SCRIPT], { env, timeoutMs: 60_000 })).exitCode;

  it('goes on where an answer was cut off, until all is there', async () => {
    const url = await source((from, count, _request, response) => {
      if (count > 3) return good(from, response);
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': CONTENT.length - from,
        'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}`,
      });
      response.write(CONTENT.subarray(from, from + 50_000), () => response.destroy());
    });
    const { env, file } = prepare(url);
    expect(await run(env)).toBe(0);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
    expect(asked.map(({ range }) => range)).toEqual([0, 50_000, 100_000, 150_000]);
  });

  it('keeps what came, and says what curl said, when the source is cut off again and again', async () => {
    const url = await source((from, _count, _request, response) => {
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': CONTENT.length - from,
        'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}`,
      });
      response.write(CONTENT.subarray(from, from + 1_000), () => response.destroy());
    });
    const { env, file, message } = prepare(url);
    expect(await run(env)).toBe(1);
    expect(message()).toMatch(/^OVK-WGT: a\/model\.bin cannot be fetched from http.*curl: \(\d+\)/s);
    expect(statSync(`${file}.part`).size).toBe(6_000);
    expect(asked).toHaveLength(6);
  });

  it.each([401, 403, 404, 410])('does not ask again after HTTP %i, and says so', async (status) => {
    const url = await source((_from, _count, _request, response) => void response.writeHead(status).end('<html>no</html>'));
    const { env, file, message } = prepare(url);
    expect(await run(env)).toBe(1);
    expect(message()).toContain(`HTTP ${status}`);
    expect(asked).toHaveLength(1);
    expect(existsSync(file)).toBe(false);
  });

  it.each([408, 429, 500, 503])('asks again after HTTP %i', async (status) => {
    const url = await source((from, count, _request, response) =>
      count < 3 ? void response.writeHead(status).end() : good(from, response),
    );
    const { env, file } = prepare(url);
    expect(await run(env)).toBe(0);
    expect(asked).toHaveLength(3);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it('takes HTTP 416 for the end: all was there when it was killed before the file got its name', async () => {
    const url = await source((from, _count, _request, response) => good(from, response));
    const { env, folder, file } = prepare(url);
    mkdirSync(join(folder, 'a'));
    writeFileSync(`${file}.part`, CONTENT);
    expect(await run(env)).toBe(0);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it('begins anew when what was kept is of another file, at the next start', async () => {
    const url = await source((from, _count, _request, response) => good(from, response));
    const { env, folder, file, message } = prepare(url);
    mkdirSync(join(folder, 'a'));
    writeFileSync(`${file}.part`, Buffer.alloc(100_000, 'x'));
    expect(await run(env)).toBe(1);
    expect(message()).toContain('the verdict is about');
    expect(await run(env)).toBe(0);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it('begins anew with a server that knows no ranges', async () => {
    const url = await source((_from, _count, _request, response) => good(0, response));
    const { env, folder, file } = prepare(url);
    mkdirSync(join(folder, 'a'));
    writeFileSync(`${file}.part`, CONTENT.subarray(0, 10));
    expect(await run(env)).toBe(0);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it('does not wait for a source that sends nothing', async () => {
    const url = await source((from, count, _request, response) => {
      if (count > 1) return good(from, response);
      response.writeHead(200, { 'content-length': CONTENT.length }).write(CONTENT.subarray(0, 10));
    });
    const { env } = prepare(url, { WEIGHTS_STALL_SECONDS: '1' });
    expect(await run(env)).toBe(0);
    expect(asked[1]?.range).toBe(10);
  });

  it('goes on after it was killed in the middle', async () => {
    const url = await source((from, count, _request, response) => {
      if (count > 1) return good(from, response);
      response.writeHead(200, { 'content-length': CONTENT.length }).write(CONTENT.subarray(0, 70_000));
    });
    const { env, file } = prepare(url);
    const first = spawn('/bin/sh', [SCRIPT], { env, stdio: 'ignore', detached: true });
    const kept = () => (existsSync(`${file}.part`) ? statSync(`${file}.part`).size : 0);
    await expect.poll(kept, { timeout: 20_000 }).toBeGreaterThan(60_000);
    process.kill(-(first.pid ?? 0), 'SIGKILL');
    await sleep(100);
    expect(await run(env)).toBe(0);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.range).toBeGreaterThan(60_000);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it('follows the Hub to where it keeps files, and goes on there', async () => {
    const url = await source((from, _count, request, response) => {
      if (request.url?.startsWith('/show')) return void response.writeHead(302, { location: '/lfs/model.bin?signature=x' }).end();
      good(from, response);
    });
    const { env, folder, file } = prepare(url);
    mkdirSync(join(folder, 'a'));
    writeFileSync(`${file}.part`, CONTENT.subarray(0, 1_000));
    expect(await run(env)).toBe(0);
    expect(asked.map((one) => one.url)).toEqual(['/show/a/model.bin', '/lfs/model.bin?signature=x']);
    expect(asked[1]?.range).toBe(1_000);
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  const onFullDisk = 'says that the disk is full, and keeps no file under its name';
  if (!existsSync('/dev/full')) notRun(onFullDisk, 'there is no /dev/full');
  it.runIf(existsSync('/dev/full'))(onFullDisk, async () => {
    const url = await source((from, _count, _request, response) => good(from, response));
    const { env, folder, file, message } = prepare(url);
    mkdirSync(join(folder, 'a'));
    // every write to it fails as on a full disk
    spawnSync('ln', ['-s', '/dev/full', `${file}.part`]);
    expect(await run(env)).toBe(1);
    expect(message()).toContain('the volume is full or read-only');
    expect(existsSync(file)).toBe(false);
  });

  it('takes no page of a proxy for weights', async () => {
    const url = await source((_from, _count, _request, response) => void response.end('<html>please log in</html>'));
    const { env, file, message } = prepare(url);
    expect(await run(env)).toBe(1);
    expect(message()).toContain(`the verdict is about ${sha256Hex(CONTENT)}`);
    expect(existsSync(file)).toBe(false);
  });
});
