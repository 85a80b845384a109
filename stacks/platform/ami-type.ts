import type { Plan } from '../../planning/plan';

/** Node images of EKS managed node groups that the kit uses (AL2023; the NVIDIA ones carry driver 580). */
export type AmiType = 'AL2023_x86_64_NVIDIA' | 'AL2023_ARM_64_NVIDIA' | 'AL2023_x86_64_STANDARD' | 'AL2023_ARM_64_STANDARD';

/** The EKS node image for an instance type. */
export function amiTypeOf(instanceType: string, device: Plan['placement']['device']): AmiType {
  const arch = isArm(instanceType) ? 'ARM_64' : 'x86_64';
  return device === 'gpu' ? `AL2023_${arch}_NVIDIA` : `AL2023_${arch}_STANDARD`;
}

/**
 * Whether an instance type has a Graviton or Grace processor: a "g" among the letters after the generation number
 * (c8g, m7gd, g5g, p6e-gb200; but not g6, gr6 or g6e).
 * Source: EC2 User Guide, "Amazon EC2 instance type naming conventions".
 */
export function isArm(instanceType: string): boolean {
  const family = instanceType.split('.')[0] ?? '';
  return /^[a-z]+\d+[a-z-]*g/.test(family);
}
