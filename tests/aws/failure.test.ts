import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withClient } from '../../aws/client';
import { AWS_CODES } from '../../aws/codes';
import { failure, isMissing } from '../../aws/failure';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';

const asked = { service: 'EC2', region: 'eu-central-1' };
const sdkError = (name: string, message = 'as AWS says', more: object = {}) => Object.assign(new Error(message), { name }, more);
/** The failure as the kit's own error, which it must have become. */
const ofAws = (error: unknown): KitError => {
  const found = failure(error, asked);
  if (!(found instanceof KitError)) throw new Error(`not of AWS: ${found}`);
  return found;
};

describe('a failure of AWS becomes one message', () => {
  it.each([
    ['CredentialsProviderError', 'E_AWS_CREDENTIALS', 'aws sso login'],
    ['ExpiredTokenException', 'E_AWS_CREDENTIALS', 'aws sts get-caller-identity'],
    ['InvalidClientTokenId', 'E_AWS_CREDENTIALS', 'AWS_PROFILE'],
    ['AuthFailure', 'E_AWS_REGION', 'placement.region'],
    ['UnrecognizedClientException', 'E_AWS_REGION', 'aws account enable-region --region-name eu-central-1'],
    ['UnauthorizedOperation', 'E_AWS_DENIED', 'docs/iam.md'],
    ['AccessDeniedException', 'E_AWS_DENIED', 'docs/iam.md'],
    ['ThrottlingException', 'E_AWS_THROTTLED', 'wait a minute'],
    ['RequestLimitExceeded', 'E_AWS_THROTTLED', 'wait a minute'],
    ['TimeoutError', 'E_AWS_UNREACHABLE', 'proxy'],
    ['InternalFailure', 'E_AWS_SERVICE', 'run it again'],
  ])('%s: %s', (name, code, next) => {
    const error = ofAws(sdkError(name, 'as AWS says', { $fault: 'server' }));
    expect(error.code).toBe(code);
    expect(error.message).toContain('as AWS says');
    expect(error.message).toContain(next);
    expect(error.message).not.toContain('\n');
  });

  it.each([
    [{ code: 'ENOTFOUND' }, 'E_AWS_UNREACHABLE'],
    [{ errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }] }, 'E_AWS_UNREACHABLE'],
    [{ cause: { code: 'ECONNRESET' } }, 'E_AWS_UNREACHABLE'],
    [{ $metadata: { httpStatusCode: 403 } }, 'E_AWS_DENIED'],
    [{ $metadata: { httpStatusCode: 429 } }, 'E_AWS_THROTTLED'],
    [{ $metadata: { httpStatusCode: 503 } }, 'E_AWS_SERVICE'],
    [{ $response: {} }, 'E_AWS_SERVICE'],
    [{ code: 'ENOENT' }, 'E_AWS_SERVICE'],
    [{ cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }, 'E_AWS_UNREACHABLE'],
    [{ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } }, 'E_AWS_SERVICE'],
  ])('reads what it wraps: %j', (more, code) => expect(ofAws(sdkError('Error', 'x', more)).code).toBe(code));

  it.each([
    new TypeError("Cannot read properties of undefined (reading 'x')"),
    new SyntaxError('Unexpected token'),
    new RangeError('Invalid array length'),
    new Error('the list is empty'),
    Object.assign(new TypeError('The "path" argument must be of type string'), { code: 'ERR_INVALID_ARG_TYPE' }),
    null,
    undefined,
    'text',
    7,
    {},
  ])('is not made of a fault of the kit: %s', (thrown) => expect(failure(thrown, asked)).toBe(thrown));

  it('keeps hostile and long words on one short line', () => {
    const { message } = ofAws(sdkError('X', `a\n\u001b[31mred${'y'.repeat(10_000)}`, { $fault: 'client' }));
    expect(message.length).toBeLessThan(600);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not come through
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('documents every code that it uses', () => {
    const folder = fromRoot('aws');
    const text = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && name !== 'codes.ts')
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    for (const code of new Set(text.match(/\bE_AWS_[A-Z]+/g))) expect(Object.keys(AWS_CODES)).toContain(code);
  });

  it('tells what is missing from what failed', () => {
    expect(isMissing(sdkError('NoSuchKey'), 'NotFound', 'NoSuchKey')).toBe(true);
    expect(isMissing(sdkError('AccessDenied'), 'NotFound')).toBe(false);
    expect(isMissing(null, 'NotFound')).toBe(false);
  });
});

describe('a client', () => {
  const client = { destroyed: 0, destroy: () => void client.destroyed++ };

  it('is closed whatever happens, and an abort stays an abort', async () => {
    const stop = new AbortController();
    const asking = withClient(
      { region: 'x', signal: stop.signal },
      'EC2',
      () => client,
      async () => {
        stop.abort(new Error('interrupted'));
        throw sdkError('AbortError');
      },
    );
    await expect(asking).rejects.toThrow('interrupted');
    await expect(
      withClient(
        { region: 'x' },
        'EC2',
        () => client,
        () => Promise.reject(sdkError('AccessDenied')),
      ),
    ).rejects.toThrow('E_AWS_DENIED');
    const fault = new TypeError('x is not a function');
    await expect(
      withClient(
        { region: 'x' },
        'EC2',
        () => client,
        () => Promise.reject(fault),
      ),
    ).rejects.toBe(fault);
    expect(client.destroyed).toBe(3);
  });
});

describe('the SDK', () => {
  it('is imported only when it is asked with', () => {
    const sources = ['aws', 'scripts', 'catalog/price-import', 'reports'].flatMap((folder) =>
      readdirSync(fromRoot(folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/.test(name))
        .map((name) => readFileSync(fromRoot(folder, name), 'utf8')),
    );
    expect(sources.filter((text) => text.includes('@aws-sdk/')).length).toBeGreaterThan(5);
    expect(sources.filter((text) => /^import (?!type)[^;]*from '@aws-sdk\//m.test(text))).toEqual([]);
  });
});
