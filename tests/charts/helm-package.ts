import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { HelmPin } from '../../charts/helm-pins';
import type { RunProcess } from '../../core/run-process';
import { runProcess } from '../../core/run-process';

/** A program that says which Helm it is, as Helm does. */
export function helmScript(version: string): string {
  return `#!/bin/sh\necho '${version}+gabc'\n`;
}

const BINARY = Buffer.from(helmScript('v4.1.4'));

/** A package as npm makes it, with a zip that holds the binary. */
export const TARBALL = gzipSync(
  Buffer.concat([
    tarFile('package/README.md', Buffer.from('not what you look for\n')),
    tarFile('package/lib/layer.zip', zipSync({ 'kubectl/kubectl': Buffer.from('other'), 'helm/helm': BINARY })),
    Buffer.alloc(1024),
  ]),
);

export const PIN: HelmPin = {
  version: 'v4.1.4',
  npmPackage: '@example/layer@1.0.0',
  integrity: `sha512-${createHash('sha512').update(TARBALL).digest('base64')}`,
  zip: 'package/lib/layer.zip',
  entry: 'helm/helm',
  sha256: createHash('sha256').update(BINARY).digest('hex'),
  bytes: BINARY.length,
};

/** Stands in for npm: writes these bytes where `npm pack` would, and counts its calls. Other programs are really run. */
export function fakeNpm(bytes: Uint8Array, before: (folder: string) => Promise<void> = async () => undefined) {
  const calls: string[][] = [];
  const run: RunProcess = async (command, args, options) => {
    if (command !== 'npm') return runProcess(command, args, options);
    calls.push([...args]);
    const folder = args[args.indexOf('--pack-destination') + 1] as string;
    await before(folder);
    writeFileSync(join(folder, 'example-layer-1.0.0.tgz'), bytes);
    return { exitCode: 0, stdout: '', stderr: '', output: '' };
  };
  return { run, calls };
}

function tarFile(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
