import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves a recorded scrape as an exporter does. */
export async function serveMetrics(text: string): Promise<{ address: string; close(): void }> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The selectors of an expression: names of series with their matchers. */
export function selectorsOf(expression: string): string[] {
  return [...new Set([...expression.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*\{[^}]*\}/g)].map(([whole]) => whole))];
}
