import { CHARTS } from './charts';
import { COMPONENTS } from './components';
import { LAYOUT } from './layout';
import { PRINT } from './print';
import { TOKENS } from './tokens';

/** The whole style sheet, squeezed. It holds no `<`, `&` or double quote, so that it stands unescaped in the page and its hash is that of the bytes. */
export const STYLE_SHEET = [TOKENS, LAYOUT, COMPONENTS, CHARTS, PRINT].join('').replace(/\n\s*/g, '\n').trim();
