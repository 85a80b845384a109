import { isScalar, parseDocument } from 'yaml';
import type { z } from 'zod';
import { KitError, type Problem } from '../core/error';
import { didYouMean } from '../core/nearest';
import { showValue } from '../core/printable';
import { ReleaseSchema } from './schema';

/** What `ovkit init` asks for; everything else of the file is for its writer to change. */
export interface StarterAnswers {
  readonly name: string;
  readonly owner: string;
  readonly costCentre: string;
  readonly model: string;
  readonly region: string;
  readonly monthlyUsd: string;
}
export type StarterKey = keyof StarterAnswers;

/** The two sizes of LLaVA-OneVision-1.5, with what else changes in the file. Revisions: see catalog/models. */
export const STARTER_MODELS = {
  '4B': {
    id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct',
    revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610',
    usdPerThousandImages: 5,
    lock: 'compliance.lock.json',
  },
  '8B': {
    id: 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct',
    revision: 'e137910552d616eb0f7305147ca054311a90c542',
    usdPerThousandImages: 8,
    lock: 'examples/locks/llava-onevision-1.5-8b.lock.json',
  },
} as const;

/** Monthly budget in US dollars that fits the size on its usual card for 200 hours. */
const USUAL_MONTHLY_USD: Readonly<Record<string, string>> = { '4B': '500', '8B': '700' };

/** What is written when nobody says otherwise. */
export function starterDefaults(model: string): StarterAnswers {
  return {
    name: 'puppet-show',
    owner: 'my-team',
    costCentre: 'my-cost-centre',
    model,
    region: 'us-east-1',
    monthlyUsd: USUAL_MONTHLY_USD[model] ?? '500',
  };
}

/** Why an answer cannot be used, in words that follow the name of the option; undefined when it can. */
export function answerProblem(key: StarterKey, answer: string): string | undefined {
  if (key === 'model') {
    const sizes = Object.keys(STARTER_MODELS);
    return sizes.includes(answer) ? undefined : `must be ${sizes.join(' or ')}.${didYouMean(answer, sizes)}`;
  }
  const value = key === 'monthlyUsd' ? Number(answer.trim() === '' ? Number.NaN : answer) : answer;
  const issue = ANSWER_SCHEMAS[key].safeParse(value).error?.issues[0];
  if (!issue) return undefined;
  return key === 'monthlyUsd' ? 'must be a number more than 0, in US dollars and without a unit.' : `${issue.message.replace(/\.$/, '')}.`;
}

const ANSWER_SCHEMAS: Readonly<Record<Exclude<StarterKey, 'model'>, z.ZodType>> = {
  name: ReleaseSchema.shape.metadata.shape.name,
  owner: ReleaseSchema.shape.metadata.shape.owner,
  costCentre: ReleaseSchema.shape.metadata.shape.costCentre,
  region: ReleaseSchema.shape.placement.shape.region.unwrap(),
  monthlyUsd: ReleaseSchema.shape.budget.shape.monthlyUsd,
};

/**
 * The commented release file for the answers.
 *
 * @param template  text of release/template.yaml, whose comments and order are kept
 * @param schemaPath  path from the file to the JSON Schema, for editors
 * @throws KitError E_INIT_OPTION with every answer that no release may have
 */
export function starterRelease(template: string, answers: StarterAnswers, schemaPath: string): string {
  const problems = (Object.keys(answers) as StarterKey[]).flatMap((key): Problem[] => {
    const problem = answerProblem(key, answers[key]);
    if (problem === undefined) return [];
    return [
      {
        code: 'E_INIT_OPTION',
        message: `${STARTER_FLAGS[key]} is ${showValue(answers[key])}: ${problem}`,
        next: `correct ${STARTER_FLAGS[key]}.`,
      },
    ];
  });
  if (problems.length > 0) throw new KitError(problems);
  const model = STARTER_MODELS[answers.model as keyof typeof STARTER_MODELS];
  const document = parseDocument(template);
  const set = (path: readonly string[], value: string | number): void => {
    const node = document.getIn(path, true);
    if (!isScalar(node)) throw new Error(`release/template.yaml has no ${path.join('.')}`);
    node.value = value;
  };
  set(['metadata', 'name'], answers.name);
  set(['metadata', 'owner'], answers.owner);
  set(['metadata', 'costCentre'], answers.costCentre);
  set(['model', 'id'], model.id);
  set(['model', 'revision'], model.revision);
  set(['placement', 'region'], answers.region);
  set(['budget', 'monthlyUsd'], Number(answers.monthlyUsd));
  set(['budget', 'usdPerThousandImages'], model.usdPerThousandImages);
  set(['compliance', 'lock'], model.lock);
  return document.toString({ lineWidth: 0 }).replace(/(\$schema=).*/, (_line, start: string) => `${start}${schemaPath}`);
}

/** The option of `ovkit init` that gives an answer. */
const STARTER_FLAGS: Readonly<Record<StarterKey, string>> = {
  name: '--name',
  owner: '--owner',
  costCentre: '--cost-centre',
  model: '--model',
  region: '--region',
  monthlyUsd: '--monthly-usd',
};
