import { resolve } from 'node:path';
import { ExitCode, KitError } from '../../core/error';
import type { NamedCluster } from '../../rehearsal/cluster/named-cluster';
import { type Column, loadColumns } from '../../rehearsal/column';
import { rehearse } from '../../rehearsal/rehearse';
import type { ClusterChoice } from '../../rehearsal/stage';
import { loadRelease } from '../../release/load';
import { rehearsalText, stageLine } from '../../reports/rehearsal-text';
import { allCodes } from '../all-codes';
import { type CommandContext, type CommandResult, type CommonOptions, DEFAULT_RELEASE } from '../command';

interface RehearseOptions extends CommonOptions {
  readonly only?: string;
  readonly cluster?: ClusterChoice;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly confirmContext?: string;
}

/** `ovkit rehearse`: the whole way on this machine. Exit 0 when what it saw is what rehearsal/expected.json records, else 1. */
export async function run(options: RehearseOptions, _args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const tell = (line: string): void => {
    if (!options.quiet) context.stderr(`${line}\n`);
  };
  const columns = chooseColumns(loadColumns(), options);
  let current: Column | undefined;
  const summary = await rehearse({
    columns,
    outDir: resolve(options.out),
    codes: allCodes(),
    cluster: options.cluster ?? 'auto',
    namedCluster: namedCluster(options),
    now: context.now,
    signal: context.signal,
    onProgress: (line) => tell(`    ${line}`),
    onStage: (column, _title, stage) => {
      if (column !== current) tell(`${current ? '\n' : ''}${column.title} (${column.release})`);
      current = column;
      if (stage) tell(stageLine(stage, context.colours));
    },
  });
  return {
    exitCode: summary.matchesExpected ? ExitCode.pass : ExitCode.violations,
    json: summary,
    text: rehearsalText(summary, options.out),
  };
}

/** All recorded columns; one of them with --only; or the release that --release or --environment names, of which nothing is recorded. */
function chooseColumns(columns: readonly Column[], options: RehearseOptions): readonly Column[] {
  if (options.only !== undefined) {
    const chosen = columns.filter((column) => column.id === options.only);
    if (chosen.length > 0) return chosen;
    throw new KitError({
      code: 'E_COLUMN_UNKNOWN',
      message: `there is no column "${options.only}".`,
      allowed: `${columns.map((column) => column.id).join(', ')}.`,
      next: 'name one with --only.',
    });
  }
  if (options.release === DEFAULT_RELEASE && options.environment === undefined) return columns;
  loadRelease(options.release, { environment: options.environment });
  return [
    { id: 'own', title: options.release, release: resolve(options.release), environment: options.environment ?? null, expected: null },
  ];
}

function namedCluster({ context, kubeconfig, confirmContext }: RehearseOptions): NamedCluster | undefined {
  if (context !== undefined) return { context, kubeconfig, confirmed: confirmContext };
  if (kubeconfig === undefined && confirmContext === undefined) return undefined;
  throw new KitError({
    code: 'E_CLUSTER_CONTEXT',
    message: '--kubeconfig or --confirm-context is given without --context; the current context of a kubeconfig is never taken.',
    allowed: 'a context of your kubeconfig.',
    next: 'name one with --context NAME.',
  });
}
