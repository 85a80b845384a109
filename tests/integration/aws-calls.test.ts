import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { runCli } from '../../scripts/ovkit';
import {
  type AwsAnswer,
  type AwsCall,
  ec2Error,
  identity,
  json,
  jsonError,
  NO_USER_CONFIG,
  startAwsServer,
  stsError,
  xml,
} from '../aws/aws-server';

/*
 * The calls of the kit to AWS over the wire, by the real SDK and the real command line, against a server on the loopback that answers as the API reference says.
 * Not AWS, and not recorded from it: what moto emulates is tried against moto (npm run test:extended); Service Quotas of EC2 and the Price List it lacks.
 */
const scratch = mkdtempSync(join(tmpdir(), 'ovk-aws-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const ACCOUNT = '123456789012';
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [{ platform: { os: 'linux', architecture: 'amd64' } }, { platform: { os: 'unknown', architecture: 'unknown' } }],
});
const DIGEST = `sha256:${createHash('sha256').update(MANIFEST).digest('hex')}`;
const zones = (...names: string[]) =>
  xml(
    `<DescribeAvailabilityZonesResponse><availabilityZoneInfo>${names.map((name) => `<item><zoneName>${name}</zoneName><zoneState>available</zoneState></item>`).join('')}</availabilityZoneInfo></DescribeAvailabilityZonesResponse>`,
  );
const offerings = (...pairs: [string, string][]) =>
  xml(
    `<DescribeInstanceTypeOfferingsResponse><instanceTypeOfferingSet>${pairs.map(([type, zone]) => `<item><instanceType>${type}</instanceType><locationType>availability-zone</locationType><location>${zone}</location></item>`).join('')}</instanceTypeOfferingSet></DescribeInstanceTypeOfferingsResponse>`,
  );
const vpcs = (...list: { id: string; cidrs: string[]; tags?: Record<string, string> }[]) =>
  xml(
    `<DescribeVpcsResponse><vpcSet>${list
      .map(({ id, cidrs, tags = {} }) => {
        const all = cidrs.map(
          (text) => `<item><cidrBlock>${text}</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>`,
        );
        const tagged = Object.entries(tags).map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`);
        return `<item><vpcId>${id}</vpcId><cidrBlock>${cidrs[0]}</cidrBlock><cidrBlockAssociationSet>${all.join('')}</cidrBlockAssociationSet><tagSet>${tagged.join('')}</tagSet></item>`;
      })
      .join('')}</vpcSet></DescribeVpcsResponse>`,
  );
const GOOD: Readonly<Record<string, AwsAnswer>> = {
  GetCallerIdentity: identity(ACCOUNT),
  GetServiceQuota: json({ Quota: { QuotaCode: 'L-DB2E81BA', Value: 64, Unit: 'None' } }),
  DescribeAvailabilityZones: zones('us-east-1a', 'us-east-1b'),
  DescribeInstanceTypeOfferings: offerings(['g6.xlarge', 'us-east-1b'], ['t4g.medium', 'us-east-1a']),
  DescribeVpcs: vpcs({ id: 'vpc-0default', cidrs: ['172.31.0.0/16'] }),
  BatchGetImage: json({ images: [{ imageManifest: MANIFEST, imageId: { imageDigest: DIGEST } }], failures: [] }),
  DescribeImages: json({ imageDetails: [{ imageDigest: DIGEST, imagePushedAt: 1_764_000_000 }] }),
};

let server: Awaited<ReturnType<typeof startAwsServer>> | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A release whose image is built, so that there is something to look up. */
function release(): string {
  const text = readFileSync(fromRoot('release.yaml'), 'utf8');
  const edited = text.replace(/^ {2}image:\n(?: {4}.*\n)+/m, `  image:\n    digest: ${DIGEST}\n`);
  expect(edited).toContain(DIGEST);
  const file = join(scratch, 'release.yaml');
  writeFileSync(file, edited);
  return file;
}

type Answers = Readonly<Record<string, AwsAnswer | ((call: AwsCall, nth: number) => AwsAnswer)>>;

/** The command line in this process (one process each would take most of the time), with the environment of the server. */
async function ovkit(args: readonly string[], answers: Answers) {
  server = await startAwsServer((call, nth) => {
    const answer = answers[call.action];
    return typeof answer === 'function' ? answer(call, nth) : answer;
  });
  const said = { stdout: '', stderr: '' };
  const exitCode = await withEnvironment(server.env, () =>
    runCli(args, {
      stdout: (text) => {
        said.stdout += text;
      },
      stderr: (text) => {
        said.stderr += text;
      },
      now: () => new Date(),
      signal: new AbortController().signal,
      colours: false,
      interactive: false,
    }),
  );
  return { exitCode, ...said, calls: server.calls };
}

async function withEnvironment<T>(env: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(env).map((key) => [key, process.env[key]]));
  Object.assign(process.env, env);
  try {
    return await run();
  } finally {
    for (const [key, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
  }
}

const preflight = (answers: Answers, ...args: string[]) =>
  ovkit(['preflight', '--release', release(), '--json', '--only', 'account,quotas,offerings,network,image', ...args], answers);
const check = (stdout: string, id: string) => JSON.parse(stdout).checks.find((entry: { id: string }) => entry.id === id);

describe('ovkit preflight', () => {
  it('passes for an account that has it all, and asks only to read', async () => {
    const { exitCode, stdout, stderr, calls } = await preflight(GOOD);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ kind: 'preflight', state: 'ok', account: ACCOUNT, region: 'us-east-1' });
    expect(check(stdout, 'image').summary).toContain('for linux/amd64, pushed 2025-11-24');
    expect(calls.every(({ action }) => /^(Get|Describe|BatchGet|List)/.test(action))).toBe(true);
    expect(calls.every(({ region }) => region === 'us-east-1')).toBe(true);
  });

  it('names the VPCs that the new network could never be connected with, and stops nobody', async () => {
    const tags = { Project: 'onevision-kit', Release: 'puppet-show', Environment: 'production' };
    const list = vpcs(
      { id: 'vpc-own', cidrs: ['10.42.0.0/16'], tags },
      { id: 'vpc-office', cidrs: ['192.168.0.0/16', '10.42.128.0/20'], tags: { Name: 'office', Release: 'puppet-show' } },
      { id: 'vpc-far', cidrs: ['10.43.0.0/16'] },
    );
    const { exitCode, stdout } = await preflight({ ...GOOD, DescribeVpcs: list });
    expect(exitCode).toBe(0);
    expect(check(stdout, 'network')).toMatchObject({
      state: 'ok',
      summary: '10.42.0.0/16 overlaps vpc-office (office, 10.42.128.0/20): a deploy works, but AWS will never connect the two',
      next: expect.stringContaining('OVKIT_VPC_CIDR'),
    });
    const other = await withEnvironment({ OVKIT_VPC_CIDR: '10.44.0.0/16' }, () => preflight({ ...GOOD, DescribeVpcs: list }));
    expect(check(other.stdout, 'network')).toMatchObject({ summary: '10.44.0.0/16 overlaps none of the 3 VPCs of the region', next: null });
    const existing = { OVKIT_VPC_ID: 'vpc-0123456789abcdef0', OVKIT_SUBNET_IDS: 'subnet-0123456789abcdef0' };
    const guest = await withEnvironment(existing, () => preflight({ ...GOOD, DescribeVpcs: list }));
    expect(check(guest.stdout, 'network').state).toBe('not-applicable');
  });

  it('says what is missing and how to get it, all in one go, with exit code 1', async () => {
    const { exitCode, stdout } = await preflight({
      ...GOOD,
      GetServiceQuota: json({ Quota: { Value: 0 } }),
      ListRequestedServiceQuotaChangeHistoryByQuota: json({ RequestedQuotas: [] }),
      DescribeInstanceTypeOfferings: offerings(['t4g.medium', 'us-east-1a']),
      BatchGetImage: json({ images: [], failures: [{ failureCode: 'ImageNotFound' }] }),
    });
    expect(exitCode).toBe(1);
    expect(check(stdout, 'quotas')).toMatchObject({ state: 'not-ok', next: expect.stringContaining('request-service-quota-increase') });
    expect(check(stdout, 'offerings').summary).toBe('no zone of us-east-1 offers g6.xlarge');
    expect(check(stdout, 'image').next).toContain('ovkit image build --push');
  });

  it('takes the default of AWS for a quota that the account never changed', async () => {
    const { stdout } = await preflight({
      ...GOOD,
      GetServiceQuota: jsonError('NoSuchResourceException', 'none'),
      GetAWSDefaultServiceQuota: json({ Quota: { Value: 5 } }),
      ListRequestedServiceQuotaChangeHistoryByQuota: json({ RequestedQuotas: [{ DesiredValue: 64, Status: 'CASE_OPENED' }] }),
    });
    const quotas = check(stdout, 'quotas');
    expect(quotas.found.quotas[0]).toMatchObject({ value: 5, applied: false, request: { desired: 64, status: 'CASE_OPENED' } });
  });

  it('refuses another account than the one that is meant', async () => {
    const { exitCode, stdout } = await preflight(GOOD, '--account', '999999999999');
    expect(exitCode).toBe(1);
    expect(check(stdout, 'account').summary).toMatch(/E_AWS_ACCOUNT.*123456789012.*999999999999/);
    const named = await withEnvironment({ OVKIT_ACCOUNT_ID: '888888888888' }, () => preflight(GOOD));
    expect([named.exitCode, check(named.stdout, 'account').summary]).toEqual([1, expect.stringContaining('not to 888888888888')]);
  });

  it('goes on when one question is refused, and calls that one unknown: exit code 2', async () => {
    const { exitCode, stdout } = await preflight({
      ...GOOD,
      DescribeAvailabilityZones: ec2Error('UnauthorizedOperation', 'You are not authorized to perform: ec2:DescribeAvailabilityZones'),
    });
    expect(exitCode).toBe(2);
    expect(check(stdout, 'offerings')).toMatchObject({ state: 'unknown', summary: expect.stringContaining('E_AWS_DENIED') });
    expect(check(stdout, 'quotas').state).toBe('ok');
  });

  it('comes back after throttling, and says so when it does not end', async () => {
    const throttled = jsonError('ThrottlingException', 'Rate exceeded');
    const once = await preflight({ ...GOOD, GetServiceQuota: (_, nth) => (nth < 3 ? throttled : (GOOD.GetServiceQuota as AwsAnswer)) });
    expect(once.exitCode).toBe(0);
    await server?.close();
    const always = await preflight({ ...GOOD, GetServiceQuota: throttled });
    expect(check(always.stdout, 'quotas').summary).toContain('E_AWS_THROTTLED');
    expect(always.calls.filter(({ action }) => action === 'GetServiceQuota')).toHaveLength(4);
  });

  it('reads the platform of a single image from its configuration, and refuses the wrong one', async () => {
    const config = JSON.stringify({ os: 'linux', architecture: 'arm64' });
    const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
    const manifest = JSON.stringify({ schemaVersion: 2, config: { digest: configDigest }, layers: [] });
    const { stdout } = await preflight({
      ...GOOD,
      BatchGetImage: json({ images: [{ imageManifest: manifest }] }),
      GetDownloadUrlForLayer: () => json({ downloadUrl: `${server?.url}/config`, layerDigest: configDigest }),
      'GET /config': { body: config },
    });
    expect(check(stdout, 'image').found).toMatchObject({ platforms: ['linux/arm64'], digestMatches: false });
    expect(check(stdout, 'image').state).toBe('not-ok');
  });

  it.each([
    [
      'wrong credentials',
      stsError('InvalidClientTokenId', 'The security token included in the request is invalid.'),
      /^E_AWS_CREDENTIALS.*aws sso login/,
    ],
    ['a region that is not enabled', stsError('OptInRequired', 'not subscribed'), /^E_AWS_REGION.*enable-region/],
    ['a failure of AWS', stsError('InternalFailure', 'oops', 500), /^E_AWS_SERVICE.*oops/],
    ['an answer that is none', { status: 200, body: '<html>a proxy</html' }, /^E_AWS_(SERVICE|ANSWER)/],
  ])('stops at once, in one line, with %s', async (_, answer, words) => {
    const { exitCode, stderr } = await preflight({ GetCallerIdentity: answer });
    expect(exitCode).toBe(3);
    expect(stderr.trimEnd()).toMatch(words);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('stops without credentials, and with nobody at the other end', async () => {
    const run = (env: Readonly<Record<string, string>>) =>
      runProcess(process.execPath, [fromRoot('bin', 'ovkit.cjs'), 'preflight', '--only', 'account'], {
        cwd: fromRoot(),
        env: { ...process.env, ...NO_USER_CONFIG, ...env },
      });
    expect((await run({})).stderr).toMatch(/^E_AWS_CREDENTIALS/);
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    expect((await run({ ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).stderr).toMatch(/^E_AWS_UNREACHABLE.*ECONNREFUSED/);
  });

  it.each([
    [['preflight', '--only', 'quota'], /E_PREFLIGHT_OPTION: --only names "quota"\. Did you mean "quotas"\?/],
    [['preflight', '--account', '12'], /E_PREFLIGHT_OPTION: --account is "12"/],
    [['preflight', '--weights', 'https://x'], /E_PREFLIGHT_OPTION: --weights/],
    [['preflight', '--release', 'examples/smollm2-cpu.yaml'], /E_PREFLIGHT_TARGET/],
    [['cost', 'forecast'], /E_COST_OPTION/],
    [['cost', 'actual', '--month', '2999-01'], /E_COST_OPTION: --month/],
    [['cost', 'actual', '--by', 'Modle'], /E_COST_OPTION: --by is "Modle"\. Did you mean "Model"\?/],
  ])('refuses %j', async (args, words) => {
    const { exitCode, stderr } = await ovkit(args, GOOD);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(words);
  });
});

describe('ovkit cost actual', () => {
  const group = (name: string, usd: string) => ({ Keys: [name], Metrics: { UnblendedCost: { Amount: usd, Unit: 'USD' } } });
  const month = new Date().toISOString().slice(0, 7);
  const dayOf = (nth: number) => `2026-10-${String(nth).padStart(2, '0')}`;
  const results = (days: number[], token?: string) =>
    json({
      ResultsByTime: days.map((nth) => ({
        TimePeriod: { Start: dayOf(nth), End: dayOf(nth + 1) },
        Estimated: false,
        Groups: [group('Amazon Elastic Compute Cloud - Compute', '7.5'), group('Tax', '0.5')],
      })),
      ...(token ? { NextPageToken: token } : {}),
    });
  const tags = json({ CostAllocationTags: [{ TagKey: 'Project', Type: 'UserDefined', Status: 'Active' }] });

  it('asks by the tags of the release, page by page, and writes the bill beside the forecast', async () => {
    const focus = join(scratch, 'focus.csv');
    const { exitCode, stdout, stderr, calls } = await ovkit(['cost', 'actual', '--month', '2026-10', '--json', '--focus', focus], {
      GetCallerIdentity: identity(ACCOUNT),
      ListCostAllocationTags: tags,
      GetCostAndUsage: (_, nth) => (nth === 1 ? results([1, 2], 'more') : results([3])),
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const cost = JSON.parse(stdout);
    expect(cost.total.actualUsd).toBe(24);
    expect(cost.notes.join()).toContain('not activated: Release, Environment');
    const asked = JSON.parse(calls.find(({ action }) => action === 'GetCostAndUsage')?.body ?? '');
    expect(asked.TimePeriod).toEqual({ Start: '2026-10-01', End: '2026-11-01' });
    expect(asked.Filter.And.map(({ Tags }: { Tags: { Key: string; Values: string[] } }) => [Tags.Key, ...Tags.Values])).toEqual([
      ['Project', 'onevision-kit'],
      ['Release', 'puppet-show'],
      ['Environment', 'production'],
    ]);
    expect(readFileSync(focus, 'utf8').split('\r\n')).toHaveLength(8);
  });

  it('knows nothing rather than 0 when Cost Explorer has no data, and does not need the payer account', async () => {
    const { exitCode, stdout } = await ovkit(['cost', 'actual', '--month', '2026-10'], {
      GetCallerIdentity: identity(ACCOUNT),
      ListCostAllocationTags: jsonError('AccessDeniedException', 'linked accounts may not'),
      GetCostAndUsage: jsonError('DataUnavailableException', 'not yet'),
    });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('Projection of the month: unknown');
    expect(stdout).toContain('only the payer account may');
  });

  it('refuses another currency, and says so when Cost Explorer is not enabled', async () => {
    const run = (answer: AwsAnswer) =>
      ovkit(['cost', 'actual', '--month', month > '2026-10' ? '2026-10' : month], {
        GetCallerIdentity: identity(ACCOUNT),
        ListCostAllocationTags: tags,
        GetCostAndUsage: answer,
      });
    const euros = json({
      ResultsByTime: [
        { TimePeriod: { Start: dayOf(1) }, Groups: [{ Keys: ['x'], Metrics: { UnblendedCost: { Amount: '1', Unit: 'EUR' } } }] },
      ],
    });
    expect((await run(euros)).stderr).toMatch(/^E_AWS_ANSWER.*EUR/);
    await server?.close();
    expect((await run(jsonError('AccessDeniedException', 'User not enabled for cost explorer access'))).stderr).toMatch(
      /^E_AWS_DENIED.*not enabled for cost explorer/,
    );
  });
});

describe('ovkit prices refresh --from api', () => {
  const product = (sku: string, family: string, attributes: object, usd: string, unit = 'Hrs', version = '20261120') =>
    JSON.stringify({
      serviceCode: 'AmazonEC2',
      publicationDate: '2026-11-20T00:00:00Z',
      version,
      product: { sku, productFamily: family, attributes: { regionCode: 'us-east-1', locationType: 'AWS Region', ...attributes } },
      terms: { OnDemand: { t: { priceDimensions: { d: { unit, pricePerUnit: { USD: usd } } } } } },
    });
  const instance = (type: string, usd: string, version?: string) =>
    product(
      type,
      'Compute Instance',
      {
        instanceType: type,
        operatingSystem: 'Linux',
        tenancy: 'Shared',
        preInstalledSw: 'NA',
        capacitystatus: 'Used',
        operation: 'RunInstances',
      },
      usd,
      'Hrs',
      version,
    );
  const answers = (...pages: string[][]) => ({
    GetProducts: (call: AwsCall) => {
      const { Filters, NextToken } = JSON.parse(call.body) as { Filters: { Field: string; Value: string }[]; NextToken?: string };
      if (!Filters.some(({ Value }) => Value === 'Compute Instance')) return json({ PriceList: [] });
      const page = Number(NextToken ?? 0);
      return json({ PriceList: pages[page], ...(page + 1 < pages.length ? { NextToken: String(page + 1) } : {}) });
    },
  });
  const folder = () => {
    const copy = mkdtempSync(join(scratch, 'catalog-'));
    cpSync(fromRoot('catalog'), copy, { recursive: true });
    return copy;
  };
  const refresh = (catalog: string, given: Answers, ...more: string[]) =>
    ovkit(['prices', 'refresh', '--from', 'api', '--region', 'us-east-1', '--catalog', catalog, '--force', '--json', ...more], given);

  it('takes all pages, prices what it finds, and says where it comes from', async () => {
    const catalog = folder();
    const { exitCode, stdout, stderr, calls } = await refresh(
      catalog,
      answers([instance('g6.xlarge', '0.9')], [instance('g6.2xlarge', '1.1')]),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { provenance, version, changes } = JSON.parse(stdout);
    expect({ from: provenance.from, version }).toEqual({ from: 'AWS Price List API, GetProducts', version: '20261120' });
    expect(changes).toContainEqual(expect.objectContaining({ what: 'g6.xlarge', to: 0.9 }));
    const written = JSON.parse(readFileSync(join(catalog, 'instances.json'), 'utf8'));
    const prices = Object.fromEntries(
      (written.instances ?? written).map(({ type, price }: { type: string; price: Record<string, { usdPerHour: number }> }) => [
        type,
        price['us-east-1']?.usdPerHour,
      ]),
    );
    expect([prices['g6.xlarge'], prices['g6.2xlarge']]).toEqual([0.9, 1.1]);
    expect(calls.filter(({ action }) => action === 'GetProducts').length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ['two lists in one', answers([instance('g6.xlarge', '1'), instance('g6.2xlarge', '2', 'other')]), /E_PRICE_LIST.*appeared while/],
    ['two prices of one type', answers([instance('g6.xlarge', '1'), instance('g6.xlarge', '2')]), /E_PRICE_LIST.*two prices/],
    ['nothing', answers([]), /E_PRICE_LIST.*no product/],
    ['something else', answers(['{"a":1}']), /E_PRICE_LIST.*another shape/],
    [
      'a token that repeats',
      { GetProducts: json({ PriceList: [instance('g6.xlarge', '1')], NextToken: 'same' }) },
      /E_AWS_ANSWER.*same page again/,
    ],
    ['a refusal', { GetProducts: jsonError('AccessDeniedException', 'no pricing:GetProducts') }, /E_AWS_DENIED/],
  ])('leaves the catalogue as it was with %s', async (_, given, words) => {
    const catalog = folder();
    const before = readFileSync(join(catalog, 'instances.json'), 'utf8');
    const { exitCode, stderr } = await refresh(catalog, given);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(words);
    expect(readFileSync(join(catalog, 'instances.json'), 'utf8')).toBe(before);
  });
});
