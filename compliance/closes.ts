/** What closes a point of a rule, in words; null for a point without a rule of its own. */
export function closesRule(rule: string | null): string {
  return CLOSES[rule ?? ''] ?? 'obtain the evidence, or a waiver.';
}

const CLOSES: Readonly<Record<string, string>> = {
  'OVK-LIC-001': 'replace it, or change the policy by review; a denial cannot be waived.',
  'OVK-LIC-002': 'obtain the licence text itself as evidence, or settle the wording in the policy.',
  'OVK-LIC-003': 'ask the publisher to state a licence, then gather the evidence again; or a waiver.',
  'OVK-LIC-004': 'find out which statement holds (the text at the pinned revision decides), or a waiver.',
  'OVK-LIC-005': 'read the text; when it is acceptable, settle exactly these bytes in the policy.',
  'OVK-LIC-006': 'ask the publisher which terms hold for the images, leave the source out, or a waiver.',
  'OVK-LIC-007': 'somebody reads the terms and acknowledges them by a waiver for this release.',
  'OVK-LIC-008':
    'read the file (`npx ovkit licence-text FILE`); when it is acceptable, settle exactly these bytes in the policy, or a waiver.',
  'OVK-LIC-009': 'ask the author to put the licence into the package, or a waiver.',
  'OVK-EVD-001': 'gather the evidence at the artifact itself from a machine that reaches it, or a waiver.',
  'OVK-EVD-003': 'restore compliance/evidence from git, or gather the evidence again.',
  'OVK-EVD-004': 'gather evidence of it into the lock.',
  'OVK-EVD-005': 'gather the evidence of the pinned revision into the lock.',
  'OVK-EVD-009': 'read it with `npx ovkit lock packages` and commit compliance/package-texts.lock.json.',
  'OVK-AVL-001': 'gather the evidence from a machine that reaches it, or a waiver.',
};
