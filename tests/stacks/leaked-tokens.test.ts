import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { App, Fn, Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { decideGate } from '../../stacks/gate/decision';
import { KitStack } from '../../stacks/kit-stack';
import { leakedTokens } from '../../stacks/leaked-tokens';
import { DEFAULT_SETTINGS } from '../../stacks/settings';
import { costTags } from '../../stacks/tags';
import { aPlan, aRelease, aVerdict } from './fixtures';
import { synthesiseVariants } from './variants';

const release = aRelease();
const context = {
  release,
  plan: aPlan(release),
  decision: decideGate(release, aPlan(release), aVerdict(release)),
  gate: 'enforce',
  settings: DEFAULT_SETTINGS,
  tags: costTags(release),
} as const;

/** Synthesises a stack of the kit in which somebody does something with the id of a VPC; gives back what was written. */
function synthesiseWith(misuse: (vpc: Vpc) => Readonly<Record<string, unknown>>): string[] {
  const outdir = mkdtempSync(join(tmpdir(), 'ovk-tokens-'));
  try {
    const app = new App({ stackTraces: false, outdir });
    const stack = new KitStack(app, 'show', context, { gated: true, aws: true });
    const vpc = new Vpc(stack, 'vpc', { cidrBlock: '10.0.0.0/16' });
    const other = new Vpc(stack, 'other', { cidrBlock: '10.1.0.0/16' });
    for (const [path, value] of Object.entries(misuse(vpc))) other.addOverride(path, value);
    app.synth();
    return readdirSync(join(outdir, 'stacks', 'show'));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

describe('a token of CDKTF', () => {
  it.each<[string, (vpc: Vpc) => Readonly<Record<string, unknown>>]>([
    ['in capitals', (vpc) => ({ 'tags.Name': vpc.id.toUpperCase() })],
    ['cut off', (vpc) => ({ 'tags.Name': vpc.id.slice(0, 6) })],
    ['without its beginning', (vpc) => ({ 'tags.Name': vpc.id.slice(4) })],
    ['in a key that was changed', (vpc) => ({ tags: { [vpc.id.toLowerCase()]: 'x' } })],
    ['of a list, as text', (vpc) => ({ 'tags.Name': String(Token.asList(`\${[${vpc.fqn}.id]}`)).toUpperCase() })],
    ['that was computed with', (vpc) => ({ ipv4_netmask_length: Token.asNumber(`\${${vpc.fqn}.size}`) / 2 })],
    ['that was squared', (vpc) => ({ ipv4_netmask_length: Token.asNumber(`\${${vpc.fqn}.size}`) ** 2 })],
    ['of a number, in a text', (vpc) => ({ 'tags.Name': `/${Math.abs(Token.asNumber(`\${${vpc.fqn}.size}`))}` })],
    ['of a number, in digits', (vpc) => ({ 'tags.Name': `/${BigInt(Token.asNumber(`\${${vpc.fqn}.size}`))}` })],
  ])('%s stops the synth with its place, before the stack is written', (_, misuse) => {
    expect(() => synthesiseWith(misuse)).toThrow(/^E_STACK_TOKEN: resource\.aws_vpc\.other\.\S+ of stack show would hold/);
  });

  it('that is passed on, or given to a function of Terraform, stops nothing', () => {
    const proper = (vpc: Vpc) => ({
      'tags.Name': Fn.upper(vpc.id),
      'tags.Of': `of ${vpc.id}`,
      ipv4_netmask_length: Token.asNumber(`\${${vpc.fqn}.size}`),
    });
    expect(synthesiseWith(proper)).toEqual(['cdk.tf.json']);
  });

  it('is in no stack of any variant of the kit', () => {
    for (const [variant, { stacks }] of Object.entries(synthesiseVariants())) {
      for (const [name, json] of Object.entries(stacks))
        expect({ variant, name, leaked: leakedTokens(json) }).toEqual({ variant, name, leaked: [] });
    }
  });

  it.each(['TfToken(TOKEN.0)', 'v1.2e+10', '12345678901234567890', '${aws_vpc.vpc.id}', '$${Tf}', 'a token', 'sha256:0e291e205', '#{x}'])(
    'is not taken for %j',
    (text) => expect(leakedTokens({ text })).toEqual([]),
  );
});
