// Draws the golden images: `node runtimes/golden-images/draw.mjs [FOLDER]`, by default beside this script.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PICTURES } from './pictures.mjs';
import { png } from './png.mjs';
import { pixels } from './raster.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url));
for (const [name, draw] of Object.entries(PICTURES)) {
  const picture = draw();
  writeFileSync(join(folder, name), png(picture.width, picture.height, pixels(picture)));
}
