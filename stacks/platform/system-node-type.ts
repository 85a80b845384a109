/** DNS, metrics and controllers: two small nodes in two zones. Apart from the construct, so that `ovkit preflight` can ask for the type without CDKTF. */
export const SYSTEM_NODES = { instanceType: 't4g.medium', count: 2, volumeGib: 20 } as const;
