import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { State } from '../../compliance/state';
import { decideGate } from '../../stacks/gate/decision';
import { hclJson, hclText } from '../../stacks/gate/hcl-text';
import { aClusterRelease, aFinding, aPlan, aRelease, aVerdict, resourcesOf, type StackJson, synthesise } from './fixtures';

const GATED = ['network', 'platform', 'workloads'];
const AWS_STACKS = ['bootstrap', ...GATED];
const rehearsal = () => aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal' }));

/** Follows depends_on and references from a resource to whether it reaches another. */
function reaches(stack: StackJson, from: string, target: string, seen = new Set<string>()): boolean {
  if (from === target) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  const body = Object.fromEntries(resourcesOf(stack))[from];
  return (body?.depends_on ?? []).some((next: string) => reaches(stack, next, target, seen));
}

describe('the compliance gate', () => {
  it('stands in every stack but bootstrap, with verdict, expiry and plan state as locals', () => {
    const { stacks } = synthesise();
    expect(Object.keys(stacks).sort()).toEqual([...AWS_STACKS].sort());
    expect(stacks.bootstrap.resource.terraform_data).toBeUndefined();
    for (const name of GATED) {
      expect(stacks[name].locals).toMatchObject({
        compliance_verdict: 'allowed',
        compliance_expires: '2099-01-01T00:00:00Z',
        plan_state: 'ok',
      });
      expect(stacks[name].resource.terraform_data.compliance_gate.lifecycle.precondition).toHaveLength(3);
    }
  });

  it('is reached from every resource of a gated stack, so that -target cannot avoid it', () => {
    for (const release of [aRelease(), rehearsal(), aClusterRelease()]) {
      const { stacks } = synthesise({ release, settings: { clusterAdmins: ['arn:aws:iam::123456789012:role/admin'] } });
      for (const name of GATED.filter((stack) => stack in stacks)) {
        const addresses = resourcesOf(stacks[name]).map(([address]) => address);
        expect(addresses.length).toBeGreaterThan(1);
        const unreached = addresses.filter(
          (address) => address !== 'terraform_data.rehearsal_guard' && !reaches(stacks[name], address, 'terraform_data.compliance_gate'),
        );
        expect(unreached).toEqual([]);
      }
    }
  });

  it('refers to no provider and never changes once created, so that it runs alone and defers nothing', () => {
    const { stacks } = synthesise({ release: rehearsal() });
    for (const name of GATED) {
      const gate = stacks[name].resource.terraform_data.compliance_gate;
      expect(Object.keys(gate).sort()).toEqual(['//', 'lifecycle']);
      expect(JSON.stringify(gate)).not.toMatch(/data\.|aws_|depends_on/);
    }
  });

  it('leaves data sources alone: one that waits for a resource would be unknown while Helm plans', () => {
    const { stacks } = synthesise();
    for (const stack of Object.values(stacks)) expect(JSON.stringify(stack.data)).not.toContain('depends_on');
  });
});

describe('annotations', () => {
  const release = aRelease();
  const denied = aVerdict(release, { state: 'denied', findings: [aFinding({ state: 'denied' })] });

  it('are errors on each gated stack of a release that is not allowed, and none on bootstrap', () => {
    const { annotations } = synthesise({ release, verdict: denied });
    const errors = annotations.filter(({ level }) => level === '@cdktf/error');
    expect(errors.map(({ stack }) => stack).sort()).toEqual(GATED);
    for (const { message } of errors) {
      expect(message).toContain('the verdict is denied');
      expect(message).toContain('OVK-LIC-001');
      expect(message).toContain('npx ovkit check');
    }
  });

  it('are warnings under report, while the precondition still refuses', () => {
    const { annotations, stacks } = synthesise({ release, verdict: denied, gate: 'report' });
    expect(annotations.filter(({ level }) => level === '@cdktf/error')).toEqual([]);
    expect(annotations.filter(({ message }) => message.includes('apply is still refused')).map(({ stack }) => stack)).toEqual(GATED);
    for (const name of GATED) expect(stacks[name].locals.compliance_verdict).toBe('denied');
  });

  it('refuse a plan that does not hold, even with an allowed verdict', () => {
    const plan = aPlan(
      release,
      {},
      { state: 'refused', problems: [{ code: 'E_NO_FIT', severity: 'error', message: 'too small', next: 'x' }] },
    );
    const { annotations, stacks } = synthesise({ release, plan });
    expect(annotations.filter(({ level }) => level === '@cdktf/error').map(({ message }) => message)).toEqual(
      GATED.map(() => expect.stringMatching(/the plan is refused.*E_NO_FIT: too small.*npx ovkit plan/)),
    );
    expect(stacks.platform.locals.plan_state).toBe('refused');
  });

  it('are absent from a release that is allowed', () => {
    expect(synthesise({ settings: { clusterCidrs: ['203.0.113.7/32'] }, mirror: { mirror: 's3://show' } }).annotations).toEqual([]);
  });
});

describe('decideGate', () => {
  const release = aRelease();

  it('allows only an allowed verdict with a plan that is ok', () => {
    for (const state of ['allowed', 'denied', 'unknown', 'conflict', 'unavailable'] as State[]) {
      for (const planState of ['ok', 'refused', 'unknown'] as const) {
        const decision = decideGate(release, aPlan(release, {}, { state: planState }), aVerdict(release, { state }));
        expect(decision.allowed).toBe(state === 'allowed' && planState === 'ok');
      }
    }
  });

  it.each([
    ['nothing was to be checked', { subjectsExpected: 0, subjectsChecked: 0 }],
    ['not everything was checked', { subjectsExpected: 3, subjectsChecked: 2 }],
  ])('is unknown when %s, whatever the verdict says of itself', (_, counts) => {
    expect(decideGate(release, aPlan(release), aVerdict(release, counts))).toMatchObject({ allowed: false, verdict: 'unknown' });
  });

  it('refuses a verdict or a plan of another environment, name or revision', () => {
    const other = rehearsal();
    expect(() => decideGate(release, aPlan(release), aVerdict(other))).toThrow(/E_STACK_MISMATCH/);
    expect(() => decideGate(release, aPlan(other), aVerdict(release))).toThrow(/E_STACK_MISMATCH/);
    expect(() =>
      decideGate(release, aPlan(release), aVerdict(release, { model: { id: release.model.id, revision: '0'.repeat(40) } })),
    ).toThrow(/E_STACK_MISMATCH/);
  });

  it('names the worst findings first, leaves out waived ones and warnings, and counts the rest', () => {
    const findings = [
      aFinding({ rule: 'OVK-LIC-001', state: 'unavailable' }),
      aFinding({ rule: 'OVK-LIC-002', waivedBy: 'W-1' }),
      aFinding({ rule: 'OVK-LIC-003', severity: 'warning' }),
      ...Array.from({ length: 4 }, () => aFinding({ rule: 'OVK-DAT-004', state: 'denied' })),
    ];
    const { verdictMessage } = decideGate(release, aPlan(release), aVerdict(release, { state: 'denied', findings }));
    expect(verdictMessage.match(/OVK-[A-Z]+-\d+/g)).toEqual(['OVK-DAT-004', 'OVK-DAT-004', 'OVK-DAT-004']);
    expect(verdictMessage).toContain('and 2 more');
  });

  it('keeps its messages in one bounded line, with the next command at the end', () => {
    const findings = Array.from({ length: 50 }, () => aFinding({ state: 'denied', message: `${'long '.repeat(500)}\n\u001b[31mred` }));
    const { verdictMessage } = decideGate(release, aPlan(release), aVerdict(release, { state: 'denied', findings }));
    expect(verdictMessage.length).toBeLessThanOrEqual(1_000);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    expect(verdictMessage).not.toMatch(/[\u0000-\u001f]/);
    expect(verdictMessage).toMatch(/Next: npx ovkit check$/);
  });

  it('names the release file in the next command, unless its name could mean more to a shell', () => {
    const named = (file: string) =>
      decideGate(release, aPlan(release), aVerdict(release, { release: { name: 'puppet-show', file } })).verdictMessage;
    expect(named('examples/refused.yaml')).toMatch(/npx ovkit check --release examples\/refused\.yaml$/);
    expect(named('a; rm -rf b.yaml')).toMatch(/npx ovkit check$/);
  });
});

/** Terraform reads $${ and %%{ as ${ and %{; a lone ${ or %{ would start a template. */
const withoutLiterals = (text: string): string => text.replace(/\$\$\{|%%\{/g, ' ');
const asTerraformReads = (text: string): string => text.replace(/([$%])\1\{/g, '$1{');

describe('text of users in Terraform JSON', () => {
  const hostile =
    '${file("/etc/passwd")} %{ for x in [1] }${x}%{ endfor } ${TfToken[TOKEN.0]} TfToken[TOKEN.1] #{TfToken[TOKEN.2]} &{x} [TOKEN.3] "quoted" $${a}';

  it('arrives in messages and values without becoming a template or a token', () => {
    const release = aRelease();
    const verdict = aVerdict(release, { state: 'denied', findings: [aFinding({ state: 'denied', message: hostile, subject: hostile })] });
    const values = { engine: { args: [hostile] } };
    const { stacks, texts } = synthesise({ release, verdict, values, gate: 'report' });
    for (const name of GATED) {
      const [{ error_message: text }] = stacks[name].resource.terraform_data.compliance_gate.lifecycle.precondition;
      expect(text).toContain('$${file(');
      expect(withoutLiterals(text)).not.toMatch(/[$%]\{/);
    }
    expect(JSON.parse(stacks.workloads.resource.helm_release.inference.values[0])).toEqual(values);
    expect(stacks.workloads.resource.helm_release.inference.values[0]).not.toMatch(/[$%#]\{/);
    for (const text of Object.values(texts)) expect(text).not.toMatch(/\$\{TfToken\[/);
  });

  it('hclText leaves nothing that opens a template', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '%', '{', '}', 'a', 'TfToken[', '"', '\\')), (parts) => {
        const escaped = hclText(parts.join(''));
        expect(withoutLiterals(escaped)).not.toMatch(/[$%]\{/);
        expect(escaped).not.toContain('TfToken[');
        if (!parts.includes('TfToken[')) expect(asTerraformReads(escaped)).toBe(parts.join(''));
      }),
    );
  });

  it('hclJson reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = hclJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text).not.toMatch(/[$%#]\{/);
      }),
    );
  });
});

describe('environment rehearsal', () => {
  it('binds every resource of every stack, bootstrap too, to the account of the stand-in', () => {
    const { stacks } = synthesise({ release: rehearsal() });
    for (const name of AWS_STACKS) {
      const guard = stacks[name].resource.terraform_data.rehearsal_guard;
      expect(guard.lifecycle.precondition[0].condition).toBe('${data.aws_caller_identity.account.account_id == "000000000000"}');
      expect(stacks[name].provider.aws[0].allowed_account_ids).toEqual(['000000000000']);
      const unguarded = resourcesOf(stacks[name])
        .map(([address]) => address)
        .filter(
          (address) => address !== 'terraform_data.compliance_gate' && !reaches(stacks[name], address, 'terraform_data.rehearsal_guard'),
        );
      expect(unguarded).toEqual([]);
    }
  });

  it('is the only one that is bound', () => {
    const { texts } = synthesise();
    for (const text of Object.values(texts)) expect(text).not.toMatch(/rehearsal_guard|allowed_account_ids/);
  });
});
