import type { Fault } from './faults';
import type { ProviderName } from './schema/provider-schema';

/** What a stand-in is started with; written by `install.ts` beside the launcher, read by `main.ts`. */
export interface StandInConfig {
  readonly provider: ProviderName;
  /** File with the schema. */
  readonly schema: string;
  /** Folder of the cloud that all stand-ins of a rehearsal share. */
  readonly cloud: string;
  readonly account: string;
  readonly instances: Readonly<Record<string, { readonly arch: 'x86_64' | 'arm64'; readonly gpu: boolean }>>;
  /** File with the faults to come; missing: none. Read at each start, so that a test can change it between deploys. */
  readonly faults: string;
  /** A real Helm; null when there is none. */
  readonly helm: string | null;
  /** A kubeconfig of a real API server; null: charts are rendered, not installed. */
  readonly kubeconfig: string | null;
}

export type Faults = readonly Fault[];
