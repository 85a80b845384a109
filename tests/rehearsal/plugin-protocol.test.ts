import { X509Certificate } from 'node:crypto';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIdentity } from '../../rehearsal/provider-standin/protocol/certificate';
import { createGrpcServer } from '../../rehearsal/provider-standin/protocol/grpc-server';
import { decodeMessage, encodeMessage, type MessageShape } from '../../rehearsal/provider-standin/protocol/protobuf';
import { decodeValue, encodeValue, isKnown, sameValue, UNKNOWN, type Value } from '../../rehearsal/provider-standin/protocol/value';

const inner: MessageShape = { text: [1, 'string'], flag: [2, 'bool'] };
const shape: MessageShape = {
  name: [1, 'string'],
  count: [2, 'int'],
  raw: [3, 'bytes'],
  one: [4, 'message', inner],
  many: [5, 'messages', inner],
  table: [20, 'map', inner],
};

describe('protocol buffers', () => {
  it('writes the bytes of the published examples', () => {
    expect(encodeMessage({ a: [1, 'int'] }, { a: 150 }).toString('hex')).toBe('089601');
    expect(encodeMessage({ b: [2, 'string'] }, { b: 'testing' }).toString('hex')).toBe('120774657374696e67');
  });

  it('reads back what it wrote', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    const part = fc.record({ text, flag: fc.constant(true) });
    const message = fc.record({
      name: text,
      count: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      one: part,
      many: fc.array(part, { minLength: 1 }),
      table: fc.dictionary(text, part, { minKeys: 1, noNullPrototype: true }),
    });
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeMessage(shape, encodeMessage(shape, sent))).toEqual(sent);
      }),
    );
  });

  it('passes over fields that it does not know, and refuses a message that ends too early', () => {
    const bytes = encodeMessage(shape, { name: 'x', many: [{ text: 'y' }], count: 3 });
    expect(decodeMessage({ count: [2, 'int'] }, bytes)).toEqual({ count: 3 });
    expect(() => decodeMessage(shape, bytes.subarray(0, bytes.length - 1))).toThrow('truncated');
  });
});

describe('values of Terraform', () => {
  it('keep what is unknown through the wire, however deep', () => {
    const value: Value = { id: UNKNOWN, tags: { a: 'b' }, list: [1, UNKNOWN, null, true], none: null };
    expect(sameValue(decodeValue(encodeValue(value)), value)).toBe(true);
    expect(isKnown(value)).toBe(false);
    expect(isKnown({ list: [1, { a: null }] })).toBe(true);
  });

  it('drop the refinements that a newer Terraform sends with an unknown value', () => {
    // extension 12 with a map that says "not null"
    expect(decodeValue(Buffer.from('c7030c8101c2', 'hex'))).toBe(UNKNOWN);
  });
});

describe('the certificate of the handshake', () => {
  const identity = createIdentity(Date.now());

  it('is one for localhost that signs itself and is valid now', () => {
    const certificate = new X509Certificate(identity.certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
    expect(identity.certificateBase64).not.toContain('=');
  });

  it('lets in the client that it was made with, and nobody else', async () => {
    const client = createIdentity(Date.now());
    const server = createGrpcServer({ ...identity, client: client.certificate, calls: { '/x.Y/Echo': (body) => body } });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const call = (own: { key: string; certificate: string } | undefined, path: string) =>
      new Promise<{ status: unknown; body: string }>((resolve, reject) => {
        const session = connect(`https://localhost:${port}`, { ca: identity.certificate, key: own?.key, cert: own?.certificate });
        session.on('error', reject);
        const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
        const chunks: Buffer[] = [];
        let status: unknown;
        stream.on('response', (headers) => {
          status = headers['grpc-status'];
        });
        stream.on('trailers', (headers) => {
          status = headers['grpc-status'];
        });
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', reject);
        stream.on('close', () => {
          session.close();
          resolve({ status, body: Buffer.concat(chunks).subarray(5).toString() });
        });
        stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from('hi')]));
      });
    expect(await call(client, '/x.Y/Echo')).toEqual({ status: '0', body: 'hi' });
    expect(await call(client, '/x.Y/Other')).toEqual({ status: '12', body: '' });
    for (const stranger of [createIdentity(Date.now()), undefined]) {
      // with TLS 1.3 the refusal may come as an error or as a closed connection
      const got = await call(stranger, '/x.Y/Echo').catch(() => ({ status: undefined, body: '' }));
      expect(got).toEqual({ status: undefined, body: '' });
    }
    server.close();
  });
});
