import { afterEach, beforeEach, expect, test } from 'vitest';
import { arrivalsKept, dayMs, minuteMs, tenMinutesMs } from '../../core/scaling/seasons/arrival-day.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { daysOfHistory, recordMinute } from './record-arrivals.ts';

const scope = { service: 'digits', environment: 'prod' };
const beginMs = 20_000 * dayMs;
let store: Store;
let fence: Fence;
beforeEach(async () => {
  store = memoryStore();
  const lease = await store.leases.acquire({ lease: 'l', holder: 'h', ttlMs: 1e15, nowMs: beginMs });
  if (lease === null) throw new Error('the lease is free');
  fence = lease;
});
afterEach(() => store.close());

const record = (fromMs: number, requests: number): Promise<void> =>
  store.transaction(fence, (tx) => recordMinute(tx, scope, { fromMs, requests }));
const recorded = () => store.arrivalDays(scope.service, scope.environment, 0);

test('minutes are kept for today and two days, and ten minutes for eight weeks', async () => {
  const days = 60;
  for (let day = 0; day < days; day += 1) {
    for (const minute of [0, 1, 2, 3, 4, 719]) await record(beginMs + day * dayMs + minute * minuteMs, 6);
  }
  const kept = await recorded();
  const lastMs = beginMs + (days - 1) * dayMs;
  expect(kept[0]?.fromMs).toBe(lastMs - arrivalsKept.allMs);
  expect(kept.map(({ lengthMs }) => lengthMs)).toEqual([
    ...Array<number>(54).fill(tenMinutesMs),
    ...Array<number>(3).fill(minuteMs),
  ]);
  // Five of ten minutes are known at midnight, and one of ten at noon.
  expect(kept[0]?.counts[0]).toBe(60);
  expect(kept[0]?.counts[71]).toBeNull();
  expect(kept.at(-1)?.counts[719]).toBe(6);
});

test('days that nobody thinned, because the control plane was away, are thinned with the next day', async () => {
  await record(beginMs, 5);
  await record(beginMs + dayMs, 5);
  await record(beginMs + 10 * dayMs, 5);
  expect((await recorded()).map(({ lengthMs }) => lengthMs)).toEqual([tenMinutesMs, tenMinutesMs, minuteMs]);
});

test('a transaction that fails leaves the day as it was', async () => {
  await record(beginMs, 5);
  const failing = store.transaction(fence, async (tx) => {
    await recordMinute(tx, scope, { fromMs: beginMs + minuteMs, requests: 7 });
    throw new Error('killed');
  });
  await expect(failing).rejects.toThrow('killed');
  expect((await recorded())[0]?.counts).toEqual([5]);
});

test('days before today come out of a history that was recorded earlier', async () => {
  const span = (fromMs: number, requests: number) => ({
    ...{ fromMs, toMs: fromMs + tenMinutesMs, requests, failed: 0, latency: {} },
    ...{ queueDepth: null, inFlight: null, batchFillShare: null },
  });
  await store.transaction(fence, async (tx) => {
    await tx.addHistory('digits', 'prod', 'tenMinutes', span(beginMs + tenMinutesMs, 40));
    await tx.addHistory('digits', 'prod', 'tenMinutes', span(beginMs + dayMs, 50));
  });
  const days = await daysOfHistory(store, scope, beginMs + dayMs + tenMinutesMs);
  expect(days).toHaveLength(1);
  expect(days[0]).toMatchObject({ fromMs: beginMs, lengthMs: tenMinutesMs });
  expect(days[0]?.counts.slice(0, 3)).toEqual([null, 40, null]);
  expect(days[0]?.counts).toHaveLength(144);
});
