import type { Catalog, Engine, Model } from '../../catalog/schema';
import type { Release } from '../../release/schema';
import type { Calibration } from '../calibration/schema';
import type { RequestShape } from '../request';
import type { Size } from './size';

/** Everything a candidate is judged against; the same for all candidates of a plan. */
export interface Question {
  readonly release: Release;
  readonly catalog: Catalog;
  readonly model: Model;
  readonly engine: Engine;
  readonly request: RequestShape;
  readonly region: string | null;
  /** Measurements of the user's own. */
  readonly calibration?: Calibration;
  /** Sizes that were found, by machine and precision: capacity and region change the price only, and ask for the same size again. */
  readonly sizes?: Map<string, Size>;
}
