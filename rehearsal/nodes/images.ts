/** What an image stands for on the nodes of a rehearsal. */
export type ImageMeaning =
  /** Its programs are programs of this machine; the container becomes a real process. */
  | { readonly kind: 'programs'; readonly programs: Readonly<Record<string, string>> }
  /** Nothing is started; the pod's status says that it runs. */
  | { readonly kind: 'status-only' }
  /** No registry has it. */
  | { readonly kind: 'missing' };

export interface ImageRule {
  /** Repository, without tag or digest; a `*` at the end stands for anything. */
  readonly repository: string;
  readonly meaning: ImageMeaning;
}

/** The meaning of an image reference: that of the first rule whose repository fits, else no registry has it. */
export function meaningOf(image: string, rules: readonly ImageRule[]): ImageMeaning {
  const repository = image.replace(/@sha256:[0-9a-f]+$/, '').replace(/:[^/:]+$/, '');
  const rule = rules.find(({ repository: pattern }) =>
    pattern.endsWith('*') ? repository.startsWith(pattern.slice(0, -1)) : repository === pattern,
  );
  return rule?.meaning ?? { kind: 'missing' };
}

/** What a runtime would say is running: the reference that was pulled, which names its digest. */
export function imageIdOf(image: string): string {
  return image.includes('@') ? image.replace(/:[^/:@]+@/, '@') : '';
}
