import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { TransportError } from './http';

/** Where a request may go. A value, not a setting: the product has one, tests pass their own. */
export interface NetworkRules {
  readonly protocols: readonly string[];
  /** Host names, `*.` for any subdomain. */
  readonly hosts: readonly string[];
  readonly ports: readonly string[] | 'any';
  readonly isAllowedAddress: (address: string) => boolean;
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Milliseconds without a byte, and for the whole answer. */
  readonly idleMs: number;
  readonly totalMs: number;
}

/** https to the services that hold evidence and to the content networks that they redirect to. Nothing else, and never a private address. */
export const PUBLIC_RULES: NetworkRules = {
  protocols: ['https:'],
  hosts: [
    'huggingface.co',
    '*.huggingface.co',
    '*.hf.co',
    'api.github.com',
    'registry-1.docker.io',
    'auth.docker.io',
    'production.cloudflare.docker.com',
    '*.r2.cloudflarestorage.com',
    'ghcr.io',
    'pkg-containers.githubusercontent.com',
    'nvcr.io',
    'authn.nvidia.com',
    'layers.nvcr.io',
    'quay.io',
    '*.quay.io',
  ],
  ports: ['', '443'],
  isAllowedAddress: isPublicAddress,
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  idleMs: 20_000,
  totalMs: 120_000,
};

/**
 * The addresses of a URL that may be asked.
 * @throws TransportError "refused": wrong scheme, host or port, credentials in the URL, or a name that leads to an address inside a network
 */
export async function allowedAddresses(url: string, rules: NetworkRules): Promise<readonly string[]> {
  const refuse = (why: string): never => {
    throw new TransportError('refused', url, `${shown(url)} is not asked: ${why}`);
  };
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return refuse('it is no URL');
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  if (!rules.protocols.includes(parsed.protocol)) refuse(`only ${rules.protocols.join(', ')} is allowed`);
  if (parsed.username !== '' || parsed.password !== '') refuse('it holds credentials');
  if (rules.ports !== 'any' && !rules.ports.includes(parsed.port)) refuse(`port ${parsed.port} is not allowed`);
  if (!rules.hosts.some((pattern) => matches(host, pattern))) refuse(`the host ${host} is not on the list of evidence sources`);
  const addresses = isIP(host) ? [host] : await resolved(host, url, rules);
  const inside = addresses.find((address) => !rules.isAllowedAddress(address));
  if (inside !== undefined) refuse(`${host} leads to ${inside}, which is not a public address`);
  return addresses;
}

async function resolved(host: string, url: string, rules: NetworkRules): Promise<readonly string[]> {
  try {
    const addresses = await rules.resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (cause) {
    throw new TransportError('network', url, `the name ${host} cannot be resolved (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, {
      cause,
    });
  }
  throw new TransportError('network', url, `the name ${host} has no address`);
}

function matches(host: string, pattern: string): boolean {
  const name = host.toLowerCase();
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1 : name === pattern;
}

/**
 * Whether an address belongs to the public internet.
 * Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, entries that are not globally reachable.
 */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPublicAddress(mapped);
  const version = isIP(address);
  if (version === 0) return false;
  return version === 6 ? !PRIVATE_6.check(address, 'ipv6') : !PRIVATE_4.check(address, 'ipv4');
}

/** Two lists: in one, a rule for IPv4-mapped IPv6 addresses would match every IPv4 address. */
const PRIVATE_4 = new BlockList();
const PRIVATE_6 = new BlockList();
for (const range of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
  addRange(range, 'ipv4');
for (const range of [
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
])
  addRange(range, 'ipv6');

function addRange(range: string, type: 'ipv4' | 'ipv6'): void {
  const [address = '', bits = ''] = range.split('/');
  (type === 'ipv4' ? PRIVATE_4 : PRIVATE_6).addSubnet(address, Number(bits), type);
}

const MAX_SHOWN = 200;

function shown(url: string): string {
  return url.length > MAX_SHOWN ? `${url.slice(0, MAX_SHOWN)}…` : url;
}
