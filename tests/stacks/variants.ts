import { aPlan, aRelease, type FixtureInput, type Synthesised, synthesise } from './fixtures';

const QUOTA = { code: 'L-DB2E81BA', name: 'G and VT', vcpuNeeded: 8 };

const SPOT = aRelease((raw) => Object.assign(raw.placement, { capacity: ['spot', 'on-demand'], offHours: '19:00-07:00 UTC' }));

/** Ways in which the stacks are synthesised, so that a test over "the stacks" sees every type of resource that they can make. */
const VARIANTS = {
  default: {},
  'every-setting': {
    plan: aPlan(aRelease(), { quota: QUOTA }),
    settings: {
      stateBucket: 'show-state',
      nat: 'per-zone',
      endpoints: ['ecr.api', 'ecr.dkr', 'sts'],
      clusterCidrs: ['203.0.113.0/24'],
      clusterAdmins: ['arn:aws:iam::123456789012:role/admin'],
      capacityReservation: 'cr-0123456789abcdef0',
      alertEmail: 'stage@example.org',
      extraTags: { Team: 'puppets' },
      permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
      githubRepository: 'puppeteers/show',
    },
  },
  'existing-network': { settings: { vpcId: 'vpc-0123456789', subnetIds: ['subnet-01234567', 'subnet-89abcdef'], delivery: 'gitops' } },
  karpenter: { release: aRelease((raw) => Object.assign(raw.placement, { nodes: 'karpenter' })) },
  'spot-and-off-hours': {
    release: SPOT,
    plan: aPlan(SPOT, { capacity: 'spot', quota: QUOTA, fallback: { capacity: 'on-demand', quota: QUOTA } }),
    mirror: { mirror: 's3://own-weights.onevision-kit.invalid/show' },
  },
  'existing-cluster': {
    settings: { eksCluster: 'theirs', addons: 'none', vpcId: 'vpc-0123456789', subnetIds: ['subnet-01234567', 'subnet-89abcdef'] },
  },
  rehearsal: { release: aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal' })) },
} as const satisfies Readonly<Record<string, FixtureInput>>;

/** Every variant, synthesised. */
export function synthesiseVariants(): Readonly<Record<keyof typeof VARIANTS, Synthesised>> {
  const entries = Object.entries(VARIANTS).map(([name, input]) => [name, synthesise(input)]);
  return Object.fromEntries(entries);
}
