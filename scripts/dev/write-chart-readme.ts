import { readFileSync } from 'node:fs';
import { chartReadme } from '../../charts/values-table';
import { fromRoot } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';

const file = fromRoot('charts', 'onevision', 'README.md');
writeFileAtomically(file, chartReadme(readFileSync(file, 'utf8')));
