import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createRawServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, makeTable, startGateway, type Answer } from '../../testing/rigs/gateway-rig.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

interface Pod {
  readonly endpoint: string;
  readonly port: number;
  asked: number;
  readonly answered: string[];
  close(): Promise<void>;
}

/** A server that tells who it is, as its argument says, and answers requests with that. */
async function startPod(identity: string | null, port = 0): Promise<Pod> {
  const server: Server = createServer((req: IncomingMessage, res: ServerResponse) => {
    req.resume().on('end', () => {
      if (req.url === '/v2/health/live') {
        pod.asked += 1;
        res.writeHead(200, { 'content-length': 2, ...(identity === null ? {} : { 'plimsoll-replica-id': identity }) });
        res.end('{}');
        return;
      }
      pod.answered.push(req.url ?? '');
      res.end(identity ?? 'nobody');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  running.push(close);
  const at = (server.address() as AddressInfo).port;
  const pod: Pod = { endpoint: `http://127.0.0.1:${at}`, port: at, asked: 0, answered: [], close };
  return pod;
}

async function gatewayTo(endpoints: readonly string[], identities: readonly string[]) {
  const table = makeTable([{ endpoints }]);
  const splits = table.splits.map((split) => ({
    ...split,
    replicas: split.replicas.map((replica, at) => ({ ...replica, answersAs: identities[at] ?? '' })),
  }));
  const rig = await startGateway({ ...table, splits });
  running.unshift(() => rig.stop());
  return rig;
}

const codeOf = (answer: Answer): unknown => (JSON.parse(answer.body) as { code: string }).code;

describe('a gateway that is told who answers at an address', () => {
  it('asks once for each connection, and then sends requests on it', async () => {
    const pod = await startPod('pod-a/1');
    const rig = await gatewayTo([pod.endpoint], ['pod-a/1']);
    for (let n = 0; n < 20; n += 1) expect((await ask(rig.url, { body: 'x' })).body).toBe('pod-a/1');
    expect(pod.asked).toBe(1);
    expect(pod.answered).toHaveLength(20);
  });

  it.each([
    ['another replica', 'pod-b/1'],
    ['another start of it', 'pod-a/2'],
    ['a server that tells nothing', null],
  ])('sends nothing to %s', async (_what, identity) => {
    const [other, right] = [await startPod(identity), await startPod('pod-c/1')];
    const rig = await gatewayTo([other.endpoint, right.endpoint], ['pod-a/1', 'pod-c/1']);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(rig.url, { body: 'x' })));
    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, () => 'pod-c/1'));
    expect(other.answered).toEqual([]);
    expect(other.asked).toBeGreaterThan(0);
  });

  it('sends nothing to whoever takes over the address, and says who that is', async () => {
    const pod = await startPod('pod-a/1');
    const rig = await gatewayTo([pod.endpoint], ['pod-a/1']);
    expect((await ask(rig.url, { body: 'x' })).body).toBe('pod-a/1');
    await pod.close();
    const next = await startPod('pod-b/7', pod.port);
    const answer = await ask(rig.url, { body: 'x', headers: { 'plimsoll-deadline-ms': '500' } });
    expect([answer.status, codeOf(answer)]).toEqual([504, 'deadline-exceeded']);
    expect(next.answered).toEqual([]);
    expect(rig.log.join('\n')).toContain('pod-b/7 answers at');
  });

  it('gives up one that never tells, and tries the others', async () => {
    const silent = createRawServer((socket) => void socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    running.push(() => new Promise((resolve) => silent.close(resolve)));
    const right = await startPod('pod-c/1');
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const rig = await gatewayTo([endpoint, right.endpoint], ['pod-a/1', 'pod-c/1']);
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(rig.url, { body: 'x' })));
    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 4 }, () => 'pod-c/1'));
  });

  it('takes no answer that leaves bytes on the connection', async () => {
    const smuggling = createRawServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', () => {
          const told = 'HTTP/1.1 200 OK\r\nplimsoll-replica-id: pod-a/1\r\ncontent-length: 0\r\n\r\n';
          socket.write(`${told}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged`);
        });
    });
    await new Promise<void>((resolve) => smuggling.listen(0, '127.0.0.1', resolve));
    running.push(() => new Promise((resolve) => smuggling.close(resolve)));
    const right = await startPod('pod-c/1');
    const endpoint = `http://127.0.0.1:${(smuggling.address() as AddressInfo).port}`;
    const rig = await gatewayTo([endpoint, right.endpoint], ['pod-a/1', 'pod-c/1']);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(rig.url, { body: 'x' })));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['pod-c/1']));
  });
});
