import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { makeFetchText } from './fetch-text.ts';

let server: Server;
afterEach(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
}

it('reads what a provider answers, and keeps no connection', async () => {
  const url = await serve((response) => void response.end('{"keys":[]}'));
  expect(await makeFetchText()(url, 100)).toBe('{"keys":[]}');
  await expect.poll(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(0);
});

it.each<[string, (response: ServerResponse) => void, string]>([
  ['a redirect', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'answered 302'],
  ['an error', (response) => void response.writeHead(500).end('x'.repeat(1_000_000)), 'answered 500'],
  ['more bytes than asked for', (response) => void response.end('x'.repeat(101)), 'more than 100 bytes'],
  [
    'a body that breaks off',
    (response) => void response.writeHead(200, { 'content-length': '90' }).write('x', () => response.destroy()),
    '',
  ],
])('refuses %s', async (_what, answer, says) => {
  await expect(makeFetchText()(await serve(answer), 100)).rejects.toThrow(says);
});
