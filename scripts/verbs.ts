import { KitError } from '../core/error';
import { didYouMean } from '../core/nearest';

/** The error for a verb that a command does not have. */
export function unknownVerb(command: string, verb: string | undefined, verbs: readonly string[]): KitError {
  return new KitError({
    code: 'E_VERB_UNKNOWN',
    message: `ovkit ${command} has no verb "${verb ?? ''}".${didYouMean(verb ?? '', verbs)}`,
    allowed: `${verbs.join(', ')}.`,
    next: `see \`npx ovkit ${command} --help\`.`,
  });
}
