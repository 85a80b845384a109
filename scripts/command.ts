import type { Command } from 'commander';
import type { ExitCode } from '../core/error';
import type { Environment } from '../release/vocabulary';

/** Release file of a command that names none. */
export const DEFAULT_RELEASE = 'release.yaml';

/** Options that every command takes. */
export interface CommonOptions {
  readonly release: string;
  readonly json: boolean;
  readonly out: string;
  readonly quiet: boolean;
  readonly environment?: Environment;
}

/** What a command may touch of the world; tests pass their own. */
export interface CommandContext {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly now: () => Date;
  /** Aborted by Ctrl-C; long work listens and cleans up. */
  readonly signal: AbortSignal;
  readonly colours: boolean;
  readonly interactive: boolean;
}

/** What a command leaves behind: the exit code, and the one JSON document that `--json` prints. */
export interface CommandResult {
  readonly exitCode: ExitCode;
  /** Printed on stdout with --json, for every exit code. */
  readonly json: unknown;
  /** Printed on stdout without --json; nothing with --quiet. */
  readonly text: string;
}

/** A command: its place in commander, and the work. The work is imported only when it runs, so that --help stays fast. */
export interface CommandModule {
  run(options: CommonOptions & Record<string, unknown>, args: readonly string[], context: CommandContext): Promise<CommandResult>;
}

/** Description of one command for the command line. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  readonly configure?: (command: Command) => void;
  readonly load: () => Promise<CommandModule>;
}
