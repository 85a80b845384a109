import type { Release } from '../release/schema';

/** Longest value of an AWS tag, in characters (AWS General Reference, tag naming limits). */
const MAX_TAG_VALUE = 256;
/** What AWS takes in tag values of every service: letters, digits, spaces and + - = . _ : / @ */
const NOT_ALLOWED = /[^\p{L}\p{N} +\-=._:/@]/gu;

/** Keys that everything the kit creates must carry. */
export const COST_TAG_KEYS = ['Project', 'Release', 'Environment', 'Owner', 'CostCentre', 'Model', 'ManagedBy'] as const;
export type CostTags = Readonly<Record<(typeof COST_TAG_KEYS)[number], string>>;

/**
 * Cost allocation tags of everything that belongs to a release. They must be activated once in the billing console
 * of the payer account before Cost Explorer and budgets see them. Nothing here changes with an ordinary release (a revision, an engine
 * version): a changed tag on a launch template would replace every node.
 */
export function costTags(release: Release): CostTags {
  return {
    Project: 'onevision-kit',
    Release: tagValue(release.metadata.name),
    Environment: tagValue(release.metadata.environment),
    Owner: tagValue(release.metadata.owner),
    CostCentre: tagValue(release.metadata.costCentre),
    Model: tagValue(release.model.id),
    ManagedBy: 'cdktf',
  };
}

/** A text as AWS takes it for a tag: other characters become "_", and it ends after 256. Never empty. */
export function tagValue(text: string): string {
  const clean = text.normalize('NFC').replace(NOT_ALLOWED, '_').trim();
  return [...clean].slice(0, MAX_TAG_VALUE).join('').trim() || '_';
}
