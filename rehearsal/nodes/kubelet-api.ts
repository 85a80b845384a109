import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * The part of the kubelet's API that the API server asks for logs: `/containerLogs/NAMESPACE/POD/CONTAINER`.
 * exec, attach and port-forward are not there.
 */
export async function startKubeletApi(
  tls: { readonly certificate: string; readonly key: string },
  logFileOf: (namespace: string, pod: string, container: string) => string | undefined,
): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer({ cert: readFileSync(tls.certificate), key: readFileSync(tls.key) }, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://node');
    const [, what, namespace = '', pod = '', container = ''] = url.pathname.split('/');
    const file = what === 'containerLogs' ? logFileOf(namespace, pod, container) : undefined;
    if (file === undefined || !existsSync(file)) {
      response.writeHead(404).end(`the stand-in of the kubelet has no ${url.pathname}`);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain' });
    const tail = Number(url.searchParams.get('tailLines') ?? Number.NaN);
    if (Number.isNaN(tail)) createReadStream(file).pipe(response);
    else
      response.end(
        readFileSync(file, 'utf8')
          .split('\n')
          .slice(-tail - 1)
          .join('\n'),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, server };
}
