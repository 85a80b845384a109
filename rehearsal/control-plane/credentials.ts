import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const USERS = {
  admin: ['kit-admin', 'system:masters'],
  nodes: ['kit-node-stand-in', 'system:masters'],
  controllerManager: ['system:kube-controller-manager', ''],
  scheduler: ['system:kube-scheduler', ''],
} as const;
type User = keyof typeof USERS;

/** Tokens and keys of one control plane; they live as long as its folder does. */
export interface Credentials {
  readonly tokens: Readonly<Record<User, string>>;
  readonly tokenFile: string;
  /** Private key that signs the tokens of service accounts. */
  readonly serviceAccountKey: string;
}

/** Makes fresh credentials in a folder; only this user may read them. */
export function makeCredentials(folder: string): Credentials {
  const users = Object.keys(USERS) as User[];
  const tokens = Object.fromEntries(users.map((user) => [user, randomBytes(16).toString('hex')])) as Record<User, string>;
  const tokenFile = join(folder, 'tokens.csv');
  const rows = users.map((user) => `${tokens[user]},${USERS[user][0]},${USERS[user][0]},"${USERS[user][1]}"`);
  writeFileSync(tokenFile, `${rows.join('\n')}\n`, { mode: 0o600 });
  const serviceAccountKey = join(folder, 'service-account.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(serviceAccountKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { tokens, tokenFile, serviceAccountKey };
}

/** Writes a kubeconfig with one context; the certificate file need not exist yet. */
export function writeKubeconfig(
  file: string,
  given: { readonly server: string; readonly certificate: string; readonly token: string; readonly context: string },
): void {
  const name = given.context;
  // JSON is YAML
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: given.server, 'certificate-authority': given.certificate } }],
    users: [{ name, user: { token: given.token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
