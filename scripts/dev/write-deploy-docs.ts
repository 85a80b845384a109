import { writeFileSync } from 'node:fs';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { regionOf } from '../../stacks/kit-stack';
import { releasePrefix } from '../../stacks/names';
import { costTags } from '../../stacks/tags';
import { deployDocs } from '../deploy-docs';
import { synthesisedStacks } from '../synthesised-stacks';

/** Writes docs/architecture.svg, docs/architecture.md, docs/iam.md and docs/iam-policy.json (`npm run docs`). */
function main(): void {
  const now = new Date();
  const { release, file } = loadRelease('release.yaml', {});
  const plan = planRelease(release, loadCatalog(), { file, today: now });
  const names = { prefix: releasePrefix(release), region: regionOf(release), account: 'ACCOUNT', tags: costTags(release) };
  for (const [name, text] of Object.entries(deployDocs({ stacks: synthesisedStacks(now), plan, names })))
    writeFileSync(fromRoot(name), text);
}

main();
