import type { CommandContext } from './command';

/** The real process as a command sees it. Ctrl-C aborts the signal once, so that work can clean up; the second one ends the process. */
export function processContext(): { readonly context: CommandContext; readonly dispose: () => void } {
  const abort = new AbortController();
  const onInterrupt = (): void => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  process.stdout.on('error', endQuietlyOnClosedPipe);
  const context: CommandContext = {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    now: () => new Date(),
    signal: abort.signal,
    colours: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env.CI,
  };
  const dispose = (): void => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  };
  return { context, dispose };
}

/** `ovkit … | head` closes the pipe early; that is not an error. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
