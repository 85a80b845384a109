import tools from './operator-tools.json';
import { type Subject, subject } from './subject';

/** The programs on the operator's desk that the kit drives but does not bring. */
export function toolSubjects(lockFile: string): readonly Subject[] {
  return tools.map((tool) =>
    subject({ ...tool, role: 'operator-tool', kind: 'tool', location: { file: lockFile, line: null, column: null } }),
  );
}
