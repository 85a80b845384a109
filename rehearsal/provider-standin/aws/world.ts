import type { StandInConfig } from '../config';

export interface StandInInstance {
  readonly arch: 'x86_64' | 'arm64';
  readonly gpu: boolean;
}

/** The world that the stand-in plays: an account that AWS gives to nobody, zones, instance types. */
export interface AwsWorld {
  readonly account: string;
  readonly region: string;
  zonesOf(region: string): readonly string[];
  instance(type: string): StandInInstance | undefined;
  zonesOffering(type: string): readonly string[];
}

/** Zones that an account sees, where it is not three. Source: AWS regions and zones. */
const ZONE_LETTERS: Readonly<Record<string, string>> = { 'us-east-1': 'abcdef', 'us-west-2': 'abcd', 'us-west-1': 'ac' };
const USUAL_LETTERS = 'abc';
/** GPUs are not everywhere: the stand-in leaves out the first zone, so that stacks have to look. */
const ZONES_WITHOUT_GPU = 1;

export function createWorld(config: StandInConfig, region: string): AwsWorld {
  const zonesOf = (of: string): string[] => [...(ZONE_LETTERS[of] ?? USUAL_LETTERS)].map((letter) => `${of}${letter}`);
  const instance = (type: string): StandInInstance | undefined => config.instances[type];
  return {
    account: config.account,
    region,
    zonesOf,
    instance,
    zonesOffering: (type) => {
      const found = instance(type);
      if (!found) return [];
      return zonesOf(region).slice(found.gpu ? ZONES_WITHOUT_GPU : 0);
    },
  };
}
