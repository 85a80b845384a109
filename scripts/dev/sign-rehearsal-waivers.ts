import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseDocument, stringify } from 'yaml';
import { loadCatalog } from '../../catalog/load';
import { gatherInputs } from '../../compliance/check-release';
import { REHEARSAL_WAIVERS } from '../../compliance/effective-policy';
import { openPoints } from '../../compliance/judge';
import { keyId, signedBytes, type Waiver } from '../../compliance/waiver';
import { fromRoot } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';

/*
 * Writes rehearsal/waivers.yaml: `npm run build && node dist/scripts/dev/sign-rehearsal-waivers.js`.
 * Makes a fresh key, puts its public half into the rehearsal policy, signs one waiver for every open point of the releases below, and
 * forgets the private half when the process ends: nobody can add a waiver without writing a new key into the policy, in the open.
 */
const RELEASES = ['release.yaml', 'examples/spot.yaml', 'examples/karpenter.yaml'];
const POLICY = 'compliance/policies/rehearsal.yaml';
const VALID_DAYS = 365;
const DAY_MS = 86_400_000;

const EMPTY = 'apiVersion: onevision-kit/waivers/v1\nwaivers: []\n';
const HEAD = `# Waivers for rehearsals only, one for each open point of the puppet show's release. They are bound to the environment "rehearsal", by a key
# that only compliance/policies/rehearsal.yaml trusts, and every stack of a rehearsal refuses any AWS account but the stand-in's.
# Each dies as soon as its subject's revision, licence or rule is no longer what it was. Written by scripts/dev/sign-rehearsal-waivers.ts.
`;

function main(): void {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const key = keyId(spki);
  const now = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
  const notBefore = `${now.toISOString().slice(0, 19)}Z`;
  const notAfter = `${new Date(now.getTime() + VALID_DAYS * DAY_MS).toISOString().slice(0, 19)}Z`;
  writeFileAtomically(fromRoot(REHEARSAL_WAIVERS), EMPTY);
  const waivers = new Map<string, Waiver>();
  for (const file of RELEASES) {
    const inputs = gatherInputs(loadRelease(fromRoot(file), { environment: 'rehearsal' }), loadCatalog());
    for (const point of openPoints(inputs, new Date())) {
      if (point.mild !== undefined) continue;
      if (point.state === 'denied') throw new Error(`${point.subject} is denied: a denial cannot be waived`);
      const content: Waiver = {
        id: `rehearsal-${point.rule.slice('OVK-'.length).toLowerCase()}-${point.subject.replaceAll(/[^A-Za-z0-9.]+/g, '-')}`.slice(0, 80),
        subject: point.subject,
        revision: point.revision,
        rule: point.rule,
        licence: point.licence,
        environments: ['rehearsal'],
        notBefore,
        notAfter,
        reason: `Rehearsal on stand-ins: nothing is served and nothing reaches AWS. Open point: ${point.message}`,
        ticket: 'rehearsal',
        approver: 'rehearsal/README',
        key,
      };
      waivers.set(`${point.subject} ${point.rule}`, {
        ...content,
        signature: sign(null, signedBytes(content), privateKey).toString('base64'),
      });
    }
  }
  const sorted = [...waivers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  writeFileAtomically(
    fromRoot(REHEARSAL_WAIVERS),
    `${HEAD}${stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: sorted }, { lineWidth: 0 })}`,
  );
  trust({ id: key, publicKey: spki.toString('base64'), owner: 'rehearsal', environments: ['rehearsal'] });
  process.stdout.write(`${REHEARSAL_WAIVERS}: ${sorted.length} waivers, key ${key}\n`);
}

function trust(key: Readonly<Record<string, unknown>>): void {
  const policy = parseDocument(readFileSync(fromRoot(POLICY), 'utf8'));
  policy.set('trustedKeys', [key]);
  writeFileAtomically(fromRoot(POLICY), policy.toString({ lineWidth: 0 }));
}

main();
