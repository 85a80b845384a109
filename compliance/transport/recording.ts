import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { KitError } from '../../core/error';
import { writeFileAtomically } from '../../core/text-file';
import { type HttpAnswer, type HttpRequest, type Transport, TransportError, type TransportFailure } from './http';

const headers = z.record(z.string(), z.string()).default({});
const hop = z.strictObject({ url: z.string(), status: z.int(), to: z.string(), headers });

/** One recorded exchange: a JSON file a person can read and write. The body stands as `text`, as `json`, or as `base64`. */
const ExchangeSchema = z.strictObject({
  note: z.string().optional(),
  request: z.strictObject({
    method: z.enum(['GET', 'HEAD', 'POST']),
    url: z.url(),
    range: z.string().optional(),
    body: z.string().optional(),
  }),
  answer: z
    .strictObject({
      url: z.string().optional(),
      status: z.int(),
      headers,
      redirects: z.array(hop).default([]),
      text: z.string().optional(),
      json: z.unknown().optional(),
      base64: z.string().optional(),
    })
    .optional(),
  /** Instead of an answer. */
  failure: z.strictObject({ kind: z.string(), message: z.string() }).optional(),
});
type Exchange = z.output<typeof ExchangeSchema>;

/** Passes requests on and writes every exchange into a folder, for replay and for review. Tokens are left out. */
export function recording(transport: Transport, folder: string): Transport {
  mkdirSync(folder, { recursive: true });
  let count = readdirSync(folder).filter((name) => name.endsWith('.json')).length;
  const write = (exchange: Exchange): void => {
    count += 1;
    const name = new URL(exchange.request.url).pathname.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, MAX_NAME);
    writeFileAtomically(join(folder, `${String(count).padStart(4, '0')}${name}.json`), `${JSON.stringify(exchange, null, 2)}\n`);
  };
  return async (request) => {
    try {
      const answer = await transport(request);
      write({ request: keyed(request), answer: recorded(answer, request.secret === true) });
      return answer;
    } catch (error) {
      if (error instanceof TransportError) write({ request: keyed(request), failure: { kind: error.failure, message: error.message } });
      throw error;
    }
  };
}

/**
 * Answers from a folder of recorded exchanges and from nothing else. The same request several times gets its answers in order, the last
 * one for ever.
 * @throws KitError E_RECORDING_INVALID when the folder or a file of it cannot be used
 */
export function replaying(folder: string): Transport {
  const answers = new Map<string, Exchange[]>();
  for (const file of recordedFiles(folder)) {
    const exchange = readExchange(join(folder, file));
    const key = keyOf(exchange.request);
    answers.set(key, [...(answers.get(key) ?? []), exchange]);
  }
  return async (request) => {
    const rest = answers.get(keyOf(keyed(request)));
    const exchange = rest && rest.length > 1 ? rest.shift() : rest?.[0];
    if (exchange?.failure) throw new TransportError(exchange.failure.kind as TransportFailure, request.url, exchange.failure.message);
    if (!exchange?.answer)
      throw new TransportError('not-recorded', request.url, `${request.method} ${request.url} is not in the recording`);
    const { url, status, headers: names, redirects } = exchange.answer;
    return { url: url ?? request.url, status, headers: names, redirects, body: bodyOf(exchange.answer) };
  };
}

const MAX_NAME = 60;
const NEXT = 'name a folder that `ovkit lock refresh --record` wrote.';

function recordedFiles(folder: string): readonly string[] {
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
    : [];
  if (files.length > 0) return files;
  throw new KitError({
    code: 'E_RECORDING_INVALID',
    message: 'the folder holds no recorded exchange.',
    location: { file: folder },
    next: NEXT,
  });
}

function readExchange(file: string): Exchange {
  try {
    return ExchangeSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const message = `it is not a recorded exchange (${cause instanceof z.ZodError ? z.prettifyError(cause).split('\n')[0] : (cause as Error).message}).`;
    throw new KitError({ code: 'E_RECORDING_INVALID', message, location: { file }, next: NEXT }, { cause });
  }
}

function keyed(request: HttpRequest): Exchange['request'] {
  const range = request.headers?.range;
  return {
    method: request.method,
    url: request.url,
    ...(range === undefined ? {} : { range }),
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

function keyOf({ method, url, range, body }: Exchange['request']): string {
  return JSON.stringify([method, url, range ?? null, body ?? null]);
}

/** Cookies and tokens have no place in a repository. */
const LEFT_OUT: ReadonlySet<string> = new Set(['set-cookie', 'authorization', 'x-amz-security-token']);

function recorded(answer: HttpAnswer, secret: boolean): Exchange['answer'] {
  const kept = (all: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(all).filter(([name]) => !LEFT_OUT.has(name)));
  const common = {
    url: withoutQuery(answer.url, answer.redirects.length > 0),
    status: answer.status,
    headers: kept(answer.headers),
    // The targets of content networks are signed: what signs them is dropped.
    redirects: answer.redirects.map((each) => ({
      ...each,
      to: withoutQuery(each.to, true),
      headers: kept({ ...each.headers, location: withoutQuery(each.to, true) }),
    })),
  };
  if (secret) return { ...common, json: { token: 'left-out' } };
  const text = Buffer.from(answer.body).toString('utf8');
  return Buffer.from(text).equals(Buffer.from(answer.body))
    ? { ...common, text }
    : { ...common, base64: Buffer.from(answer.body).toString('base64') };
}

function withoutQuery(url: string, drop: boolean): string {
  return drop ? url.replace(/\?.*$/s, '') : url;
}

function bodyOf(answer: NonNullable<Exchange['answer']>): Uint8Array {
  if (answer.base64 !== undefined) return Buffer.from(answer.base64, 'base64');
  return Buffer.from(answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json)));
}
