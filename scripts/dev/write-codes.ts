import { fromRoot } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { codesPage } from '../codes-page';

writeFileAtomically(fromRoot('docs', 'codes.md'), codesPage());
