import type { ChartValues } from './chart-values';
import { workloadName } from './expected-pods';
import { PROXY_COMMAND, TEST_COMMAND } from './proxy';
import { WEIGHTS_COMMAND } from './weights-files';

const RUN_FOLDER = '/run/onevision-kit';
const SECRET_FOLDER = '/run/secrets/onevision-kit';
const KEY_FILE = 'api-key';
/** The admission chart writes its namespace here. */
const NAMESPACE = '@NAMESPACE@';

/**
 * Where a container of the release may have what mounted, one line each: `PATH=KIND:NAME`. The scripts that containers start lie in ConfigMaps:
 * another volume in their place would be another program.
 */
export function judgedMounts(values: ChartValues): readonly string[] {
  const workload = workloadName(values.release.name);
  const { weights, proxy, apiKey } = values;
  const { volume } = weights;
  return [
    `${weights.mountPath}=${volume.type === 'hostPath' ? `hostPath:${volume.path}` : volume.type}`,
    '/home/onevision=emptyDir',
    '/tmp=emptyDir',
    ...(values.sharedMemoryMib > 0 ? ['/dev/shm=emptyDir'] : []),
    ...(weights.files.length > 0 ? [`/opt/onevision-kit=configMap:${workload}-weights`] : []),
    `/opt/onevision-kit/tests=configMap:${workload}-tests`,
    ...(proxy.enabled ? [`/opt/onevision-kit/proxy=configMap:${workload}-proxy`, `${RUN_FOLDER}=emptyDir`] : []),
    ...(proxy.enabled && apiKey ? [`${SECRET_FOLDER}=secret:${apiKey.existingSecret}/${apiKey.key}>${KEY_FILE}`] : []),
  ];
}

/**
 * What the variables that scripts go by may be, one line for each command: `COMMAND VARIABLES`, both joined by |. Without its key file the proxy
 * would let everybody in, and with another list of hashes any weights would do.
 */
export function judgedVariables(values: ChartValues): readonly string[] {
  const { engine, proxy, weights, apiKey } = values;
  const line = (command: readonly string[], variables: readonly string[]) => `${command.join('|')} ${variables.join('|')}`;
  const proxies = [
    'PROXY_LISTEN=0.0.0.0',
    `PROXY_ENGINE=127.0.0.1:${engine.port}`,
    'PROXY_TEMPLATE=/opt/onevision-kit/proxy/nginx.conf',
    `PROXY_FOLDER=${RUN_FOLDER}`,
    ...(apiKey ? [`PROXY_KEY_FILE=${SECRET_FOLDER}/${KEY_FILE}`] : []),
  ];
  return [
    line(engine.command, proxy.enabled ? [`PROXY_FOLDER=${RUN_FOLDER}`] : []),
    ...(proxy.enabled ? [line(PROXY_COMMAND, proxies)] : []),
    line(WEIGHTS_COMMAND, [`WEIGHTS_FOLDER=${weights.mountPath}/${weights.folder}`, 'WEIGHTS_MANIFEST=/opt/onevision-kit/weights.sha256']),
    line(TEST_COMMAND, [`TEST_URL=http://${workloadName(values.release.name)}.${NAMESPACE}.svc:${SERVICE_PORT}`]),
  ];
}

/** The chart's default. */
const SERVICE_PORT = 80;
