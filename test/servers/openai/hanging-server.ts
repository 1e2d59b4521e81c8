/**
 * A small server of the OpenAI protocol. From SIGUSR2 on it generates nothing any more; its health path and its
 * list of models answer as before.
 */
import { createServer, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

const model = process.env['PLIMSOLL_MODEL_NAME'] ?? '';
let isHung = false;
process.on('SIGUSR2', () => {
  isHung = true;
  console.log('the engine waits for a collective that never ends');
});

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

function generate(response: ServerResponse, isStream: boolean): void {
  if (isHung) return;
  if (!isStream) {
    const logprobs = { content: [{ token: 'hull', logprob: -0.5 }] };
    const message = { role: 'assistant', content: 'a hull' };
    answer(response, { object: 'chat.completion', model, usage, choices: [{ index: 0, message, logprobs }] });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of ['a', ' hull']) {
    const choices = [{ index: 0, delta: { content }, finish_reason: null }];
    response.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', model, choices })}\n\n`);
  }
  response.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', model, choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
}

const answer = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

createServer((request, response) => {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /health') response.end();
  else if (route === 'GET /v1/models') answer(response, { object: 'list', data: [{ id: model, object: 'model' }] });
  else if (route === 'POST /v1/chat/completions') {
    json(request)
      .then((asked) => generate(response, (asked as { stream?: boolean }).stream === true))
      .catch(() => response.destroy());
  } else response.writeHead(404).end();
}).listen(Number(process.env['PLIMSOLL_PORT']), process.env['PLIMSOLL_HOST']);
