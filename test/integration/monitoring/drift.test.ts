/** A service whose live answers are watched: from its release over a kill of the control plane to an alarm and its end. */
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Verdict } from '../../../src/core/units/verdict.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import type {
  DriftAnswer,
  DriftHistoryAnswer,
  DriftSamplesAnswer,
} from '../../../src/schemas/http/monitoring/http-drift.ts';
import { seededRandom } from '../../rigs/seeded.ts';
import { inferBody, inputs, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

/** A window closes at 20 rows, however fast they come, and 400 windows are the history of a forecast. */
const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
scaling: { signal: queue-depth, replicas: { min: 2, max: 2 } }
monitoring: { golden: tiny-golden, capture: { sample: 100% }, control: 50%, falseAlarms: 1 per 30d, window: 1ms }
`;
const soon = { timeout: 60_000, interval: 200 };
const random = seededRandom(20261128);
let project: UserProject;
let agent: Agent;
let sent = 0;

beforeAll(async () => {
  agent = new Agent({ connections: 16, pipelining: 1 });
  const golden = `${JSON.stringify({ x: rowOf(1) })}\n`;
  project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'model.onnx': tinyModel(1).bytes, 'golden.jsonl': golden },
  });
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
  await project.up();
}, 120_000);
afterAll(async () => {
  await agent.close();
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

/** Sends so many requests, sixteen at a time; `shift` is added to one of the four inputs. Each is answered. */
async function send(count: number, shift = 0): Promise<void> {
  const last = sent + count;
  const client = async (): Promise<void> => {
    while (sent < last) {
      sent += 1;
      const row = Array.from({ length: inputs }, (_, at) => 2 * random() - 1 + (at === 1 ? shift : 0));
      const url = `${project.gatewayUrl}/v2/models/tiny/infer`;
      const headers = { 'x-request-id': `id-${sent}` };
      const answer = await request(url, { method: 'POST', headers, body: inferBody(row), dispatcher: agent });
      await answer.body.dump();
      expect(answer.statusCode).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
}

/** Null while the control plane does not answer. */
async function readDrift(): Promise<DriftAnswer['status']> {
  try {
    const answer = await fetch(`${project.pageUrl}/v1/drift`, { signal: AbortSignal.timeout(10_000) });
    return answer.ok ? ((await answer.json()) as DriftAnswer).status : null;
  } catch {
    return null;
  }
}
async function readHistory(query: string): Promise<DriftHistoryAnswer['history']> {
  return ((await (await fetch(`${project.pageUrl}/v1/drift/history${query}`)).json()) as DriftHistoryAnswer).history;
}
const recordedRows = async (): Promise<number> => (await readDrift())?.rows ?? 0;
const openAlarms = async () => (await readDrift())?.alarms ?? [];

async function monitoringVerdict(): Promise<Verdict | undefined> {
  return (await project.view()).evidence.find(({ kind }) => kind === 'monitoring')?.verdict;
}

/** What `doctor` answers to its question about the quality of live outputs. */
async function doctorAnswer(): Promise<string | undefined> {
  const { stdout } = await project.plimsoll('doctor', '--json');
  const { answers } = JSON.parse(stdout) as { answers: readonly { question: string; answer: string }[] };
  return answers.find(({ question }) => question === 'output-quality-monitored')?.answer;
}

function driftEvents(kind: 'drift.alarm' | 'drift.acknowledged'): Promise<readonly StoredEvent[]> {
  return project.events(kind);
}

it('a service that nobody asked anything is released, and its monitoring is unknown', async () => {
  await project.passing('check');
  expect(await project.passing('release')).toContain('release 1 is live');
  await expect.poll(monitoringVerdict, soon).toBe('unknown');
  expect(await doctorAnswer()).toBe('not-measured');
  expect(await project.passing('drift')).toContain('no request was captured yet');
  expect(await project.passing('drift', 'samples')).toContain('no request was captured yet');
  expect(await project.passing('drift', 'power')).toContain('unknown: no request was captured yet');
});

it('each request counts once, also when the control plane is killed', async () => {
  await send(4_000);
  const { pid } = JSON.parse(project.read('.plimsoll/run/control-plane.json')) as { pid: number };
  const sending = send(4_500);
  await expect.poll(recordedRows, soon).toBeGreaterThan(0);
  process.kill(pid, 'SIGKILL');
  await sending;
  await expect.poll(recordedRows, soon).toBe(sent);
  // A segment that counts twice would be counted by now: those that follow are recorded after it.
  await send(300);
  await expect.poll(recordedRows, soon).toBe(sent);
  expect((await readDrift())?.strangeRows).toBe(0);
  expect((await readDrift())?.detectors).toMatchObject([
    { detector: 'control', isRunning: true },
    { detector: 'series', isRunning: true },
  ]);
  expect(await openAlarms()).toEqual([]);
  expect(await project.passing('drift')).toContain('1 false alarm per 30d at most');
  expect(await project.passing('drift', 'power')).toMatch(/^2 replicas, \d+ drawn requests an hour/);
  const { samples }: DriftSamplesAnswer = JSON.parse(
    await project.passing('drift', 'samples', '--last', '500', '--json'),
  );
  expect(new Set(samples.map(({ requestId }) => requestId)).size).toBe(500);
  expect(Object.keys(samples[0]?.values ?? {})).toEqual([
    'status',
    'x[0]',
    'x[1]',
    'x[2]',
    'x[3]',
    'y[0]',
    'y[1]',
    'y[2]',
  ]);
  await expect.poll(monitoringVerdict, soon).toBe('pass');
  expect(await doctorAnswer()).toBe('yes');
  await project.passing('check');
});

it('inputs that shift are an alarm, and evidence that fails', async () => {
  await expect
    .poll(async () => {
      await send(500, 3);
      return (await openAlarms()).length;
    }, soon)
    .toBeGreaterThan(0);
  await expect.poll(recordedRows, soon).toBe(sent);
  const { status, stdout } = await project.plimsoll('drift');
  expect(status).toBe(1);
  // `x[1]` moved, and with it what is computed from it.
  expect(stdout).toMatch(/^alarm {2,}(?:feature (?:x\[1\]|y\[\d\])|group [xy]) changed: [xy]\[\d\]: mean went from /m);
  const [first] = await driftEvents('drift.alarm');
  expect(first?.data).toMatchObject({ release: 1, replicaId: null, name: (await openAlarms())[0]?.name });
  await expect.poll(async () => (await openAlarms())[0]?.diagnosis !== undefined, soon).toBe(true);
  // Golden replays agree, and nothing that was evaluated is there to compare with: no cause is made up.
  expect((await project.plimsoll('drift')).stdout).toMatch(/^cause +not named: .+; would decide: the distance of/m);
  await expect.poll(monitoringVerdict, soon).toBe('fail');
  expect(await doctorAnswer()).toBe('no');
  // What the page draws: what moved comes first, outside of its band, and the crossing is in the evidence over time.
  const history = await readHistory('?last=300');
  const [moved] = history?.features ?? [];
  expect(moved).toMatchObject({ isLatched: true, of: 'mean', reference: { from: 'history' } });
  expect(moved?.values.at(-1) ?? 0).toBeGreaterThan(moved?.reference?.high ?? Infinity);
  expect(history?.atMs.length).toBeGreaterThan(140);
  expect(history?.atMs.length).toBeLessThan(162);
  const crossing = history?.trail.find(({ alarm }) => alarm !== undefined);
  expect(crossing?.statistic).toBeGreaterThanOrEqual(1);
  expect((await openAlarms())[0]?.observed?.map(({ what }) => what)).toContain('golden replays');
  for (const last of ['0', '-1', '2001', 'all', '1.5']) {
    expect((await fetch(`${project.pageUrl}/v1/drift/history?last=${last}`)).status, last).toBe(400);
  }
});

it('an alarm is open until somebody says why it is none', async () => {
  const [first] = await openAlarms();
  const name = first?.name ?? '';
  const refused: readonly (readonly [readonly string[], string])[] = [
    [['drift', 'acknowledge', 'nothing', '--reason', 'x'], `open are: ${first?.kind} ${name}`],
    [['drift', 'acknowledge', name, '--reason', ' '], '--reason says why, and is empty'],
    [['drift', 'acknowledge', name], "required option '--reason <text>' not specified"],
    [['drift', 'samples', '--last', '0'], '--last is a number from 1 to 500, not `0`'],
    [['drift', '--environment', 'nowhere'], 'the contract has no environment `nowhere`'],
  ];
  for (const [words, why] of refused) {
    const { status, stderr } = await project.plimsoll(...words);
    expect([words, status, stderr]).toEqual([words, 2, expect.stringContaining(why)]);
  }
  const unknown = await fetch(`${project.pageUrl}/v1/drift?service=nobody`);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'service-unknown' } }]);

  await project.passing('drift', 'acknowledge', name, '--reason', 'a new season', '--new-reference');
  if ((await openAlarms()).length > 0) await project.passing('drift', 'acknowledge', '--reason', 'the same');
  expect(await project.passing('drift')).toMatch(/^alarms +none$/m);
  expect((await driftEvents('drift.acknowledged'))[0]?.data).toMatchObject({ name, reason: 'a new season' });
  await send(400, 3);
  await expect.poll(recordedRows, soon).toBe(sent);
  expect(await openAlarms()).toEqual([]);
  const series = (await readDrift())?.detectors.find(({ detector }) => detector === 'series');
  expect(series?.because).toMatch(/more than the \d+ that are there are needed/);
  await expect.poll(monitoringVerdict, soon).toBe('pass');
  expect(await doctorAnswer()).toBe('yes');
});
