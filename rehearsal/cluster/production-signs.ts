/** What is known of a cluster before anything is done to it. */
export interface ClusterFacts {
  readonly context: string;
  readonly server: string;
  readonly namespaces: readonly string[];
  readonly nodes: number;
  /** Environments of the kit's releases that run there. */
  readonly environments: readonly string[];
}

/** Words of names that people give to what they must not break. */
const NAMES = /(^|[^a-z])(prod|production|prd|live)([^a-z]|$)/i;
/** A cluster of a desk has few nodes. */
const MANY_NODES = 5;

/**
 * Why a cluster may be one that somebody relies on; empty when nothing says so. A rehearsal installs policies of admission, which belong to the whole
 * cluster, so that it asks first.
 */
export function productionSigns({ context, server, namespaces, nodes, environments }: ClusterFacts): string[] {
  const named = namespaces.filter((name) => NAMES.test(name));
  return [
    ...(NAMES.test(context) ? [`the context is called "${context}"`] : []),
    ...(/\.eks\.amazonaws\.com|\.azmk8s\.io|\.gke\.goog|container\.googleapis\.com/.test(server)
      ? [`${server} is a cluster of a cloud`]
      : []),
    ...(named.length > 0 ? [`it has the namespace ${named.join(', ')}`] : []),
    ...(nodes > MANY_NODES ? [`it has ${nodes} nodes`] : []),
    ...(environments.includes('production') ? ['a production release of the kit runs there'] : []),
  ];
}
