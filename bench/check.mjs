// `ovkit check` for 2,500 npm packages beside the AI subjects of release.yaml, license-checker and its fork on the
// same tree, in one run. Wall time, CPU time and peak memory (RSS) of the whole process; on a busy machine only the CPU time says something.
// Usage: npm run build && node bench/check.mjs [N] [packages]; goals: under 1 s, at most 200 MB.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { printPackageTexts } = createRequire(import.meta.url)('../dist/compliance/package-texts/record.js');
const GOAL_SECONDS = 1;
const GOAL_MB = 200;
const RECORD = 'package-texts.lock.json';
const LICENCES = ['MIT', 'MIT', 'MIT', 'ISC', 'Apache-2.0', 'BSD-3-Clause', '(MIT OR Apache-2.0)', 'BSD-2-Clause'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const runs = Number(process.argv[2] ?? 5);
const packages = Number(process.argv[3] ?? 2500);
const scratch = mkdtempSync(join(tmpdir(), 'ovkit-bench-check-'));

try {
  const kit = kitWith(packages);
  const tree = installedTree(packages);
  const memory = join(scratch, 'memory.cjs');
  writeFileSync(
    memory,
    "process.on('exit', () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); require('node:fs').writeSync(2, `\\nUSAGE ${maxRSS} ${userCPUTime + systemCPUTime}\\n`); });\n",
  );
  const tools = [
    { name: 'ovkit check', args: [join(kit, 'bin', 'ovkit.cjs'), 'check', '--json'], cwd: kit },
    {
      name: 'license-checker 25.0.1',
      args: [join(root, 'node_modules/license-checker/bin/license-checker'), '--json', '--start', tree],
      cwd: tree,
    },
    {
      name: 'license-checker-rseidelsohn 4.4.2',
      args: [join(root, 'node_modules/license-checker-rseidelsohn/bin/license-checker-rseidelsohn.js'), '--json', '--start', tree],
      cwd: tree,
    },
  ];
  for (const tool of tools) tool.first = run(tool, memory);
  const samples = tools.map(() => []);
  for (let n = 0; n < runs; n++) for (const [index, tool] of tools.entries()) samples[index].push(run(tool, memory));
  const verdict = JSON.parse(tools[0].first.stdout);
  if (verdict.subjects === undefined) throw new Error(`ovkit check judged nothing: ${tools[0].first.stdout}`);
  const npm = verdict.subjects.filter((subject) => subject.kind === 'npm-package').length;
  console.log(`${npm} npm packages and ${verdict.subjects.length - npm} other subjects; ${runs} runs in turn after one warm-up`);
  console.log(
    `${'tool'.padEnd(36)}${'median s'.padStart(10)}${'min'.padStart(8)}${'max'.padStart(8)}${'CPU s'.padStart(8)}${'RSS MB'.padStart(9)}  saw`,
  );
  for (const [index, tool] of tools.entries()) {
    const seconds = samples[index].map((sample) => sample.seconds).sort((a, b) => a - b);
    const cpu = samples[index].map((sample) => sample.cpuSeconds).sort((a, b) => a - b)[Math.floor(runs / 2)];
    const megabytes = Math.max(...samples[index].map((sample) => sample.megabytes));
    const saw = index === 0 ? npm : Object.keys(JSON.parse(tool.first.stdout)).length - 1;
    const cell = (value) => value.toFixed(2).padStart(8);
    console.log(
      `${tool.name.padEnd(36)}${cell(seconds[Math.floor(runs / 2)]).padStart(10)}${cell(seconds[0])}${cell(seconds[runs - 1])}${cell(cpu)}${megabytes.toFixed(0).padStart(9)}  ${saw}`,
    );
  }
  console.log(`goals of ovkit check: under ${GOAL_SECONDS} s, at most ${GOAL_MB} MB`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function run({ args, cwd }, memory) {
  const started = process.hrtime.bigint();
  const { stdout, stderr } = spawnSync(process.execPath, ['--require', memory, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 2 ** 20,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const [, kilobytes, microseconds] = /USAGE (\d+) (\d+)/.exec(stderr) ?? [];
  return { seconds, cpuSeconds: Number(microseconds) / 1e6, megabytes: (Number(kilobytes) * 1024) / 1e6, stdout };
}

/** The kit with another package lock: its own code and data, 30 and more AI subjects of release.yaml, and generated packages. */
function kitWith(count) {
  const folder = join(scratch, 'kit');
  mkdirSync(folder);
  for (const name of ['dist', 'bin', 'release.yaml', 'compliance.lock.json', 'LICENSE'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  // the lock has to hold what package.json asks for, and the generated packages are asked for by nobody
  const { dependencies, devDependencies, ...manifest } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  for (const name of ['node_modules', 'catalog', 'charts', 'runtimes', 'rehearsal', 'release'])
    symlinkSync(join(root, name), join(folder, name));
  const lock = lockOf(count);
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock, null, 2));
  mkdirSync(join(folder, 'compliance'));
  for (const name of readdirSync(join(root, 'compliance')).filter((entry) => entry !== RECORD))
    symlinkSync(join(root, 'compliance', name), join(folder, 'compliance', name));
  writeFileSync(join(folder, 'compliance', RECORD), printPackageTexts(recordOf(lock)));
  return folder;
}

/** A licence file in every package, each text another one, and a package.json that says what the lock does, as after `ovkit lock packages`. */
function recordOf({ packages }) {
  const texts = {};
  const read = {};
  for (const [index, [path, entry]] of Object.entries(packages).slice(1).entries()) {
    const hash = index.toString(16).padStart(64, '0');
    texts[hash] = { state: 'verified', licences: [entry.license.split(' ')[0].replace('(', '')], because: '' };
    const key = `npm:${path.split('node_modules/').at(-1)}@${entry.version} ${entry.integrity}`;
    read[key] = { declares: [entry.license], files: [['LICENSE', hash]] };
  }
  return { texts, packages: read };
}

function nameOf(index) {
  return index % 7 === 0 ? `@scope-${index % 11}/package-${index}` : `package-${index}`;
}

/** Every 25th package has a second copy of its predecessor below it, as real trees do. */
function pathsOf(count) {
  return Array.from({ length: count }, (_, index) =>
    index > 0 && index % 25 === 0 ? `node_modules/${nameOf(index - 1)}/node_modules/${nameOf(index)}` : `node_modules/${nameOf(index)}`,
  );
}

function lockOf(count) {
  const packages = { '': { name: 'onevision-kit', version: '0.1.0', license: 'Apache-2.0' } };
  for (const [index, path] of pathsOf(count).entries()) {
    packages[path] = {
      version: `1.${index % 10}.0`,
      resolved: `https://registry.example.invalid/x/-/x-${index}.tgz`,
      integrity: `sha512-${Buffer.from(`${index}`.padStart(64, '0')).toString('base64')}`,
      dev: index % 3 !== 0,
      license: LICENCES[index % LICENCES.length],
    };
  }
  return { name: 'onevision-kit', version: '0.1.0', lockfileVersion: 3, requires: true, packages };
}

/** The same packages as an installed tree, each with package.json, LICENSE and README, all of them dependencies of the root. */
function installedTree(count) {
  const folder = join(scratch, 'tree');
  const dependencies = {};
  for (const [index, path] of pathsOf(count).entries()) {
    const at = join(folder, path);
    mkdirSync(at, { recursive: true });
    const own = { name: nameOf(index), version: `1.${index % 10}.0`, license: LICENCES[index % LICENCES.length] };
    if (index % 25 === 24) own.dependencies = { [nameOf(index + 1)]: '*' };
    writeFileSync(join(at, 'package.json'), JSON.stringify(own));
    writeFileSync(
      join(at, 'LICENSE'),
      `Copyright ${index}\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software.\n`,
    );
    writeFileSync(join(at, 'README.md'), `# ${own.name}\n`);
    if (index === 0 || index % 25 !== 0) dependencies[own.name] = '*';
  }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'tree', version: '1.0.0', private: true, license: 'Apache-2.0', dependencies }),
  );
  return folder;
}
