import { createColors } from 'picocolors';
import { advice } from './reasons';
import type { Rollout } from './schema';

/** A rollout for the terminal: state, pods, findings, answer, figures; on failure why, and what to do. */
export function rolloutText(rollout: Rollout, { colours }: { readonly colours: boolean }): string {
  const paint = createColors(colours);
  const colour = { proved: paint.green, unknown: paint.yellow, differs: paint.red, failed: paint.red }[rollout.state];
  const { namespace, context, version } = rollout.cluster;
  const lines = [
    `${colour(rollout.state.toUpperCase())}: ${rollout.summary}`,
    `${rollout.release.name} (${rollout.release.environment}) in ${namespace} of ${context}${version ? `, Kubernetes ${version}` : ''}`,
    `${rollout.replicas.ready} of ${rollout.replicas.wanted} replicas ready`,
    '',
  ];
  for (const pod of rollout.pods)
    lines.push(`  ${pod.ready ? 'ready    ' : 'not ready'} ${pod.name} on ${pod.node ?? 'no node'}, ${pod.restarts} restart(s)`);
  if (rollout.smoke)
    lines.push(
      `  ${rollout.smoke.passed ? 'answers  ' : 'WRONG    '} ${rollout.smoke.question} ${JSON.stringify(rollout.smoke.answer.trim())}`,
    );
  for (const { name, measured, low, high, verdict } of rollout.measurements) {
    const range = low === null || high === null ? 'the plan does not know' : `plan ${round(low)} to ${round(high)}`;
    lines.push(`  measured  ${name} ${measured} (${range}): ${verdict}`);
  }
  for (const { rule, severity, subject, message, expected, found } of rollout.findings) {
    const both = expected === null && found === null ? '' : ` Expected: ${expected ?? 'nothing'}. Found: ${found ?? 'nothing'}.`;
    lines.push(`  ${severity.padEnd(9)} ${rule} ${subject}: ${message}.${both}`);
  }
  if (rollout.reasons.length > 0) {
    lines.push('', 'Why:', ...rollout.reasons.map((reason) => `  - ${reason}`), '', 'What to do:');
    lines.push(...advice(rollout.reasons).map((hint) => `  - ${hint}`));
  }
  return lines.join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
