import { KitError } from '../core/error';

export interface Asked {
  readonly service: string;
  readonly region: string;
}

/** What the SDK says of a failure, as far as the kit reads it. */
interface SdkFailure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number };
  readonly $fault?: string;
  readonly $response?: unknown;
  readonly $retryable?: { readonly throttling?: boolean };
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

interface Kind {
  readonly code: string;
  readonly names: readonly string[];
  readonly says: (asked: Asked, words: string) => string;
  readonly next: (asked: Asked) => string;
}

/** Names of failures as the services write them. Source: "Common errors" of the API reference of each service, and the errors of the SDK for JavaScript v3. */
const KINDS: readonly Kind[] = [
  {
    code: 'E_AWS_CREDENTIALS',
    names: [
      ...['CredentialsProviderError', 'TokenProviderError', 'ExpiredToken', 'ExpiredTokenException', 'InvalidClientTokenId'],
      ...[
        'InvalidAccessKeyId',
        'SignatureDoesNotMatch',
        'MissingAuthenticationToken',
        'MissingAuthenticationTokenException',
        'RequestExpired',
      ],
      ...['IncompleteSignature', 'IncompleteSignatureException', 'InvalidSignatureException'],
    ],
    says: ({ service }, words) => `${service} got no valid credentials (${words}).`,
    next: () => 'log in (`aws sso login`) or set AWS_PROFILE, then `aws sts get-caller-identity`.',
  },
  {
    // an account that did not opt in to a region gets these there, with credentials that are right elsewhere
    code: 'E_AWS_REGION',
    names: [
      'AuthFailure',
      'UnrecognizedClientException',
      'OptInRequired',
      'UnknownEndpoint',
      'InvalidRegion',
      'EndpointError',
      'PermanentRedirect',
    ],
    says: ({ service, region }, words) => `${service} does not serve this account in ${region} (${words}).`,
    next: ({ region }) =>
      `correct placement.region, or enable ${region} (\`aws account enable-region --region-name ${region}\`); else see that the credentials are right.`,
  },
  {
    code: 'E_AWS_DENIED',
    names: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden', 'UnauthorizedException', 'NotAuthorized'],
    says: ({ service }, words) => `${service} refuses this identity (${words}).`,
    next: () => 'allow the action; docs/iam.md and docs/iam-policy.json list what the kit needs.',
  },
  {
    code: 'E_AWS_THROTTLED',
    names: [
      ...[
        'Throttling',
        'ThrottlingException',
        'ThrottledException',
        'RequestLimitExceeded',
        'TooManyRequestsException',
        'LimitExceededException',
      ],
      ...['SlowDown', 'RequestThrottled', 'RequestThrottledException', 'ProvisionedThroughputExceededException'],
    ],
    says: ({ service }, words) => `${service} is asked too often (${words}).`,
    next: () => 'wait a minute and run it again.',
  },
  {
    code: 'E_AWS_UNREACHABLE',
    names: [
      ...['TimeoutError', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EPIPE'],
      ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_SOCKET'],
      ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED'],
    ],
    says: ({ service, region }, words) => `${service} in ${region} does not answer (${words}).`,
    next: () => 'see that this machine reaches AWS (proxy, VPN), that placement.region is spelt right, and run it again.',
  },
];

/**
 * A failure of the SDK as one message: what, in the words of AWS, and the next command. One that no list names is E_AWS_SERVICE, whatever its
 * status. What is not of the SDK goes through as it is: a KitError, and a fault of the kit's own, which must not pass for one of AWS.
 */
export function failure(error: unknown, asked: Asked): unknown {
  if (error instanceof KitError) return error;
  const found = (error ?? {}) as SdkFailure;
  const names = namesOf(found);
  const words = wordsOf(found, names);
  const kind =
    KINDS.find((candidate) => candidate.names.some((name) => names.includes(name))) ??
    (found.$metadata?.httpStatusCode === 403 ? KINDS.find(({ code }) => code === 'E_AWS_DENIED') : undefined) ??
    (found.$metadata?.httpStatusCode === 429 || found.$retryable?.throttling
      ? KINDS.find(({ code }) => code === 'E_AWS_THROTTLED')
      : undefined);
  if (kind) return new KitError({ code: kind.code, message: kind.says(asked, words), next: kind.next(asked) }, { cause: error });
  if (!isOutside(found)) return error;
  return new KitError(
    {
      code: 'E_AWS_SERVICE',
      message: `${asked.service} in ${asked.region} failed (${words}).`,
      next: 'run it again; if it stays, read the words of AWS.',
    },
    { cause: error },
  );
}

/** Whether AWS answered that the thing does not exist, which is an answer and no failure. */
export function isMissing(error: unknown, ...names: readonly string[]): boolean {
  return namesOf((error ?? {}) as SdkFailure).some((name) => names.includes(name));
}

/** Name and code of a failure and of what it wraps: an AggregateError holds one for each address that was tried. */
function namesOf(error: SdkFailure, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 3) return [];
  const inner = [...(error.errors ?? []), error.cause].flatMap((wrapped) => namesOf((wrapped ?? {}) as SdkFailure, depth + 1));
  return [error.name, error.code, ...inner].filter((name): name is string => typeof name === 'string' && name !== 'Error');
}

/** Whether the SDK or the system made this error: the SDK marks what comes from a service, the system gives its errors a code such as ENOENT. */
function isOutside(error: SdkFailure): boolean {
  if (typeof error !== 'object') return false;
  if (SDK_MARKS.some((mark) => mark in error)) return true;
  return namesOf(error).some((name) => SYSTEM_CODE.test(name));
}

const SDK_MARKS = ['$metadata', '$fault', '$response', '$retryable'] as const;
/** ERR_INVALID_ARG_TYPE and its like blame the caller, which is the kit. Source: Node.js, "Errors", "Node.js error codes". */
const SYSTEM_CODE = /^(E[A-Z0-9]+|ERR_(TLS|SSL|HTTP2?|SOCKET|STREAM)_\w+|UND_ERR_\w+)$/;

const WORDS_CHARACTERS = 300;

/** The words of AWS on one line; without them the names. Never a key: AWS does not repeat them. */
function wordsOf(error: SdkFailure, names: readonly string[]): string {
  const said = (error.message ?? '').replace(/\s+/g, ' ').trim();
  const name = names[0] ?? 'no name';
  const text =
    said === '' || said === name || said === 'UnknownError' ? [...new Set(names)].join(', ') || 'no reason given' : `${name}: ${said}`;
  return text.length > WORDS_CHARACTERS ? `${text.slice(0, WORDS_CHARACTERS)}…` : text.replace(/\.$/, '');
}
