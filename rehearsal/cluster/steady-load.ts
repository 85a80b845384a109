import { setTimeout as sleep } from 'node:timers/promises';

/** What became of a steady load. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  /** Each reason once. */
  readonly failures: readonly string[];
}

export interface LoadOptions {
  readonly url: string;
  /** One request; throws when it fails. */
  readonly request: (url: string) => Promise<void>;
  /** Clients, each of which asks again as soon as it is answered. */
  readonly clients: number;
  /** Milliseconds between an answer and the next question of a client. */
  readonly pauseMs: number;
}

/** Asks without end until stopped; a request that is under way then is waited for. */
export function startLoad({ url, request, clients, pauseMs }: LoadOptions): { stop(): Promise<LoadResult>; count(): number } {
  const stopping = new AbortController();
  const failures = new Map<string, number>();
  let requests = 0;
  let failed = 0;
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      requests += 1;
      try {
        await request(url);
      } catch (error) {
        failed += 1;
        const words = reasonOf(error);
        failures.set(words, (failures.get(words) ?? 0) + 1);
      }
      await sleep(pauseMs);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    count: () => requests,
    async stop() {
      stopping.abort();
      await running;
      return { requests, failed, failures: [...failures].map(([words, times]) => `${words} (${times})`) };
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
