/** A chart with its values, as Helm or a GitOps controller installs it; strings may hold expressions of Terraform. */
export interface ChartRelease {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  /** null: `chart` is a folder. */
  readonly repository: string | null;
  readonly version: string | null;
  /** JSON, which is YAML. */
  readonly values: string;
}
