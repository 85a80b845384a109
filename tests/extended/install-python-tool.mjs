// Prints the Python of an environment with a tool that only tests need: `node tests/extended/install-python-tool.mjs moto`. Made once per lock and kept in the cache.
// Exit code 2: this machine cannot make it, and the last line on stderr says why.
import { join } from 'node:path';
import { ensureEnvironment, ensureUv, findPython } from '../runtime/environment.mjs';

const [name] = process.argv.slice(2);
const python = findPython();
if (!python) giveUp('no Python 3.9 or newer with venv and pip is on the PATH');
try {
  const uv = await ensureUv(python);
  process.stdout.write(await ensureEnvironment(uv, name, name, join(import.meta.dirname, 'locks')));
} catch (error) {
  giveUp(`${name} could not be installed: ${error.message}`);
}

function giveUp(why) {
  console.error(why);
  process.exit(2);
}
