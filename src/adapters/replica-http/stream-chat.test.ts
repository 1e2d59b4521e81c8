import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeOpenAiClient } from './openai-client.ts';
import { makeOpenInferenceClient } from './open-inference-client.ts';

const never = new AbortController().signal;
const client = makeOpenAiClient();
const request = { model: 'm', messages: [{ role: 'user', content: 'hello' }], tokensAtMost: 3 };
const token = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: ' ship' } }] })}\n\n`;
const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } } })}\n\n`;

let server: Server;
let endpoint: string;
let respond: (response: ServerResponse) => void;
let asked: unknown[];
beforeEach(async () => {
  asked = [];
  server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(parts).toString()));
      respond(response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('a chat as a stream of tokens', () => {
  it('is asked for with its usage, and timed while it comes', async () => {
    respond = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(token);
      // The last pieces come later, however busy the machine is.
      setTimeout(() => response.end(`${token}${token}${usage}data: [DONE]\n\n`), 40);
    };
    const answer = await client.streamChat(endpoint, request, never);
    expect(answer).toMatchObject({ tokensIn: 7, tokensOut: 3, cachedTokens: 2 });
    expect(answer.lastTokenMs).toBeGreaterThan(answer.ttftMs);
    expect(answer.longestGapMs).toBeLessThanOrEqual(answer.lastTokenMs - answer.ttftMs);
    expect(asked[0]).toEqual({
      ...{ model: 'm', messages: request.messages, max_tokens: 3 },
      ...{ stream: true, stream_options: { include_usage: true } },
    });
  });

  it('asks for exactly so many tokens where it is told to', async () => {
    respond = (response) => void response.writeHead(200).end(token);
    await client.streamChat(endpoint, { ...request, isExact: true }, never);
    expect(asked[0]).toMatchObject({ ignore_eos: true, min_tokens: 3, max_tokens: 3 });
  });

  it.each([
    [400, '{"error": "ignore_eos is not known"}', 'refused', 'ignore_eos is not known'],
    [503, 'busy', 'unavailable', 'answered 503'],
    [200, 'data: [DONE]\n\n', 'refused', 'with no token'],
  ])('says what a server answers in its place: %s %s', async (status, body, category, message) => {
    respond = (response) => void response.writeHead(status).end(body);
    await expect(client.streamChat(endpoint, request, never)).rejects.toMatchObject({
      category,
      message: expect.stringContaining(message) as string,
    });
  });

  it('is taken for an answer also where nobody asked for a stream', async () => {
    respond = (response) => void response.writeHead(200).end(`${token}data: [DONE]\n\n`);
    await expect(client.chat(endpoint, request, never)).resolves.toBeUndefined();
  });

  it('is refused by servers of tensors', async () => {
    await expect(makeOpenInferenceClient().streamChat(endpoint, request, never)).rejects.toMatchObject({
      category: 'refused',
    });
  });
});
