import { existsSync, readFileSync } from 'node:fs';
import { AwsStandIn } from './aws/provider';
import { Cloud } from './cloud';
import type { StandInConfig } from './config';
import { HelmStandIn } from './helm/provider';
import { servePlugin } from './protocol/plugin-server';

/** Starts the stand-in that a configuration file describes; Terraform calls this through the launcher that `install.ts` writes. */
export async function main(configFile: string | undefined): Promise<void> {
  try {
    const config: StandInConfig = JSON.parse(readFileSync(configFile ?? '', 'utf8'));
    const schema = JSON.parse(readFileSync(config.schema, 'utf8'));
    const faults = existsSync(config.faults) ? JSON.parse(readFileSync(config.faults, 'utf8')) : [];
    const cloud = new Cloud(config.cloud);
    const standIn =
      config.provider === 'aws' ? new AwsStandIn(schema, cloud, config, faults, process.env) : new HelmStandIn(schema, cloud, config);
    await servePlugin(standIn, process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

if (require.main === module) void main(process.argv[2]);
