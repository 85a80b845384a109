import { AWS_CODES } from '../aws/codes';
import { CATALOG_CODES } from '../catalog/codes';
import { CHARTS_CODES } from '../charts/codes';
import { COMPLIANCE_CODES } from '../compliance/codes';
import { CORE_CODES, type CodeTable } from '../core/codes';
import { PLANNING_CODES } from '../planning/codes';
import { REHEARSAL_CODES } from '../rehearsal/codes';
import { RELEASE_CODES } from '../release/codes';
import { ROLLOUT_CODES } from '../rollout/codes';
import { RUNTIME_CODES } from '../runtime/codes';
import { STACKS_CODES } from '../stacks/codes';
import { SCRIPTS_CODES } from './codes';

/** Every error code and rule id of the kit, by room. */
export function allCodes(): CodeTable {
  return {
    ...CORE_CODES,
    ...RELEASE_CODES,
    ...CATALOG_CODES,
    ...PLANNING_CODES,
    ...COMPLIANCE_CODES,
    ...CHARTS_CODES,
    ...RUNTIME_CODES,
    ...STACKS_CODES,
    ...AWS_CODES,
    ...ROLLOUT_CODES,
    ...REHEARSAL_CODES,
    ...SCRIPTS_CODES,
  };
}
