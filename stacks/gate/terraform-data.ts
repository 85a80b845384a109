import { TerraformResource, type TerraformResourceLifecycle } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Terraform's built-in `terraform_data`, as a carrier of preconditions.
 *
 * CDKTF's own DataResource runs `terraform version` in each synth of each stack: slow, and it makes a synth fail on a machine
 * without Terraform. Here the stack's `required_version` says what is needed.
 */
export class TerraformData extends TerraformResource {
  constructor(scope: Construct, id: string, lifecycle: TerraformResourceLifecycle) {
    super(scope, id, { terraformResourceType: 'terraform_data', lifecycle });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return {};
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    return {};
  }
}
