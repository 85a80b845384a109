import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as it came over the wire. */
export interface AwsCall {
  /** Service by the scope of the signature: sts, ec2, ecr, s3, servicequotas, pricing, ce. */
  readonly service: string;
  readonly region: string;
  /** GetCallerIdentity and the like; for S3 the method and the path. */
  readonly action: string;
  readonly body: string;
}
export interface AwsAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Never answer. */
  readonly hang?: boolean;
}
type Answers = (call: AwsCall, nth: number) => AwsAnswer | undefined;

/** A server on the loopback that answers as the API reference of AWS says; not AWS, and not recorded from it. */
export async function startAwsServer(answers: Answers) {
  const calls: AwsCall[] = [];
  const server = createServer(async (request, response) => {
    const call = await callOf(request);
    calls.push(call);
    const nth = calls.filter((other) => other.action === call.action).length;
    send(response, answers(call, nth) ?? { status: 500, body: `no answer for ${call.service} ${call.action}` });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calls,
    /** For the environment of a program that is to ask this server instead of AWS. */
    env: { ...NO_USER_CONFIG, AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_ENDPOINT_URL: url },
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** No credentials of the person who runs the tests, and no waiting for the metadata of a machine. */
export const NO_USER_CONFIG = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PROFILE: '',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_SESSION_TOKEN: '',
  AWS_ENDPOINT_URL: '',
} as const;

/** A JSON answer. */
export function json(value: unknown, status = 200): AwsAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(value) };
}

/** An error as services with a JSON protocol write it. */
export function jsonError(name: string, message: string, status = 400): AwsAnswer {
  return json({ __type: name, message }, status);
}

export function xml(body: string, status = 200): AwsAnswer {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

/** An error as EC2 writes it. */
export function ec2Error(code: string, message: string, status = 403): AwsAnswer {
  return xml(
    `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
    status,
  );
}

/** An error as STS writes it. */
export function stsError(code: string, message: string, status = 403): AwsAnswer {
  return xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    status,
  );
}

export function identity(account: string): AwsAnswer {
  return xml(
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::${account}:assumed-role/deployer/me</Arn><UserId>AROA:me</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );
}

async function callOf(request: IncomingMessage): Promise<AwsCall> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString('utf8');
  const [, region = '', service = ''] = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const target = request.headers['x-amz-target'];
  const action =
    typeof target === 'string'
      ? (target.split('.').at(-1) ?? '')
      : (new URLSearchParams(body).get('Action') ?? `${request.method} ${request.url}`);
  return { service, region, action, body };
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '', hang }: AwsAnswer): void {
  if (hang) return;
  response.writeHead(status, headers).end(body);
}
