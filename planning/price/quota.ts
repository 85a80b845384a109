import type { InstanceType } from '../../catalog/schema';
import type { Capacity } from '../../release/schema';
import type { Plan } from '../plan';

interface QuotaRow {
  readonly families: RegExp;
  readonly onDemand: { readonly code: string; readonly name: string };
  readonly spot: { readonly code: string; readonly name: string };
}

/** EC2 quotas by family, in vCPU. Source: AWS Service Quotas (L-1216C47A seen in the CLI docs; the others as in public deployment guides). */
const QUOTAS: readonly QuotaRow[] = [
  {
    families: /^(g|vt)\d/,
    onDemand: { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances' },
    spot: { code: 'L-3819A6DF', name: 'All G and VT Spot Instance Requests' },
  },
  {
    families: /^gr\d/,
    onDemand: { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances' },
    spot: { code: 'L-3819A6DF', name: 'All G and VT Spot Instance Requests' },
  },
  {
    families: /^p\d/,
    onDemand: { code: 'L-417A185B', name: 'Running On-Demand P instances' },
    spot: { code: 'L-7212CCBC', name: 'All P Spot Instance Requests' },
  },
  {
    families: /^[acdhimrtz]\d/,
    onDemand: { code: 'L-1216C47A', name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances' },
    spot: { code: 'L-34B43A08', name: 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests' },
  },
];

/** The quota that so many nodes need at once: maxReplicas and one more while an update rolls. Null for families without a row. */
export function quotaFor(instance: InstanceType, capacity: Capacity, maxNodes: number): Plan['placement']['quota'] {
  const row = QUOTAS.find((candidate) => candidate.families.test(instance.family));
  if (!row) return null;
  const { code, name } = capacity === 'spot' ? row.spot : row.onDemand;
  return { code, name, vcpuNeeded: instance.vcpu * (maxNodes + 1) };
}
