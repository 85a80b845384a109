import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readWeightFiles } from '../../planning/estimate/weight-files';
import { type ByteSource, truncated } from '../../planning/estimate/weight-files/byte-source';
import { loadedBytes } from '../../planning/estimate/weight-files/weight-file';
import { gguf, safetensors } from './weight-bytes';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Serves on this machine and gives back the address of a file. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`;
}

const noLocal = (): Promise<ByteSource> => Promise.reject(new Error('nothing local'));
const http = { fetch, signal: new AbortController().signal, allowHttp: true, timeoutMs: 2000 };
const read = (...places: string[]) => readWeightFiles(places, noLocal, http);
const inMemory =
  (bytes: Uint8Array) =>
  (name: string): Promise<ByteSource> =>
    Promise.resolve({
      name,
      size: bytes.length,
      read: async (offset: number, length: number) => {
        if (offset + length > bytes.length) throw truncated(name, offset, length, Math.max(0, bytes.length - offset));
        return bytes.slice(offset, offset + length);
      },
    });
const readBytes = (bytes: Uint8Array) => readWeightFiles(['model'], inMemory(bytes), http);

const SOUND = safetensors(
  {
    __metadata__: { format: 'pt' },
    a: { dtype: 'BF16', shape: [4, 8], data_offsets: [0, 64] },
    b: { dtype: 'F32', shape: [8], data_offsets: [64, 96] },
  },
  96,
);

/** A server that gives ranges as it should, and counts what it sent. */
function ranges(bytes: Uint8Array, sent: { bytes: number } = { bytes: 0 }): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    const part = bytes.slice(Number(from), Number(to) + 1);
    sent.bytes += part.length;
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}`, 'content-length': part.length });
    response.end(part);
  };
}

describe('safetensors', () => {
  it('gives its tensors, and halves 32-bit floats that are served in 16 bit', async () => {
    const files = await readBytes(SOUND);
    expect(files[0]?.tensors.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['a', 64],
      ['b', 32],
    ]);
    expect([loadedBytes(files, true), loadedBytes(files, false)]).toEqual([80, 96]);
  });

  it.each([
    ['a header longer than the file', safetensors({}, 0, 1e9)],
    ['a header of many gigabytes', safetensors({}, 0, 2 ** 52)],
    ['offsets behind the end', safetensors({ a: { dtype: 'BF16', shape: [4], data_offsets: [0, 8] } }, 4)],
    ['a size that its shape contradicts', safetensors({ a: { dtype: 'BF16', shape: [4], data_offsets: [0, 4] } }, 4)],
    ['data that no tensor names', safetensors({ a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, 40)],
    ['a header that is no JSON', safetensors('{"a":', 0)],
    ['a tensor without shape', safetensors({ a: { dtype: 'U8' } }, 0)],
    ['three bytes', new Uint8Array(3)],
  ])('is refused with %s', async (_what, bytes) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({ problems: [{ code: 'E_WEIGHTS_HEADER' }] });
  });
});

describe('GGUF', () => {
  const sound = gguf([['token_embd.weight', [32, 10], 8, 0]], 340);

  it('tells the shape of its model, and that the embedding is tied without an output tensor', async () => {
    const [file] = await readBytes(sound);
    expect(file?.config).toMatchObject({
      architecture: 'LlamaForCausalLM',
      tied: true,
      text: { num_hidden_layers: 2, vocab_size: 10, hidden_size: 32, num_attention_heads: 4, num_key_value_heads: 2 },
    });
    expect(loadedBytes(file ? [file] : [], true)).toBe(sound.length);
  });

  it.each([
    ['tensors behind its end', gguf([['token_embd.weight', [32, 10], 8, 0]], 100)],
    ['more tensors than it has', gguf([['token_embd.weight', [32, 10], 8, 0]], 340, { claimedTensors: 900 })],
    ['a billion tensors', gguf([], 0, { claimedTensors: 1e9 })],
    ['a type that nobody knows', gguf([['token_embd.weight', [32, 10], 77, 0]], 340)],
  ])('is refused with %s', async (_what, bytes) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({ problems: [{ code: 'E_WEIGHTS_HEADER' }] });
  });
});

describe('over http', () => {
  it('reads the header by ranges and never the whole file', async () => {
    const large = safetensors({ a: { dtype: 'U8', shape: [5_000_000], data_offsets: [0, 5_000_000] } }, 5_000_000);
    const sent = { bytes: 0 };
    const [file] = await read(await serve(ranges(large, sent)));
    expect(file?.fileBytes).toBe(large.length);
    expect(sent.bytes).toBeLessThan(200);
  });

  it('follows a redirect', async () => {
    const target = await serve(ranges(SOUND));
    const [file] = await read(await serve((_request, response) => response.writeHead(302, { location: target }).end()));
    expect(file?.tensors).toHaveLength(2);
  });

  it.each<[string, string, RequestListener]>([
    ['ignores ranges', 'E_WEIGHTS_NO_RANGE', (_request, response) => response.writeHead(200).end(Buffer.alloc(1e6))],
    ['is not there', 'E_WEIGHTS_HTTP', (_request, response) => response.writeHead(404).end()],
    [
      'answers with another range',
      'E_WEIGHTS_HTTP',
      (_request, response) => response.writeHead(206, { 'content-range': 'bytes 5-5/96' }).end('x'),
    ],
    ['does not say which range it gives', 'E_WEIGHTS_HTTP', (_request, response) => response.writeHead(206).end('x')],
    [
      'sends more than asked',
      'E_WEIGHTS_HTTP',
      (_request, response) => response.writeHead(206, { 'content-range': 'bytes 0-0/96' }).end('xxxxxxxx'),
    ],
    [
      'sends less than asked',
      'E_WEIGHTS_TRUNCATED',
      (_request, response) => response.writeHead(206, { 'content-range': 'bytes 0-0/96' }).end(),
    ],
    [
      'breaks off',
      'E_WEIGHTS_TRUNCATED',
      (_request, response) => {
        response.writeHead(206, { 'content-range': 'bytes 0-0/96', 'content-length': 1 });
        response.flushHeaders();
        response.destroy();
      },
    ],
    ['redirects without a place', 'E_WEIGHTS_REDIRECT', (_request, response) => response.writeHead(302).end()],
    ['redirects for ever', 'E_WEIGHTS_REDIRECT', (_request, response) => response.writeHead(302, { location: '/again' }).end()],
    [
      'redirects to another scheme',
      'E_WEIGHTS_HTTP',
      (_request, response) => response.writeHead(302, { location: 'ftp://example.org/x' }).end(),
    ],
  ])('a server that %s is refused', async (_what, code, listener) => {
    await expect(read(await serve(listener))).rejects.toMatchObject({ problems: [{ code }] });
  });

  it('a server that lies about the length of the file is refused', async () => {
    const short = SOUND.slice(0, SOUND.length - 10);
    await expect(read(await serve(ranges(short)))).rejects.toMatchObject({ problems: [{ code: 'E_WEIGHTS_HEADER' }] });
    let calls = 0;
    const changing: RequestListener = (request, response) => {
      calls += 1;
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${to}/${SOUND.length + calls}` })
        .end(SOUND.slice(Number(from), Number(to) + 1));
    };
    await expect(read(await serve(changing))).rejects.toMatchObject({ problems: [{ code: 'E_WEIGHTS_HTTP' }] });
  });

  it('a server that says nothing runs into the time limit, plain http is not read, and Ctrl-C ends it', async () => {
    const silent = await serve(() => undefined);
    await expect(readWeightFiles([silent], noLocal, { ...http, timeoutMs: 50 })).rejects.toMatchObject({
      problems: [{ code: 'E_WEIGHTS_HTTP' }],
    });
    await expect(readWeightFiles([silent], noLocal, { ...http, allowHttp: false })).rejects.toMatchObject({
      problems: [{ code: 'E_WEIGHTS_HTTP' }],
    });
    await expect(readWeightFiles([silent], noLocal, { ...http, signal: AbortSignal.abort() })).rejects.toMatchObject({
      problems: [{ code: 'E_WEIGHTS_HTTP' }],
    });
  });
});
