import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { compareReleases } from '../../planning/compare';
import type { Comparison } from '../../planning/compare/types';
import { loadRelease } from '../../release/load';
import type { Release } from '../../release/schema';

/** The budget is less than the control plane alone costs. */
function tooDear(release: Release): Release {
  return { ...release, budget: { ...release.budget, monthlyUsd: 20 } };
}

/** The 4B, the 8B and a release that is refused, side by side. */
export function sampleComparison(): Comparison {
  const inputs = ['release.yaml', 'examples/llava-onevision-1.5-8b.yaml', 'examples/spot.yaml'].map((file, index) => ({
    release: index === 2 ? tooDear(loadRelease(fromRoot(file)).release) : loadRelease(fromRoot(file)).release,
    file,
    catalog: loadCatalog(),
    licence: { state: 'unknown' as const, summary: 'not releasable yet: 3 open points' },
  }));
  return compareReleases(inputs, new Date('2026-11-23T12:00:00Z'));
}
