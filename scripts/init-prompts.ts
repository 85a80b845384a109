import { loadCatalog } from '../catalog/load';
import { answerProblem, STARTER_MODELS, type StarterAnswers, type StarterKey, starterDefaults } from '../release/starter';

/**
 * Asks in the terminal for what was not given on the command line.
 * @returns undefined when the user cancels (Ctrl-C, Escape) or the signal aborts
 */
export async function askStarterAnswers(given: Partial<StarterAnswers>, signal: AbortSignal): Promise<StarterAnswers | undefined> {
  // Loaded here, since only a terminal needs it.
  const prompts = await import('@clack/prompts');
  const answers: Partial<Record<StarterKey, string>> = { ...given };
  prompts.intro('A new release');
  for (const question of QUESTIONS) {
    if (answers[question.key] !== undefined) continue;
    const initialValue = starterDefaults(answers.model ?? '4B')[question.key];
    const answer = question.choices
      ? await prompts.select({ message: question.message, initialValue, options: question.choices(), signal })
      : await prompts.text({
          message: question.message,
          initialValue,
          signal,
          validate: (typed) => answerProblem(question.key, typed ?? ''),
        });
    if (prompts.isCancel(answer)) return undefined;
    answers[question.key] = answer;
  }
  return answers as StarterAnswers;
}

interface Question {
  readonly key: StarterKey;
  readonly message: string;
  readonly choices?: () => { readonly value: string; readonly label: string; readonly hint?: string }[];
}

/** The size comes first, since the usual budget depends on it. */
const QUESTIONS: readonly Question[] = [
  {
    key: 'model',
    message: 'Size of LLaVA-OneVision-1.5',
    choices: () => Object.entries(STARTER_MODELS).map(([value, { id }]) => ({ value, label: value, hint: id })),
  },
  { key: 'name', message: 'Name of the release (prefixes every resource)' },
  { key: 'owner', message: 'Team or person who answers for it' },
  { key: 'costCentre', message: 'Cost centre that gets the bill' },
  {
    key: 'region',
    message: 'AWS region (those with prices in the catalogue)',
    choices: () => loadCatalog().prices.regions.map((value) => ({ value, label: value })),
  },
  { key: 'monthlyUsd', message: 'Most US dollars a month' },
];
