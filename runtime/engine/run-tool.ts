import { KitError } from '../../core/error';
import type { ProcessResult, RunProcess } from '../../core/run-process';

export interface ToolCall {
  readonly command: string;
  readonly args: readonly string[];
  /** What the call is for, as "building llama-server". */
  readonly what: string;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly onOutput?: (piece: string) => void;
}

export interface ToolEdges {
  readonly run: RunProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Lines of a failed program that a message shows. */
const SHOWN_LINES = 4;

/**
 * Runs a program that must succeed.
 * @throws KitError E_TOOL_MISSING when it is not on the PATH, E_TOOL_FAILED with its last lines; the signal's reason on abort
 */
export async function runTool(call: ToolCall, edges: ToolEdges): Promise<ProcessResult> {
  const { command, args, what, cwd, timeoutMs, onOutput } = call;
  let result: ProcessResult;
  try {
    result = await edges.run(command, args, { cwd, env: edges.env, signal: edges.signal, timeoutMs, onOutput });
  } catch (error) {
    edges.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new KitError(
        {
          code: 'E_TOOL_MISSING',
          message: `${command} is not on the PATH; it is needed for ${what}.`,
          next: `install ${command} and try again.`,
        },
        { cause: error },
      );
    }
    throw failed(call, error instanceof Error ? error.message : String(error), error);
  }
  if (result.exitCode !== 0) throw failed(call, `exit code ${result.exitCode}: ${lastLines(result)}`);
  return result;
}

function failed({ command, args, what }: ToolCall, why: string, cause?: unknown): KitError {
  return new KitError(
    {
      code: 'E_TOOL_FAILED',
      message: `${what} failed: ${command} ${args[0] ?? ''}: ${why}`,
      next: 'mend what the program names and try again.',
    },
    { cause },
  );
}

function lastLines({ stderr, output }: ProcessResult): string {
  const text = stderr.trim() === '' ? output : stderr;
  return text.trim().split('\n').slice(-SHOWN_LINES).join(' | ');
}
