import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';

/** Answers one call: the bytes of a request give the bytes of a response. */
export type Unary = (request: Buffer) => Promise<Buffer> | Buffer;

export interface GrpcOptions {
  readonly key: string;
  readonly certificate: string;
  /** PEM of the only client that may call. */
  readonly client: string;
  /** By path, e.g. /tfplugin6.Provider/ReadResource. */
  readonly calls: Readonly<Record<string, Unary>>;
}

const GRPC_UNIMPLEMENTED = '12';
const GRPC_INTERNAL = '13';
/** A flag for compression and four bytes of length. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md */
const PREFIX_BYTES = 5;
const WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * A gRPC server for unary calls over HTTP/2 with mutual TLS; Node's own HTTP/2, since a gRPC library takes longer to load
 * than all of this needs to start.
 */
export function createGrpcServer(options: GrpcOptions): Http2SecureServer {
  const server = createSecureServer({
    key: options.key,
    cert: options.certificate,
    ca: options.client,
    requestCert: true,
    rejectUnauthorized: true,
    settings: { initialWindowSize: WINDOW_BYTES },
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const call = options.calls[String(headers[':path'])];
    stream.on('error', () => undefined);
    if (!call) return refuse(stream, GRPC_UNIMPLEMENTED, 'not implemented');
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', async () => {
      try {
        answer(stream, await call(Buffer.concat(chunks).subarray(PREFIX_BYTES)));
      } catch (error) {
        refuse(stream, GRPC_INTERNAL, error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    });
  });
  return server;
}

function answer(stream: ServerHttp2Stream, body: Buffer): void {
  if (stream.destroyed) return;
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length, 1);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([prefix, body]));
}

function refuse(stream: ServerHttp2Stream, status: string, message: string): void {
  if (stream.destroyed || stream.headersSent) return;
  const headers = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': status,
    'grpc-message': encodeURIComponent(message),
  };
  stream.respond(headers, { endStream: true });
}
