import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the stand-in does wrong, if anything. */
export type StandInFault = 'none' | 'no-daemon' | 'build-fails' | 'push-breaks' | 'bad-digest' | 'no-digest' | 'hangs';

export const STANDIN_DIGEST = `sha256:${'5a'.repeat(32)}`;

/**
 * Puts a stand-in for a container engine into a folder: an executable of that name that builds and pushes nothing, answers as docker,
 * podman or buildah would, and writes down how it was called.
 * @returns file with one JSON array of arguments per call
 */
export function installContainerStandIn(folder: string, name: string, fault: StandInFault = 'none'): string {
  const log = join(folder, `${name}.calls`);
  const script = `#!${process.execPath}
// A stand-in for ${name} in tests; not a container engine.
const { appendFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(log)}, JSON.stringify(args) + '\\n');
const fault = ${JSON.stringify(fault)};
const fail = (message) => { console.error(message); process.exit(1); };
const option = (flag) => args[args.indexOf(flag) + 1];
const digest = fault === 'bad-digest' ? 'sha256:5A5A' : ${JSON.stringify(STANDIN_DIGEST)};
if (args[0] === 'version' || args[0] === 'info') {
  if (fault === 'no-daemon') fail('Cannot connect to the Docker daemon at unix:///var/run/docker.sock');
  console.log('stand-in');
} else if (args[0] === 'build') {
  if (fault === 'hangs') setTimeout(() => {}, 600000);
  else if (fault === 'build-fails') fail('ERROR: failed to solve: exit code 2');
  else writeFileSync(option('--iidfile'), 'sha256:' + '1d'.repeat(32));
} else if (args[0] === 'push') {
  if (fault === 'push-breaks') { console.log('layer 1: pushed'); fail('received unexpected HTTP status: 500 Internal Server Error'); }
  if (args.includes('--digestfile') && fault !== 'no-digest') writeFileSync(option('--digestfile'), digest + '\\n');
} else if (args[0] === 'image') {
  const repository = args.at(-1).slice(0, args.at(-1).lastIndexOf(':'));
  console.log(JSON.stringify(fault === 'no-digest' ? [] : ['elsewhere.example/other@sha256:' + '00'.repeat(32), repository + '@' + digest]));
} else fail('unknown call: ' + args.join(' '));
`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
  return log;
}
