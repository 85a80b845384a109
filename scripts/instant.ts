import { parseInstant } from '../compliance/instant';
import type { CommandContext } from './command';

/** The clock of a command: `--at` when it is given, so that a verdict can be reproduced, else now. */
export function clockOf(at: string | undefined, context: CommandContext): Date {
  return at === undefined ? context.now() : parseInstant(at);
}
