import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { HistoryKeeper } from './history-keeper.ts';
import { OutcomeWatch } from './outcome-watch.ts';

const minuteMs = 60_000;
let clock: FakeClock;
let store: Store;
let fence: Fence;
beforeEach(async () => {
  // A whole ten minutes begins.
  clock = new FakeClock(1_700_000_400_000);
  store = memoryStore();
  const lease = await store.leases.acquire({ lease: 'l', holder: 'h', ttlMs: 1e12, nowMs: clock.nowMs() });
  if (lease === null) throw new Error('the lease is free');
  fence = lease;
});
afterEach(() => store.close());

interface Watching {
  readonly keeper: HistoryKeeper;
  readonly outcomes: OutcomeWatch;
}

async function begin(): Promise<Watching> {
  const outcomes = new OutcomeWatch(clock);
  const keeper = new HistoryKeeper({
    service: 'digits',
    environment: 'prod',
    store,
    clock,
    outcomes,
    fence: () => fence,
    samples: () => [
      {
        atMs: clock.nowMs(),
        requestsPerSecond: 1,
        errorsPerSecond: 0,
        queueDepth: 7,
        inFlight: 2,
        latencyP50Ms: 1,
        latencyP99Ms: 1,
        batchFillShare: null,
      },
    ],
  });
  await keeper.begin();
  return { keeper, outcomes };
}

let sent = 0;
beforeEach(() => {
  sent = 0;
});
/** Ten requests every five seconds, and a look after each minute. */
async function serve({ keeper, outcomes }: Watching, minutes: number): Promise<void> {
  const startedAtMs = 1_700_000_400_000;
  for (let step = 0; step < minutes * 12; step += 1) {
    await clock.advance(5_000);
    await keeper.look();
    sent += 10;
    outcomes.report({
      ...({ gatewayId: 'g1', startedAtMs } as GatewayReport),
      outcomes: { requests: sent, failed: 0, latency: { 60: sent } },
    });
  }
}
const requestsIn = (points: readonly HistoryPoint[]): number =>
  Math.round(points.reduce((sum, { requestsPerSecond, spanMs }) => sum + (requestsPerSecond * spanMs) / 1000, 0));

test('each minute is recorded once it is over, and a day of them is drawn with few points', async () => {
  const watching = await begin();
  await serve(watching, 25 * 60 + 1);
  const minutes = await store.history('digits', 'prod', 'minute', 0);
  expect(minutes.length).toBeLessThanOrEqual(121);
  expect(minutes.at(-1)).toMatchObject({ requests: 120, queueDepth: 7, inFlight: 2, batchFillShare: null });
  const points = await watching.keeper.points(24);
  expect(points.length).toBeGreaterThan(240);
  expect(points.length).toBeLessThan(300);
  for (const [at, { atMs, spanMs }] of points.entries()) {
    if (at > 0) expect(atMs - spanMs).toBe(points[at - 1]?.atMs);
  }
  expect(requestsIn(points)).toBe(points.reduce((sum, { spanMs }) => sum + (120 * spanMs) / minuteMs, 0));
});

test('a restart goes on with the last hour, and makes good the ten minutes that nobody closed', async () => {
  await serve(await begin(), 14);
  // Killed in the fifteenth minute, started again after the end of the next ten.
  await clock.advance(8 * minuteMs);
  const { keeper, outcomes } = await begin();
  expect(outcomes.spans().reduce((sum, { requests }) => sum + requests, 0)).toBe(13 * 120 + 110);
  const tens = await store.history('digits', 'prod', 'tenMinutes', 0);
  expect(tens).toHaveLength(2);
  expect(requestsIn(await keeper.points(1))).toBe(13 * 120 + 110);
});

test('a store that cannot be written now is written later', async () => {
  const watching = await begin();
  await serve(watching, 2);
  const good = fence;
  fence = { lease: 'l', token: 99 };
  await clock.advance(minuteMs);
  await expect(watching.keeper.look()).rejects.toMatchObject({ code: 'lease-lost' });
  fence = good;
  const before = (await store.history('digits', 'prod', 'minute', 0)).length;
  await watching.keeper.look();
  expect((await store.history('digits', 'prod', 'minute', 0)).length).toBeGreaterThan(before);
});

test('a clock that is set far on or back records what is known, and no endless row of minutes', async () => {
  const watching = await begin();
  await serve(watching, 2);
  clock.stepTimeOfDay(400 * 86_400_000);
  await watching.keeper.look();
  await serve(watching, 2);
  clock.stepTimeOfDay(-400 * 86_400_000);
  await watching.keeper.look();
  await serve(watching, 2);
  expect((await store.history('digits', 'prod', 'minute', 0)).length).toBeLessThan(10);
});
