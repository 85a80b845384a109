import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { REHEARSAL_CREDENTIALS } from './aws/credentials';
import type { Faults, StandInConfig } from './config';
import { type ProviderName, providerSchema, type WantedTypes } from './schema/provider-schema';

/** Versions that the stand-ins stand in for: those of the pinned bindings. */
const VERSIONS: Readonly<Record<ProviderName, string>> = { aws: '6.25.0', helm: '3.1.1' };
/** Terraform and OpenTofu ask different registries for the same source. */
const REGISTRIES = ['registry.terraform.io', 'registry.opentofu.org'];
/** AWS gives no account this number. */
const ACCOUNT = '000000000000';
/** Types for nodes without a model, which the catalog does not price. Source: EC2 instance types. */
const SYSTEM_INSTANCES = {
  't4g.medium': { arch: 'arm64', gpu: false },
  't4g.large': { arch: 'arm64', gpu: false },
  'm7g.large': { arch: 'arm64', gpu: false },
  't3.medium': { arch: 'x86_64', gpu: false },
} as const;

export interface InstallOptions {
  /** Folder for everything: mirror, configuration, the cloud. */
  readonly folder: string;
  /** Folders of synthesised stacks; the stand-ins know the types that occur in them. */
  readonly stacks: readonly string[];
  readonly helm?: string | null;
  readonly kubeconfig?: string | null;
}

/** Stand-ins that a Terraform finds. */
export interface InstalledStandIns {
  /** For the environment of Terraform: it then installs the stand-ins from a mirror, nothing from a network, and sees no real credentials. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the cloud: see `cloud.ts`. */
  readonly cloud: string;
  setFaults(faults: Faults): void;
}

/**
 * Puts the stand-ins where `terraform init` and `tofu init` find them: a filesystem mirror and a CLI configuration that names it.
 * @throws Error when a stack uses a type that the pinned bindings do not have
 */
export function installStandIns(options: InstallOptions): InstalledStandIns {
  const { folder } = options;
  const mirror = join(folder, 'mirror');
  const cloud = join(folder, 'cloud');
  const faults = join(folder, 'faults.json');
  mkdirSync(cloud, { recursive: true });
  const instances = { ...SYSTEM_INSTANCES, ...catalogInstances() };
  for (const provider of Object.keys(VERSIONS) as ProviderName[]) {
    const schema = join(folder, `${provider}.schema.json`);
    const config: StandInConfig = {
      provider,
      schema,
      cloud,
      account: ACCOUNT,
      instances: provider === 'aws' ? instances : {},
      faults,
      helm: options.helm ?? null,
      kubeconfig: options.kubeconfig ?? null,
    };
    writeFileSync(schema, JSON.stringify(providerSchema(provider, typesIn(options.stacks, provider))));
    const file = join(folder, `${provider}.json`);
    writeFileSync(file, JSON.stringify(config, null, 1));
    for (const registry of REGISTRIES) placeLauncher(join(mirror, registry, 'hashicorp', provider), provider, file);
  }
  const cliConfig = join(folder, 'terraform.rc');
  writeFileSync(cliConfig, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`);
  return {
    env: { TF_CLI_CONFIG_FILE: cliConfig, CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1', TF_PLUGIN_CACHE_DIR: undefined, ...REHEARSAL_CREDENTIALS },
    cloud,
    setFaults: (list) => writeFileSync(faults, JSON.stringify(list)),
  };
}

/** The types of a provider in synthesised stacks. */
function typesIn(stacks: readonly string[], provider: ProviderName): WantedTypes {
  const found = stacks.map((stack) => JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')) as { resource?: object; data?: object });
  const of = (kind: 'resource' | 'data') =>
    found.flatMap((stack) => Object.keys(stack[kind] ?? {})).filter((type) => type.startsWith(`${provider}_`));
  return { resources: of('resource'), dataSources: of('data') };
}

/** Folders of the stacks that a synth has left. */
export function stackFolders(synthDir: string): string[] {
  const folder = join(synthDir, 'stacks');
  return readdirSync(folder).map((name) => join(folder, name));
}

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** A shell script under the name that Terraform looks for; it replaces itself by Node. */
function placeLauncher(folder: string, provider: ProviderName, configFile: string): void {
  const target = join(folder, VERSIONS[provider], `${platform()}_${GO_ARCH[arch()] ?? arch()}`);
  mkdirSync(target, { recursive: true });
  const launcher = join(target, `terraform-provider-${provider}_v${VERSIONS[provider]}`);
  writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${compiledMain()}" "${configFile}"\n`);
  chmodSync(launcher, 0o755);
}

/** The compiled program of this very build; from the sources (tests) that of `npm run build`. */
function compiledMain(): string {
  const beside = join(__dirname, 'main.js');
  return existsSync(beside) ? beside : fromRoot('dist', 'rehearsal', 'provider-standin', 'main.js');
}

function catalogInstances(): StandInConfig['instances'] {
  const entries = loadCatalog().instances.map(({ type, arch: cpu, gpuCount }) => [type, { arch: cpu, gpu: gpuCount > 0 }] as const);
  return Object.fromEntries(entries);
}
