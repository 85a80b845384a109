import { describe, expect, it } from 'vitest';
import { aClusterRelease, aPlan, aRelease, resourcesOf, synthesise } from './fixtures';

describe('the stacks of an AWS release', () => {
  it('depend on each other in one line', () => {
    expect(synthesise().dependencies).toEqual({ bootstrap: [], network: ['bootstrap'], platform: ['network'], workloads: ['platform'] });
  });

  it('carry no token, undefined or NaN into the JSON', () => {
    for (const environment of ['production', 'rehearsal']) {
      const release = aRelease((raw) => Object.assign(raw.metadata, { environment }));
      const { texts } = synthesise({
        release,
        settings: {
          githubRepository: 'puppeteers/show',
          clusterAdmins: ['arn:aws:iam::123456789012:role/admin'],
          clusterCidrs: ['203.0.113.0/24'],
          stateBucket: 'state-of-the-show',
        },
      });
      for (const text of Object.values(texts)) {
        expect(text).not.toMatch(/TfToken|TFTOKEN|e\+\d\d|undefined|NaN|\[object/);
      }
    }
  });

  it('keep state per release, environment and stack, beside the output folder', () => {
    const { stacks } = synthesise();
    expect(stacks.network.terraform.backend.local.path).toBe('../../../terraform.puppet-show-production.network.tfstate');
    expect(stacks.platform.data.terraform_remote_state['cross-stack-reference-input-network'].config.path).toBe(
      '../../../terraform.puppet-show-production.network.tfstate',
    );
  });

  it('keep state in S3 with a lock file when a bucket is named', () => {
    const { stacks } = synthesise({ settings: { stateBucket: 'state-of-the-show' } });
    expect(stacks.platform.terraform.backend.s3).toEqual({
      bucket: 'state-of-the-show',
      key: 'onevision-kit/puppet-show-production/platform.tfstate',
      region: 'us-east-1',
      encrypt: true,
      use_lockfile: true,
    });
    expect(stacks.platform.terraform.required_version).toBe('>= 1.10.0');
  });
});

describe('bootstrap', () => {
  it('keeps image tags immutable and scanned, and buckets private, versioned and encrypted', () => {
    const { resource } = synthesise().stacks.bootstrap;
    expect(resource.aws_ecr_repository.images).toMatchObject({
      name: 'puppet-show-production/vllm-onevision',
      image_tag_mutability: 'IMMUTABLE',
      image_scanning_configuration: { scan_on_push: true },
    });
    for (const bucket of ['state_bucket', 'weights_bucket']) {
      expect(resource.aws_s3_bucket_public_access_block[`${bucket}_public_access`]).toMatchObject({
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      });
      expect(resource.aws_s3_bucket_versioning[`${bucket}_versioning`].versioning_configuration.status).toBe('Enabled');
      expect(resource.aws_s3_bucket_server_side_encryption_configuration).toHaveProperty(`${bucket}_encryption`);
      expect(resource.aws_s3_bucket_policy[`${bucket}_policy`].policy).toContain('aws:SecureTransport');
    }
  });

  it('trusts one repository in one GitHub environment, and nobody when none is named', () => {
    expect(synthesise().stacks.bootstrap.resource.aws_iam_role).toBeUndefined();
    const { resource } = synthesise({ settings: { githubRepository: 'puppeteers/show' } }).stacks.bootstrap;
    const [statement] = JSON.parse(resource.aws_iam_role.ci_role.assume_role_policy).Statement;
    expect(statement.Condition).toEqual({
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': 'repo:puppeteers/show:environment:production',
      },
    });
  });
});

describe('network', () => {
  it('puts the zones that offer the instance type first and gives the model only those', () => {
    const { data, locals, resource } = synthesise().stacks.network;
    expect(data.aws_ec2_instance_type_offerings.offerings.filter[0].values).toEqual(['g6.xlarge']);
    expect(locals.zones).toMatch(/concat\(local\.offering_zones/);
    expect(locals.model_subnet_ids).toContain('if contains(local.offering_zones, subnet.availability_zone)');
    expect(Object.keys(resource.aws_subnet)).toHaveLength(6);
    for (const subnet of Object.values(resource.aws_subnet))
      expect(subnet).toMatchObject({ lifecycle: { ignore_changes: ['availability_zone'] } });
  });

  it('has one NAT gateway, a gateway endpoint for S3 and flow logs', () => {
    const { resource } = synthesise().stacks.network;
    expect(Object.keys(resource.aws_nat_gateway)).toHaveLength(1);
    expect(resource.aws_vpc_endpoint.s3_endpoint).toMatchObject({
      service_name: 'com.amazonaws.us-east-1.s3',
      vpc_endpoint_type: 'Gateway',
    });
    expect(resource.aws_flow_log.flow_logs.traffic_type).toBe('ALL');
  });
});

describe('platform', () => {
  const release = aRelease();
  const platform = (placement = {}) => synthesise({ release, plan: aPlan(release, placement) }).stacks.platform.resource;

  it('takes instance type, volume, number and capacity of the nodes from the plan', () => {
    const resource = platform({
      instanceType: 'g6e.2xlarge',
      volumeGib: 143,
      capacity: 'spot',
      replicas: 3,
      minReplicas: 2,
      maxReplicas: 5,
    });
    expect(resource.aws_eks_node_group.model_nodes).toMatchObject({
      instance_types: ['g6e.2xlarge'],
      capacity_type: 'SPOT',
      ami_type: 'AL2023_x86_64_NVIDIA',
      scaling_config: { min_size: 2, desired_size: 3, max_size: 5 },
      taint: [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NO_SCHEDULE' }],
    });
    expect(resource.aws_launch_template.model_launch_template.block_device_mappings[0].ebs).toMatchObject({
      volume_size: 143,
      encrypted: 'true',
    });
    expect(platform().aws_eks_node_group.model_nodes.capacity_type).toBe('ON_DEMAND');
  });

  it('starts nodes with IMDSv2 only', () => {
    for (const template of Object.values(platform().aws_launch_template)) {
      expect(template).toMatchObject({ metadata_options: { http_tokens: 'required', http_put_response_hop_limit: 1 } });
    }
  });

  it('stripes local NVMe where the instance has any', () => {
    const userData = (localNvmeGb: number) => platform({ localNvmeGb }).aws_launch_template.model_launch_template.user_data;
    expect(Buffer.from(userData(250), 'base64').toString()).toContain('strategy: RAID0');
    expect(userData(0)).toBeUndefined();
  });

  it('runs a CPU plan on an untainted Arm group', () => {
    const group = platform({ instanceType: 'c8g.4xlarge', device: 'cpu', gpu: null, gpuCount: 0 }).aws_eks_node_group.model_nodes;
    expect(group.ami_type).toBe('AL2023_ARM_64_STANDARD');
    expect(group.taint).toBeUndefined();
    expect(group.labels).not.toHaveProperty('nvidia.com/gpu.present');
  });

  it('makes no nodes for the model while the plan has no instance type', () => {
    const { stacks, annotations } = synthesise({
      release,
      plan: aPlan(release, { instanceType: null }, { state: 'refused' }),
      gate: 'report',
    });
    expect(Object.keys(stacks.platform.resource.aws_eks_node_group)).toEqual(['system_nodes']);
    expect(annotations.map(({ message }) => message).join()).toContain('no nodes for the model');
  });

  it('encrypts secrets, logs everything and opens the endpoint only to named networks', () => {
    expect(platform().aws_eks_cluster.cluster).toMatchObject({
      version: '1.35',
      encryption_config: { resources: ['secrets'] },
      enabled_cluster_log_types: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'],
      vpc_config: { endpoint_private_access: true, endpoint_public_access: false },
    });
    const open = synthesise({ release, settings: { clusterCidrs: ['203.0.113.7/32'] } }).stacks.platform.resource.aws_eks_cluster.cluster;
    expect(open.vpc_config).toMatchObject({ endpoint_public_access: true, public_access_cidrs: ['203.0.113.7/32'] });
  });

  it('budgets what the release allows, over the tag of the release', () => {
    const { budget } = platform().aws_budgets_budget;
    expect(budget).toMatchObject({ limit_amount: '500.00', cost_filter: [{ name: 'TagKeyValue', values: ['user:Release$puppet-show'] }] });
    expect(budget.notification).toHaveLength(3);
    expect(JSON.parse(platform().aws_ce_anomaly_monitor.anomaly_monitor.monitor_specification).Tags.Values).toEqual(['puppet-show']);
  });
});

describe('workloads', () => {
  it('logs in with fresh tokens and installs the device plugin only for GPUs', () => {
    const release = aRelease();
    const { provider, resource } = synthesise({ release }).stacks.workloads;
    expect(provider.helm[0].kubernetes.exec.args.slice(0, 4)).toEqual(['eks', 'get-token', '--cluster-name', 'puppet-show-production']);
    expect(resource.helm_release.inference.depends_on).toContain('helm_release.device_plugin');
    // policies first: a pod must not slip in before them
    expect(resource.helm_release.inference.depends_on).toContain('helm_release.admission');
    expect(resource.helm_release.device_plugin.version).toMatch(/^\d+\.\d+\.\d+$/);
    const cpu = synthesise({ release, plan: aPlan(release, { device: 'cpu', gpu: null, gpuCount: 0, instanceType: 'c8g.4xlarge' }) });
    expect(Object.keys(cpu.stacks.workloads.resource.helm_release)).not.toContain('device_plugin');
  });

  it("puts the account's own registry where the values name it", () => {
    const values = { image: { repository: 'own-registry.onevision-kit.invalid/puppet-show/vllm' } };
    const [text] = synthesise({ values }).stacks.workloads.resource.helm_release.inference.values;
    expect(JSON.parse(text).image.repository).toBe(
      '${data.aws_caller_identity.account.account_id}.dkr.ecr.us-east-1.amazonaws.com/puppet-show/vllm',
    );
  });

  it('on an existing cluster are the only stack, and know nothing of AWS', () => {
    const { stacks, texts } = synthesise({ release: aClusterRelease() });
    expect(Object.keys(stacks)).toEqual(['workloads']);
    expect(texts.workloads).not.toMatch(/aws|amazonaws/);
    expect(stacks.workloads.provider).toEqual({ helm: [{ kubernetes: { config_path: '~/.kube/config', config_context: 'kind-test' } }] });
    expect(resourcesOf(stacks.workloads).map(([address]) => address)).toEqual([
      'helm_release.admission',
      'helm_release.inference',
      'terraform_data.compliance_gate',
    ]);
  });
});
