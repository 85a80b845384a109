import { loadCatalog } from '../../catalog/load';
import { withPriceOverrides } from '../../catalog/price-overrides';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import type { Stage } from '../stage';

/** Reads release.yaml and the catalog. */
export const loadStage: Stage = {
  id: 'load',
  title: 'read the release',
  async run(walk) {
    const environment = walk.column.environment ?? undefined;
    walk.loaded = loadRelease(fromRoot(walk.column.release), { environment });
    walk.catalog = withPriceOverrides(loadCatalog(), walk.loaded.release, walk.now);
    const { model, metadata } = walk.loaded.release;
    return { state: 'passed', detail: `${model.id} ${model.precision}, environment ${metadata.environment}` };
  },
};
