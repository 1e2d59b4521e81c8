import { afterEach, expect, test } from 'vitest';
import type { ServerResponse } from 'node:http';
import type { CanaryRecord } from '../core/rollout/judge/canary.ts';
import { beginStep } from '../core/rollout/judge/canary-step.ts';
import { lookAtStep } from '../core/rollout/judge/fold-counts.ts';
import { ask, makeTable, startGateway, startUpstream, type GatewayRig } from '../testing/rigs/gateway-rig.ts';
import { aRelease } from '../testing/builders/rollout-builders.ts';
import { CanaryInbox } from '../control-plane/signals/canary-inbox.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

const begun: CanaryRecord = { ...beginStep(aRelease(2, { steps: [0.5, 1] }), 1, 0, 0), revision: 1 };
const hurry = { 'plimsoll-deadline-ms': '900' };

type Answer = (res: ServerResponse, isHurried: boolean) => void;
const good: Answer = (res, isHurried) => void res.writeHead(isHurried ? 504 : 200).end('{}');

async function startStep(live: Answer, canary: Answer): Promise<GatewayRig> {
  const [one, two] = await Promise.all(
    [live, canary].map((answer) =>
      startUpstream((req, res) => {
        answer(res, Number(req.headers['plimsoll-deadline-ms']) < 1_000);
      }),
    ),
  );
  if (one === undefined || two === undefined) throw new Error('no upstream');
  const { release, against, step, startedAtMs } = begun;
  const splits = [
    { release: 1, share: 0.5, endpoints: [one.endpoint] },
    { release: 2, share: 0.5, endpoints: [two.endpoint] },
  ];
  const table = makeTable(splits, { canary: { release, against, step, startedAtMs } });
  const rig = await startGateway(table, {}, { unitBounds: { coldRequests: 0, coldMs: 0 } });
  running.push(one.stop, two.stop, () => rig.stop());
  return rig;
}

/** What the judge says, by the way that counts take: report, inbox, look. */
function judge({ gateway }: GatewayRig) {
  const inbox = new CanaryInbox();
  inbox.report(gateway.report());
  const { judgement } = lookAtStep(begun, inbox.counts(), null, 120_000);
  if (judgement === null) throw new Error('not judged');
  return judgement;
}

async function send(rig: GatewayRig, times: number, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  for (let n = 0; n < times; n += 1) await ask(rig.url, { body: 'x', headers });
}

test("an engine's own 504 for a deadline that its client made too short counts against nothing", async () => {
  const rig = await startStep(good, good);
  await send(rig, 40);
  await send(rig, 200, hurry);
  const judgement = judge(rig);
  expect(judgement).toMatchObject({ outcome: 'hold' });
  expect(judgement.held).toBeUndefined();
  expect(judgement.metrics[0]).toMatchObject({ metric: 'errors', live: 0, canary: 0, units: { live: 20, canary: 20 } });
  const report = rig.gateway.report();
  expect(report.outcomes).toMatchObject({ requests: 40, failed: 0 });
  expect(report.releases.map(({ errors }) => errors)).toEqual([0, 0]);
});

test('a canary that misses what the live release answers is held by impatient clients, and not rolled back', async () => {
  const rig = await startStep((res) => void res.end('{}'), good);
  await send(rig, 120, hurry);
  const judgement = judge(rig);
  expect(judgement.outcome).toBe('hold');
  expect(judgement.held).toMatch(/the canary missed 60 and the live release 0; this holds the step/);
  expect(judgement.reasons[0]).toBe(judgement.held);
});

test('a client that leaves while a slow canary has its request is compared, and counted nowhere else', async () => {
  const rig = await startStep(
    (res) => void res.end('{}'),
    () => undefined,
  );
  for (let n = 0; n < 40; n += 1) {
    const body = { method: 'POST', body: 'x', signal: AbortSignal.timeout(40) };
    await fetch(`${rig.url}/v2/models/m/infer`, body).then(
      (answer) => answer.text(),
      () => undefined,
    );
  }
  const judgement = judge(rig);
  expect(judgement.held).toMatch(/canary missed 1\d and the live release 0/);
  expect(judgement.metrics[0]).toMatchObject({ units: { canary: 0 } });
});

test('an error that comes at once is an error, also of a client in a hurry', async () => {
  const rig = await startStep(
    (res) => void res.end('{}'),
    (res) => void res.writeHead(500).end(),
  );
  await send(rig, 40, { 'plimsoll-deadline-ms': '900' });
  expect(judge(rig).metrics[0]).toMatchObject({ canary: 1, units: { canary: 20 } });
});

/** Breaks the connection instead of an answer, at a share of the client's deadline. */
const breakAt =
  (share: number, head = false): Answer =>
  (res) => {
    if (head) res.writeHead(200, { 'content-length': 100 }).write('{');
    setTimeout(() => res.destroy(), share * 300);
  };
const soon = { 'plimsoll-deadline-ms': '300' };

/** Requests at once, as each of them takes most of its deadline. @returns their statuses; 0 where the answer broke off. */
function sendTogether(rig: GatewayRig, times: number, headers = soon): Promise<readonly number[]> {
  const sendOne = async (): Promise<number> => {
    const answer = await fetch(`${rig.url}/v2/models/m/infer`, { method: 'POST', body: 'x', headers });
    await answer.text();
    return answer.status;
  };
  return Promise.all(Array.from({ length: times }, () => sendOne().catch(() => 0)));
}

test.each([
  ['before its answer', false],
  ['within its answer', true],
])(
  'an engine that breaks the connection at the deadline of a client in a hurry, %s, counts against nothing',
  async (_when, head) => {
    const rig = await startStep(breakAt(0.8, head), breakAt(0.8, head));
    expect(new Set(await sendTogether(rig, 40))).toEqual(new Set([head ? 0 : 504]));
    const judgement = judge(rig);
    expect(judgement).toMatchObject({ outcome: 'hold' });
    expect(judgement.metrics[0]).toMatchObject({ metric: 'errors', units: { live: 0, canary: 0 } });
    const report = rig.gateway.report();
    expect(report.outcomes?.failed).toBe(0);
    expect(report.releases.map(({ errors }) => errors)).toEqual([0, 0]);
  },
);

test('a canary alone that breaks the connection at the deadline is held', async () => {
  const rig = await startStep((res) => void res.end('{}'), breakAt(0.8));
  await sendTogether(rig, 120);
  expect(judge(rig).held).toMatch(/the canary missed \d+ and the live release 0/);
});

test('a connection that breaks at once is an error, also of a client in a hurry', async () => {
  const rig = await startStep((res) => void res.end('{}'), breakAt(0, true));
  for (let n = 0; n < 40; n += 1) await sendTogether(rig, 1, hurry);
  expect(judge(rig).metrics[0]).toMatchObject({ units: { canary: 20 }, canary: 1 });
});
