import { connect, type Socket } from 'node:net';
import { connect as connectHttp2 } from 'node:http2';
import { credentials, loadPackageDefinition, status, type Client, type ClientReadableStream } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { externalScalerDescriptor } from './external-scaler-descriptor.ts';
import { startExternalScaler, type ExternalScalerServer } from './external-scaler-server.ts';

interface ScalerClient extends Client {
  isActive(request: object, done: (error: { readonly code: status } | null, answer: unknown) => void): void;
  streamIsActive(request: object): ClientReadableStream<unknown>;
}

const ref = { name: 'chat', namespace: 'ml', scalerMetadata: { service: 'chat' } };
const patience = { timeout: 60_000, interval: 20 };
let server: ExternalScalerServer;
let clients: ScalerClient[] = [];
let sockets: Socket[] = [];
let desired = 1;

beforeEach(async () => {
  desired = 1;
  server = await startExternalScaler('127.0.0.1:0', {
    scale: () => ({ service: 'chat', environment: 'prod', desired, current: 1, decidedAtMs: 0 }),
  });
});
afterEach(async () => {
  for (const client of clients) client.close();
  for (const socket of sockets) socket.destroy();
  [clients, sockets] = [[], []];
  await server.close();
});

function newClient(): ScalerClient {
  const described = externalScalerDescriptor as unknown as Parameters<typeof fromJSON>[0];
  const loaded = loadPackageDefinition(fromJSON(described, { longs: Number, defaults: true }));
  const { ExternalScaler } = loaded['externalscaler'] as unknown as {
    ExternalScaler: new (address: string, trust: object, options: object) => ScalerClient;
  };
  const client = new ExternalScaler(server.address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
  });
  clients.push(client);
  return client;
}

/** The status of one honest call: 0 where it was answered. */
const ask = (request: object = ref, client = newClient()): Promise<status> =>
  new Promise((resolve) => {
    client.isActive(request, (error) => resolve(error?.code ?? status.OK));
  });

function newSocket(first: string | Buffer = ''): Socket {
  const [host = '', port = ''] = server.address.split(':');
  const socket = connect({ host, port: Number(port) });
  // What is not read does not end.
  socket.on('error', () => undefined).resume();
  if (first.length > 0) socket.write(first);
  sockets.push(socket);
  return socket;
}

it('refuses a message that no trigger has, and goes on', async () => {
  const huge = { ...ref, scalerMetadata: { service: 'x'.repeat(1_000_000) } };
  expect(await ask(huge)).toBe(status.RESOURCE_EXHAUSTED);
  expect(await ask()).toBe(status.OK);
});

it('outlives bytes that are no HTTP/2, and frames that are none', async () => {
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  const settings = Buffer.from('000000040000000000', 'hex');
  for (const bytes of [
    'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    Buffer.alloc(100_000, 0xff),
    preface,
    Buffer.concat([Buffer.from(preface), Buffer.alloc(50_000, 0x41)]),
    Buffer.concat([Buffer.from(preface), settings, Buffer.from('ffffff0000deadbeef', 'hex')]),
  ]) {
    newSocket(bytes);
  }
  await vi.waitFor(async () => expect(await ask()).toBe(status.OK), patience);
});

it('holds at most 200 connections, and keeps a place for who comes later', async () => {
  let closed = 0;
  for (let n = 0; n < 300; n += 1) newSocket().on('close', () => (closed += 1));
  await vi.waitFor(() => expect(closed).toBeGreaterThanOrEqual(100), patience);
  expect(await ask()).toBe(status.OK);
});

it('a client whose streams take all places gives its oldest up for another one', async () => {
  const greedy = newClient();
  const ends: status[] = [];
  const open = (client: ScalerClient): { answers: number } => {
    const seen = { answers: 0 };
    client
      .streamIsActive(ref)
      .on('data', () => (seen.answers += 1))
      .on('error', (error: { readonly code?: status }) => ends.push(error.code ?? status.UNKNOWN));
    return seen;
  };
  const first = Array.from({ length: 100 }, () => open(greedy));
  await vi.waitFor(() => expect(first.every(({ answers }) => answers === 1)).toBe(true), patience);
  const late = open(newClient());
  await vi.waitFor(() => expect(late.answers).toBe(1), patience);
  await vi.waitFor(() => expect(ends).toEqual([status.RESOURCE_EXHAUSTED]), patience);
  desired = 0;
  await vi.waitFor(() => expect(late.answers).toBe(2), patience);
});

it('ends a call whose request does not come, and the connection goes on', async () => {
  await server.close();
  const scale = () => ({ service: 'chat', environment: 'prod', desired, current: 1, decidedAtMs: 0 });
  server = await startExternalScaler('127.0.0.1:0', { scale }, { entry: null, requestWithinMs: 100 });
  const session = connectHttp2(`http://${server.address}`);
  session.on('error', () => undefined);
  const head = { ':method': 'POST', ':path': '/externalscaler.ExternalScaler/IsActive', te: 'trailers' };
  const begin = () => session.request({ ...head, 'content-type': 'application/grpc' });
  const statusOf = (call: ReturnType<typeof begin>): Promise<unknown> =>
    new Promise((resolve) => {
      const take = (trailers: Record<string, unknown>): void => {
        if ('grpc-status' in trailers) resolve(trailers['grpc-status']);
      };
      // A status without an answer comes in the headers.
      call.once('response', take).once('trailers', take).resume();
    });
  expect(await statusOf(begin())).toBe(String(status.DEADLINE_EXCEEDED));
  const askHonestly = (): Promise<unknown> => {
    const call = begin();
    call.end(Buffer.alloc(5));
    return statusOf(call);
  };
  await vi.waitFor(async () => expect(await askHonestly()).toBe(String(status.OK)), patience);
  session.destroy();
});

it('lets a connection open at most 100 calls at once', async () => {
  const session = connectHttp2(`http://${server.address}`);
  session.on('error', () => undefined);
  await vi.waitFor(() => expect(session.remoteSettings.maxConcurrentStreams).toBe(100), patience);
  session.destroy();
});
