declare module 'spdx-expression-parse' {
  interface LicenceNode {
    readonly license: string;
    readonly plus?: true;
    readonly exception?: string;
  }
  interface ConjunctionNode {
    readonly left: LicenceNode | ConjunctionNode;
    readonly conjunction: 'and' | 'or';
    readonly right: LicenceNode | ConjunctionNode;
  }
  function parse(source: string): LicenceNode | ConjunctionNode;
  export = parse;
}
declare module 'spdx-exceptions' {
  const ids: readonly string[];
  export = ids;
}
declare module 'spdx-license-ids' {
  const ids: readonly string[];
  export = ids;
}
declare module 'spdx-license-ids/deprecated.json' {
  const ids: readonly string[];
  export = ids;
}
declare module 'spdx-satisfies' {
  function satisfies(expression: string, allowed: readonly string[]): boolean;
  export = satisfies;
}
