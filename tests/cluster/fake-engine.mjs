// Plays an engine for tests: listens where the chart says, is healthy, and answers a chat completion as a stream.
import { createServer } from 'node:http';

if (process.env.CRASH) {
  console.error(process.env.CRASH);
  process.exit(5);
}
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const answer = process.env.ANSWER ?? 'It is Paris';
const server = createServer((request, response) => {
  if (request.url === '/health') return response.writeHead(200).end('ok');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const words = answer.split(/(?<= )/);
  for (const content of words) response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
  response.end('data: [DONE]\n\n');
});
server.listen(Number(option('--port')), option('--host'));
process.on('SIGTERM', () => process.exit(0));
