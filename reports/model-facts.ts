/** What the catalog knows of the model, as the bills of material want it. */
export interface ModelFacts {
  readonly id: string;
  readonly title: string;
  readonly family: string;
  /** Class name of the architecture, e.g. LLaVAOneVision1_5_ForConditionalGeneration. */
  readonly architecture: string;
  readonly readsImages: boolean;
}
