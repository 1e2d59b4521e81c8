/** A replica that goes bad for real: the watch isolates it by itself, over kills of the control plane, and a spare serves. */
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import { isRouted } from '../../../src/prove/drill/await-release.ts';
import type { DriftAnswer } from '../../../src/schemas/http/monitoring/http-drift.ts';
import type { ReplicaView, ServiceView } from '../../../src/schemas/view/view.ts';
import { seededRandom } from '../../rigs/seeded.ts';
import { inferBody, inputs, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [node, server.mjs], files: [server.mjs] }
model: { name: tiny, version: candidate }
scaling: { signal: queue-depth, replicas: { min: 3, max: 3 } }
monitoring:
  { golden: tiny-golden, capture: { sample: 100% }, control: 50%, falseAlarms: 1 per 1h, window: 1s, onAlarm: isolate }
`;
/** `y` is the sum of a row; from SIGUSR2 on it is wrong by 5, as a device would make it that broke. */
const server = `import { createServer } from 'node:http';
let wrongBy = 0;
process.on('SIGUSR2', () => { wrongBy = 5; });
process.on('SIGTERM', () => process.exit(0));
const tensor = (name, columns) => ({ name, datatype: 'FP32', shape: [-1, columns] });
const metadata = { name: 'tiny', platform: 'own', inputs: [tensor('x', ${inputs})], outputs: [tensor('y', 1)] };
createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  response.setHeader('content-type', 'application/json');
  if (request.method === 'GET') return response.end(JSON.stringify(metadata));
  const { inputs: [{ data }] } = JSON.parse(body);
  const y = data.flat().reduce((sum, value) => sum + value, wrongBy);
  response.end(JSON.stringify({ model_name: 'tiny', outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [y] }] }));
}).listen(Number(process.env.PLIMSOLL_PORT), process.env.PLIMSOLL_HOST);
`;
const soon = { timeout: 90_000, interval: 200 };
const random = seededRandom(20261128);
let project: UserProject;
let agent: Agent;
/** The answers since they were last counted. */
let answers = { sent: 0, failed: 0, wrong: 0 };
let sending = true;
let traffic: Promise<unknown>;

beforeAll(async () => {
  agent = new Agent({ connections: 4, pipelining: 1 });
  const golden = [1, 2, 3].map((index) => `${JSON.stringify({ x: rowOf(index) })}\n`).join('');
  project = new UserProject({
    files: {
      'plimsoll.yaml': contract,
      'model.onnx': tinyModel(1).bytes,
      'golden.jsonl': golden,
      'server.mjs': server,
    },
  });
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
  await project.up();
  await project.passing('release');
  traffic = Promise.all([send(), send(), send(), send()]);
}, 180_000);
afterAll(async () => {
  sending = false;
  await traffic;
  await agent.close();
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

async function send(): Promise<void> {
  while (sending) {
    const row = Array.from({ length: inputs }, () => 2 * random() - 1);
    const url = `${project.gatewayUrl}/v2/models/tiny/infer`;
    const answer = await request(url, { method: 'POST', body: inferBody(row), dispatcher: agent });
    const body = (await answer.body.json()) as { outputs?: readonly { data: readonly number[] }[] };
    const expected = row.reduce((sum, value) => sum + value, 0);
    answers.sent += 1;
    if (answer.statusCode !== 200) answers.failed += 1;
    else if (Math.abs((body.outputs?.[0]?.data[0] ?? NaN) - expected) > 1e-3) answers.wrong += 1;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** Undefined while the control plane does not answer. */
async function read<T>(path: string): Promise<T | undefined> {
  try {
    const answer = await fetch(`${project.pageUrl}${path}`, { signal: AbortSignal.timeout(10_000) });
    return answer.ok ? ((await answer.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}
const alarms = async () => (await read<DriftAnswer>('/v1/drift'))?.status?.alarms ?? [];
const replicas = async (): Promise<readonly ReplicaView[]> =>
  (await read<{ readonly replicas: readonly ReplicaView[] }>('/v1/view'))?.replicas ?? [];
const serving = async () =>
  (await replicas()).filter(
    ({ state, admitted, isolation }) => state === 'ready' && admitted && isolation === undefined,
  );
/** Whether every gateway serves by the newest routing table: one that lost its control plane hears of it a moment later. */
const gatewaysFollow = async (): Promise<boolean> => {
  const view = await read<Pick<ServiceView, 'gateways' | 'routingGeneration'>>('/v1/view');
  return view !== null && view !== undefined && isRouted(view);
};
const stageOf = async (id: string) => (await replicas()).find(({ replicaId }) => replicaId === id)?.isolation?.stage;
const events = (kind: string): Promise<readonly StoredEvent[]> => project.events(kind);

function killControlPlane(): void {
  const { pid } = JSON.parse(project.read('.plimsoll/run/control-plane.json')) as { pid: number };
  process.kill(pid, 'SIGKILL');
}

let bad = '';

it('what is asked for wrongly is refused with what to do next', async () => {
  await expect.poll(async () => (await serving()).length, soon).toBe(3);
  const [first] = await serving();
  const id = first?.replicaId ?? '';
  const refused: readonly (readonly [readonly string[], string])[] = [
    [
      ['nobody', '--reason', 'x'],
      `there is no replica \`nobody\`; there are ${(await serving())
        .map(({ replicaId }) => replicaId)
        .sort()
        .join(', ')}`,
    ],
    [[id, '--reason', ' '], '--reason says why, and is empty'],
    [[id], "required option '--reason <text>' not specified"],
    [[id, '--reason', 'x', '--for', '1s'], '--for is a duration from 1m to 30d'],
    [[id, '--reason', 'x', '--undo'], 'is not isolated'],
    [[id, '--reason', 'x', '--undo', '--stop'], '--undo and --stop exclude each other'],
  ];
  for (const [words, why] of refused) {
    const { status, stderr } = await project.plimsoll('drift', 'isolate', ...words);
    expect([words, status, stderr]).toEqual([
      words,
      expect.toSatisfy((value) => value !== 0),
      expect.stringContaining(why),
    ]);
  }
});

it('a replica whose answers go wrong is isolated by the watch, once, whenever the control plane is killed', async () => {
  await expect.poll(async () => (await read<DriftAnswer>('/v1/drift'))?.status?.rows ?? 0, soon).toBeGreaterThan(1_000);
  const [, , third] = await serving();
  bad = third?.replicaId ?? '';
  process.kill(third?.pid ?? 0, 'SIGUSR2');
  await expect.poll(async () => (await alarms()).length, soon).toBeGreaterThan(0);
  killControlPlane();
  await expect.poll(async () => (await stageOf(bad)) !== undefined, soon).toBe(true);
  killControlPlane();
  await expect.poll(() => stageOf(bad), soon).toBe('isolated');
  await expect.poll(async () => (await serving()).length, soon).toBe(3);
  const remedied = await events('drift.remedied');
  expect(remedied.filter(({ data }) => (data as { did: string }).did === 'isolate')).toMatchObject([
    { by: 'watch', data: { replicas: [bad] } },
  ]);
  expect(await events('replica.isolated')).toHaveLength(1);
  const { stdout } = await project.plimsoll('drift');
  expect(stdout).toMatch(/^cause +node; /m);
  expect(stdout).toMatch(new RegExp(`^by itself +isolated ${bad} at `, 'm'));
  expect((await replicas()).find(({ replicaId }) => replicaId === bad)).toMatchObject({ state: 'ready' });
  expect((await project.plimsoll('status')).stdout).toMatch(
    new RegExp(`${bad}.* isolated .*by watch: triage names node`),
  );
  await expect.poll(gatewaysFollow, soon).toBe(true);
  answers = { sent: 0, failed: 0, wrong: 0 };
  await expect.poll(() => answers.sent, soon).toBeGreaterThan(200);
  expect(answers).toMatchObject({ failed: 0, wrong: 0 });
});

it('does not come back while it does not reproduce its golden set', async () => {
  expect(await project.passing('drift', 'isolate', bad, '--undo', '--reason', 'mended?')).toContain(
    'once it reproduces its golden set',
  );
  await expect.poll(() => stageOf(bad), soon).toBe('isolated');
  await expect.poll(async () => (await events('replica.isolated')).length, soon).toBe(2);
  expect(answers.wrong).toBe(0);
});

it('the last one that serves is never taken: each leaves when a spare serves', async () => {
  answers = { sent: 0, failed: 0, wrong: 0 };
  const before = (await serving()).map(({ replicaId }) => replicaId);
  for (const id of before) await project.passing('drift', 'isolate', id, '--reason', 'all of them');
  await expect.poll(async () => Promise.all(before.map(stageOf)), soon).toEqual(before.map(() => 'isolated'));
  await expect.poll(async () => (await serving()).length, soon).toBe(3);
  await expect.poll(() => answers.sent, soon).toBeGreaterThan(200);
  expect(answers).toMatchObject({ failed: 0, wrong: 0 });
});

it('is stopped when somebody says so, and one that is mended comes back', async () => {
  const [healthy] = (await replicas()).filter(
    ({ replicaId, isolation }) => isolation?.stage === 'isolated' && replicaId !== bad,
  );
  await project.passing('drift', 'isolate', bad, '--stop', '--reason', 'seen enough');
  await expect.poll(async () => (await replicas()).some(({ replicaId }) => replicaId === bad), soon).toBe(false);
  const id = healthy?.replicaId ?? '';
  await project.passing('drift', 'isolate', id, '--undo', '--reason', 'it was healthy');
  await expect.poll(() => stageOf(id), soon).toBeUndefined();
  expect(answers).toMatchObject({ failed: 0, wrong: 0 });
});
