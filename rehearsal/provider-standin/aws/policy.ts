/** Resource types whose policy says who may do something, and so must name principals. */
const WITH_PRINCIPAL = /^aws_(kms_key|s3_bucket_policy|sns_topic_policy|sqs_queue_policy|vpc_endpoint)$/;

/**
 * What is wrong with a policy document, or undefined. JSON of other kinds (lifecycle rules, cost expressions) only has to parse.
 * Source: IAM JSON policy reference, grammar.
 */
export function policyProblem(type: string, attribute: string, text: string): string | undefined {
  if (text === '') return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return `It is not JSON: ${error instanceof Error ? error.message : error}`;
  }
  const trust = attribute === 'assume_role_policy';
  if (!trust && !/^aws_(iam|kms_key|s3_bucket_policy|sns_topic_policy|sqs_queue_policy|vpc_endpoint)/.test(type)) return undefined;
  const { Version, Statement } = (document ?? {}) as { Version?: unknown; Statement?: unknown };
  if (Version !== '2012-10-17' && Version !== '2008-10-17') return 'Version must be 2012-10-17.';
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0 || statements.some((statement) => typeof statement !== 'object' || statement === null))
    return 'Statement is missing.';
  const sids = statements.flatMap((statement) => statement.Sid ?? []);
  if (new Set(sids).size !== sids.length) return 'two statements have the same Sid.';
  return statements.map((statement) => statementProblem(statement, trust || WITH_PRINCIPAL.test(type), trust)).find(Boolean);
}

function statementProblem(statement: Readonly<Record<string, unknown>>, needsPrincipal: boolean, trust: boolean): string | undefined {
  const { Sid, Effect } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') return `Effect is ${JSON.stringify(Effect)}, neither Allow nor Deny.`;
  if (Sid !== undefined && !/^[A-Za-z0-9 ]*$/.test(String(Sid))) return `Sid ${JSON.stringify(Sid)} holds other than letters and digits.`;
  if (!('Action' in statement) && !('NotAction' in statement)) return 'a statement has no Action.';
  const actions = [statement.Action ?? []].flat();
  const odd = actions.find((action) => action !== '*' && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/.test(String(action)));
  if (odd !== undefined) return `Action ${JSON.stringify(odd)} is not service:Action.`;
  const hasPrincipal = 'Principal' in statement || 'NotPrincipal' in statement;
  if (needsPrincipal !== hasPrincipal)
    return needsPrincipal ? 'a statement names no Principal.' : 'a policy of an identity names no Principal.';
  if (!trust && !('Resource' in statement) && !('NotResource' in statement)) return 'a statement has no Resource.';
  return undefined;
}
