import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ConnectionBound, connectionsAtMost } from './connection-bound.ts';

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** A server with a bound; `/slow` is answered when the test lets it. */
async function serve(atMost: number) {
  const held: (() => void)[] = [];
  server = createServer((req, res) => {
    if (req.url === '/slow') held.push(() => res.end('slow'));
    else res.end('ok');
  });
  const bound = new ConnectionBound(atMost);
  bound.watch(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { bound, held, port };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket.resume();
}

const ask = (port: number, path: string): Promise<string> =>
  new Promise((resolve) => {
    request({ port, path, host: '127.0.0.1', agent: false }, (res) => {
      res.resume().on('end', () => resolve(String(res.statusCode)));
    })
      .on('error', ({ message }) => resolve(message))
      .end();
  });

it('closes the quietest connection for a new one, and none that is at work', async () => {
  const { bound, held, port } = await serve(10);
  const slow = Array.from({ length: 5 }, () => ask(port, '/slow'));
  await expect.poll(() => held.length).toBe(5);
  const silent: Socket[] = [];
  for (let index = 0; index < 400; index += 1) silent.push(await open(port));
  await expect.poll(() => silent.filter(({ closed }) => closed).length).toBe(395);
  expect(bound.open).toBe(10);
  expect(await ask(port, '/')).toBe('200');
  for (const answer of held) answer();
  expect(await Promise.all(slow)).toEqual(Array.from({ length: 5 }, () => '200'));
});

it('refuses a new connection where all are at work', async () => {
  const { held, port } = await serve(2);
  const slow = [ask(port, '/slow'), ask(port, '/slow')];
  await expect.poll(() => held.length).toBe(2);
  expect(await ask(port, '/')).toMatch(/hang up|ECONNRESET/);
  for (const answer of held) answer();
  expect(await Promise.all(slow)).toEqual(['200', '200']);
  await expect.poll(() => ask(port, '/')).toBe('200');
});

it.each([
  [null, 1024],
  [1_048_576, 1024],
  [1024, 384],
  [512, 128],
  [256, 32],
])('%s file handles leave %s connections', (handles, connections) => {
  expect(connectionsAtMost(handles)).toBe(connections);
});
