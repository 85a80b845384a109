/** `repository@sha256:<64 hex digits>`, optionally with a tag that only documents. */
export const DIGEST_REFERENCE = /^[^\s@]+@sha256:[0-9a-f]{64}$/;

/** Registry of images that do not exist. RFC 2606 reserves `.invalid`, so no registry can ever answer to it. */
const PLACEHOLDER_REGISTRY = 'onevision-kit.invalid';

/** Digest of a placeholder: well-formed, so that every check by digest applies, and never the digest of anything. */
const PLACEHOLDER_DIGEST = `sha256:${'0'.repeat(64)}`;

/**
 * Image of a binary that is on the nodes already (`engine.image.state: host`): the rehearsal's nodes start the process of that name.
 * A real node fails to pull it.
 */
export function hostPlaceholder(binary: string): string {
  return `${PLACEHOLDER_REGISTRY}/host/${binary.toLowerCase()}@${PLACEHOLDER_DIGEST}`;
}

/** Image that has a recipe and no digest yet (`engine.image.state: unbuilt`); rendered for rehearsals only. */
export function unbuiltPlaceholder(releaseName: string): string {
  return `${PLACEHOLDER_REGISTRY}/unbuilt/${releaseName}@${PLACEHOLDER_DIGEST}`;
}
