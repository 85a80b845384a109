import spdxList from 'spdx-license-list';
import frameworks from './frameworks.json';

/** Kind of thing that a licence is made for. */
export type WorkType = 'code' | 'data' | 'document';

/** Licences that the Open Source Initiative approved, by the flag of the SPDX list. */
export const OSI_APPROVED: ReadonlySet<string> = new Set(
  Object.entries(spdxList).flatMap(([id, { osiApproved }]) => (osiApproved ? [id] : [])),
);

/** Open licences that are made for this kind of work: OSI-approved ones for code, open data and open document licences for the others. */
export const APPROPRIATE: Readonly<Record<WorkType, ReadonlySet<string>>> = {
  code: OSI_APPROVED,
  data: new Set(frameworks.openLicences.data),
  document: new Set(frameworks.openLicences.document),
};

/** Open for some kind of work. */
export const OPEN: ReadonlySet<string> = new Set([...OSI_APPROVED, ...APPROPRIATE.data, ...APPROPRIATE.document]);
