/**
 * A small server of the OpenAI protocol: its model is a file of words, and it says them one by one. When each is ready is
 * decided elsewhere: for every word it asks PACE_URL and says it when that answers.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import path from 'node:path';
import { json } from 'node:stream/consumers';

const given = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const model = given('PLIMSOLL_MODEL_NAME');
const words = readFileSync(path.join(given('PLIMSOLL_MODEL_DIR'), 'words.bin'), 'utf8').split(' ');

async function* spoken(signal: AbortSignal): AsyncGenerator<string> {
  for (const word of words) {
    await (await fetch(given('PACE_URL'), { signal })).text();
    yield word;
  }
}

async function stream(response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  for await (const word of spoken(gone.signal)) {
    const choice = { index: 0, delta: { content: word }, finish_reason: null };
    response.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', model, choices: [choice] })}\n\n`);
  }
  response.end('data: [DONE]\n\n');
}

function whole(response: ServerResponse): void {
  const message = { role: 'assistant', content: words.join(' ') };
  answer(response, 200, {
    object: 'chat.completion',
    model,
    choices: [{ index: 0, message, finish_reason: 'stop' }],
  });
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

createServer((request, response) => {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /v1/models') {
    answer(response, 200, { object: 'list', data: [{ id: model, object: 'model' }] });
  } else if (route === 'POST /v1/chat/completions') {
    json(request)
      .then((asked) => ((asked as { stream?: boolean }).stream === true ? stream(response) : whole(response)))
      .catch(() => response.destroy());
  } else {
    answer(response, 404, { error: { message: `there is no ${route}`, type: 'invalid_request_error' } });
  }
}).listen(Number(given('PLIMSOLL_PORT')), given('PLIMSOLL_HOST'));
