import { KitError, type Location } from '../core/error';
import type { LoadedRelease } from '../release/load';
import type { Release } from '../release/schema';
import { loadPolicy, mergePolicy, ownTrustedKeys, type Policy } from './policy';

/** Waivers that the kit itself brings for rehearsals, beside those of the release. */
export const REHEARSAL_WAIVERS = 'rehearsal/waivers.yaml';
const REHEARSAL_POLICY = 'rehearsal';

/**
 * The policy that judges a release. In environment `rehearsal` the release's own policy stays in force, and the key of the rehearsal
 * waivers is trusted on top of it, whatever the release says. Safe, since every stack of a rehearsal carries a precondition that
 * the account is the stand-in's, so nothing of it can reach AWS.
 * @throws KitError as loadPolicy; E_POLICY_ENVIRONMENT for a policy that is for other environments than that of the release
 */
export function effectivePolicy({ release, locate }: Pick<LoadedRelease, 'release' | 'locate'>): Policy {
  const policy = loadPolicy(release.compliance.policy);
  const { environment } = release.metadata;
  if (environment !== 'rehearsal') {
    if (policy.environments?.includes(environment) === false) throw otherEnvironment(policy, release, locate(['compliance', 'policy']));
    return policy;
  }
  const known = new Set(policy.trustedKeys.map((key) => key.id));
  const added = ownTrustedKeys(REHEARSAL_POLICY).filter((key) => !known.has(key.id));
  return { ...mergePolicy(policy, { roles: {}, settlements: [], trustedKeys: added }), name: `${policy.name}+${REHEARSAL_POLICY}` };
}

function otherEnvironment({ file, environments = [] }: Policy, { metadata, compliance }: Release, location: Location): KitError {
  return new KitError({
    code: 'E_POLICY_ENVIRONMENT',
    message: `the policy "${compliance.policy}" is for ${environments.join(', ')}, and metadata.environment is ${metadata.environment}.`,
    location,
    allowed: `a policy that says so under "environments" (${file} does not), or one without that key.`,
    next: 'name another policy under compliance.policy, e.g. production.',
  });
}

/** Files whose waivers count for a release. */
export function waiverFiles(release: Release): readonly string[] {
  const own = release.compliance.waivers;
  return release.metadata.environment === 'rehearsal' ? [...new Set([...own, REHEARSAL_WAIVERS])] : own;
}
