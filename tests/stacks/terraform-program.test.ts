import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missingTerraform } from '../../stacks/terraform-program';

const scratch = mkdtempSync(join(tmpdir(), 'ovk-path-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('missingTerraform', () => {
  const [empty, full] = [join(scratch, 'empty'), join(scratch, 'full')];
  mkdirSync(join(empty, 'terraform'), { recursive: true });
  mkdirSync(full);
  writeFileSync(join(full, 'terraform'), '');
  const PATH = ['', join(scratch, 'not-there'), empty, full].join(delimiter);

  it('finds the program that cdktf would start', () => {
    expect(missingTerraform({ PATH })).toBeUndefined();
    expect(missingTerraform({ PATH, TERRAFORM_BINARY_NAME: '' })).toBeUndefined();
    expect(missingTerraform({ PATH: '', TERRAFORM_BINARY_NAME: join(full, 'terraform') })).toBeUndefined();
  });

  it('says what is missing and what to do', () => {
    expect(missingTerraform({ PATH: empty })).toMatch(/`terraform` is on no folder of the PATH.*TERRAFORM_BINARY_NAME=tofu/s);
    expect(missingTerraform({})).toContain('`terraform` is on no folder of the PATH');
    expect(missingTerraform({ PATH, TERRAFORM_BINARY_NAME: 'tofu' })).toContain('`tofu` is on no folder');
    expect(missingTerraform({ PATH, TERRAFORM_BINARY_NAME: join(empty, 'tofu') })).toContain('is no file');
  });
});
