import { expect, test } from 'vitest';
import type { ArmInterval } from '../../core/rollout/judge/canary.ts';
import { latencyBinOf } from '../../core/rollout/judge/latency-bins.ts';
import type { CanaryCounts } from '../../schemas/gateway/gateway-report.ts';
import { Replica } from '../routes/replica.ts';
import { CountsOutbox } from './step-counts.ts';
import { UnitCounter, unitDefaults, type UnitBounds } from './units.ts';

const step = { release: 2, against: 1, step: 0, startedAtMs: 5 };

/** A replica whose cold time is over unless a test says otherwise. */
function replica(requests = 100): Replica {
  const made = new Replica('r', 'http://127.0.0.1:9', { concurrency: 1, connectTimeoutMs: 1, nowMs: () => 0 });
  made.requests = requests;
  made.firstSentMs(0);
  return made;
}

function counting(bounds: Partial<UnitBounds> = {}): { outbox: CountsOutbox; units: UnitCounter } {
  const outbox = new CountsOutbox();
  outbox.follow(step, 0);
  const present = outbox.present;
  if (present === null) throw new Error('no step');
  return { outbox, units: new UnitCounter(present, { ...unitDefaults, ...bounds }, 7, 0) };
}

const warm = (counts: CanaryCounts | undefined, release: number): ArmInterval | undefined =>
  counts?.releases.find((each) => each.release === release)?.units.warm;
const longAgo = 100_000;

test('without a key each request is a unit; what the release did not do is in none', () => {
  const { outbox, units } = counting();
  const begin = () => units.begin(replica(), 2, { client: 'c', key: null }, longAgo);
  begin()?.answered(200, longAgo + 10);
  begin()?.answered(404, longAgo + 10);
  begin()?.answered(503, longAgo + 20);
  begin()?.failed();
  begin()?.left();
  const latency = { [latencyBinOf(10)]: 2, [latencyBinOf(20)]: 1 };
  expect(warm(outbox.take(1)[0], 2)).toEqual({ units: 4, errors: 2, latency });
});

test('a release that is not compared is not counted', () => {
  expect(counting().units.begin(replica(), 9, { client: 'c', key: null }, longAgo)).toBeNull();
});

test('one key is one unit a window: an error if one request failed, as slow as the slowest', () => {
  const { outbox, units } = counting();
  const [one, two, three] = [0, 1, 2].map(() => units.begin(replica(), 2, { client: 'c', key: 'anna' }, longAgo));
  units.begin(replica(), 2, { client: 'c', key: 'ben' }, longAgo)?.answered(200, longAgo + 5);
  one?.answered(200, longAgo + 10);
  two?.failed();
  units.sweep(longAgo + unitDefaults.windowMs);
  // Anna's window is closed, and waits for the request that is still under way.
  expect(warm(outbox.take(1)[0], 2)).toEqual({ units: 1, errors: 0, latency: { [latencyBinOf(5)]: 1 } });
  three?.answered(200, longAgo + 30_000);
  outbox.acknowledge(outbox.take(2)[0]?.sequence ?? 0);
  expect(warm(outbox.take(3)[0], 2)).toEqual({ units: 1, errors: 1, latency: { [latencyBinOf(30_000)]: 1 } });
});

test('a window in which every client left is no unit, and a new window is a new unit', () => {
  const { outbox, units } = counting();
  units.begin(replica(), 2, { client: 'c', key: 'anna' }, longAgo)?.left();
  units.sweep(longAgo + unitDefaults.windowMs);
  expect(outbox.take(1)).toEqual([]);
  for (const at of [20_000, 29_999, 30_000]) {
    units.begin(replica(), 2, { client: 'c', key: 'anna' }, longAgo + at)?.answered(200, longAgo + at + 1);
  }
  units.sweep(longAgo + 50_000);
  expect(warm(outbox.take(2)[0], 2)?.units).toBe(2);
});

test('the table of windows is bounded: the oldest closes early', () => {
  const { outbox, units } = counting({ windowsAtMost: 3 });
  for (let n = 0; n < 10; n += 1)
    units.begin(replica(), 2, { client: 'c', key: `user-${n}` }, longAgo)?.answered(200, longAgo + 1);
  expect(units.windowCount).toBe(3);
  expect(warm(outbox.take(1)[0], 2)?.units).toBe(7);
});

test('a replica is cold for 20 requests and for 10 s, whichever is longer', () => {
  const cold = (requests: number, sinceFirstMs: number): boolean => {
    const { outbox, units } = counting();
    units.begin(replica(requests), 2, { client: 'c', key: null }, sinceFirstMs)?.answered(200, sinceFirstMs);
    return outbox.take(1)[0]?.releases[0]?.units.cold.units === 1;
  };
  expect([cold(19, 60_000), cold(20, 9_999), cold(20, 10_000)]).toEqual([true, true, false]);
});

test('what spans a change of step is in neither', () => {
  const { outbox, units } = counting();
  const request = units.begin(replica(), 2, { client: 'c', key: null }, longAgo);
  units.begin(replica(), 2, { client: 'c', key: 'anna' }, longAgo)?.answered(200, longAgo);
  expect(outbox.follow({ ...step, step: 1 }, 1)).toBe(true);
  request?.answered(200, longAgo);
  units.sweep(longAgo * 2);
  expect(outbox.take(2)).toEqual([]);
});

test('an interval is sent unchanged until it is acknowledged, while the next one adds up', () => {
  const { outbox, units } = counting();
  const count = (times: number): void => {
    for (let n = 0; n < times; n += 1)
      units.begin(replica(), 1, { client: 'c', key: null }, longAgo)?.answered(200, longAgo);
  };
  count(3);
  const first = outbox.take(10);
  count(4);
  const again = outbox.take(20);
  expect(again).toEqual(first);
  count(5);
  outbox.acknowledge(1);
  const second = outbox.take(30);
  expect([first, second].map((each) => each.map((counts) => [counts.sequence, warm(counts, 1)?.units]))).toEqual([
    [[1, 3]],
    [[2, 9]],
  ]);
  expect(second[0]).toMatchObject({ fromMs: 10, toMs: 30 });
  // The answer to the first report comes twice: nothing newer is thrown away.
  outbox.acknowledge(1);
  expect(outbox.take(40)).toEqual(second);
});

test('steps that follow one another while nobody listens leave four intervals at most, the newest', () => {
  const outbox = new CountsOutbox();
  for (let n = 0; n < 9; n += 1) {
    outbox.follow({ ...step, step: n }, n);
    outbox.present?.count(2, 0, false, false, 1);
    outbox.take(n);
  }
  expect(outbox.take(99).map((counts) => counts.step.step)).toEqual([5, 6, 7, 8]);
});

test('the same step in a later generation goes on; without one nothing is counted', () => {
  const { outbox } = counting();
  expect(outbox.follow({ ...step }, 1)).toBe(false);
  expect(outbox.follow(undefined, 2)).toBe(true);
  expect(outbox.present).toBeNull();
  expect(outbox.follow(undefined, 3)).toBe(false);
});

test('nobody waited for a release before its step began', () => {
  const outbox = new CountsOutbox();
  outbox.follow(step, 0);
  const units = new UnitCounter(outbox.present!, unitDefaults, 7, longAgo);
  units.begin(replica(), 2, { client: 'c', key: 'anna' }, longAgo + 50, longAgo - 900)?.answered(200, longAgo + 60);
  units.begin(replica(), 2, { client: 'c', key: 'ben' }, longAgo + 50, longAgo + 20)?.answered(200, longAgo + 60);
  units.closeAll();
  const latency = { [latencyBinOf(60)]: 1, [latencyBinOf(40)]: 1 };
  expect(warm(outbox.take(1)[0], 2)).toEqual({ units: 2, errors: 0, latency });
});

test('a unit is of one client, and of one part of the clients', () => {
  const { outbox, units } = counting();
  const clients = Array.from({ length: 200 }, (_, index) => `address 192.0.2.${index}`);
  for (const client of clients) units.begin(replica(), 2, { client, key: null }, longAgo)?.answered(200, longAgo + 1);
  for (let n = 0; n < 50; n += 1) units.begin(replica(), 2, { client: 'flood', key: null }, longAgo)?.failed();
  const counted = outbox.take(1)[0]?.releases[0];
  const parts = counted?.parts ?? [];
  expect(parts.map(({ part }) => part)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(parts.reduce((sum, { units: { units } }) => sum + units, 0)).toBe(250);
  expect(parts.filter(({ units: { errors } }) => errors > 0).map(({ units: { errors } }) => errors)).toEqual([50]);
});

test('who sends failing requests with the keys of others spoils units of its own alone', () => {
  const { outbox, units } = counting();
  for (const client of ['calm', 'flood']) {
    const part = units.begin(replica(), 2, { client, key: 'anna' }, longAgo);
    if (client === 'calm') part?.answered(200, longAgo + 1);
    else part?.failed();
  }
  units.closeAll();
  expect(warm(outbox.take(1)[0], 2)).toMatchObject({ units: 2, errors: 1 });
});
