// Plays an engine for tests: listens where the chart says, is healthy, and answers a chat completion as a stream.
// Environment: CRASH ends it at once, SLOW_START_MS keeps it unhealthy for a while, SPEAK_MS is what an answer takes, EAT_MIB is memory that it takes.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

if (process.env.CRASH) {
  console.error(process.env.CRASH);
  process.exit(5);
}
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const answer = process.env.ANSWER ?? 'It is Paris';
const started = Date.now();
const eaten = process.env.EAT_MIB ? Buffer.alloc(Number(process.env.EAT_MIB) * 2 ** 20, 1) : undefined;
let processing = 0;
const server = createServer(async (request, response) => {
  if (request.url === '/health') {
    const healthy = Date.now() - started >= Number(process.env.SLOW_START_MS ?? 0);
    return response.writeHead(healthy ? 200 : 503).end(healthy ? 'ok' : 'Loading model');
  }
  if (request.url === '/metrics') {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    return response.end(
      `# TYPE llamacpp:requests_processing gauge\nllamacpp:requests_processing ${processing}\n# TYPE llamacpp:requests_deferred gauge\nllamacpp:requests_deferred 0\n`,
    );
  }
  processing += 1;
  await sleep(Number(process.env.SPEAK_MS ?? 0));
  processing -= 1;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const words = answer.split(/(?<= )/);
  for (const content of words) response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
  response.end('data: [DONE]\n\n');
});
server.listen(Number(option('--port')), option('--host'), () => console.log(`listening, ${eaten?.length ?? 0} bytes taken`));
process.on('SIGTERM', () => process.exit(0));
