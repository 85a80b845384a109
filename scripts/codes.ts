import type { CodeTable } from '../core/codes';

/** Codes of the command line itself. */
export const SCRIPTS_CODES: CodeTable = {
  E_CODE_UNKNOWN: {
    title: 'ovkit explain was asked for a code that does not exist',
    meaning: 'The kit has no error code or rule of that name.',
    remedy: 'List all of them with `npx ovkit explain`.',
  },
  E_COLUMN_UNKNOWN: {
    title: 'ovkit rehearse --only names no column',
    meaning: 'The columns are the releases recorded in rehearsal/expected.json.',
    remedy: 'Name one of those that the message lists, or leave --only away to walk all.',
  },
  E_VERB_UNKNOWN: {
    title: 'A command was given a verb that it does not have',
    meaning: 'Some commands take a verb first, such as `ovkit verdict sign` and `ovkit waiver verify`.',
    remedy: 'Use one of the verbs that the message lists.',
  },
  E_WAIVER_USAGE: {
    title: 'ovkit waiver was given too little',
    meaning: 'Signing needs the file of waivers and the key, a draft a whole number of days.',
    remedy: 'Run it as the message shows.',
  },
  E_COMPARE_COUNT: {
    title: 'ovkit compare needs two to four releases',
    meaning: 'One release is what `ovkit plan` is for; more than four stand in no table that can be read.',
    remedy: 'Name two to four release files.',
  },
  E_PLAN_OPTION: {
    title: 'An option of ovkit plan has a value that it cannot have',
    meaning: '--month is the month of the forecast that --focus writes.',
    remedy: 'Write it as year and month, e.g. 2026-12.',
  },
  E_ESTIMATE_OPTION: {
    title: 'An option of ovkit estimate is missing or wrong',
    meaning: 'An estimate needs at least a model and a card; numbers must be in their range.',
    remedy: 'Correct the option that the message names; `npx ovkit estimate --help` lists them.',
  },
  E_CALIBRATION_LOG: {
    title: 'Nothing to calibrate with was found in the logs',
    meaning:
      'Start-up logs of vLLM, logs of llama-server and the JSON of `vllm bench serve` are read. What they do not say themselves (model, card, precision) must be given.',
    remedy: 'Name other files, or add --model, --gpu and --precision.',
  },
  E_CONFIG_INVALID: {
    title: 'The config.json is not that of a language model',
    meaning: 'The dimensions that memory and speed are computed from are missing or no numbers.',
    remedy: 'Give the config.json of the model as the Hub has it.',
  },
  E_INTERRUPTED: {
    title: 'The command was interrupted',
    meaning: 'Ctrl-C or a termination signal. Output files are written whole or not at all, so nothing half-written was left.',
    remedy: 'Run it again.',
  },
  E_INTERNAL: {
    title: 'The kit failed',
    meaning: 'An error that is not about your input: a defect of the kit or of this machine.',
    remedy: 'Run the command again with --debug and report what it prints.',
  },
};
