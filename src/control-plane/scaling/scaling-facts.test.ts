import { expect, it } from 'vitest';
import type { EvidenceKind, EvidenceState, Freshness, Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { coldStartRecord } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import type { Prices } from '../../core/cost/priced-terms.ts';
import { measuredCapacity } from '../../testing/builders/capacity-builders.ts';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { aStoredBundle } from '../../testing/builders/release-fixture.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { readPricesNow, scalingFactsOf } from './scaling-facts.ts';

const starts = { timesMs: [900, 1_200], shares: [0.5, 1], failureShare: 0, starts: 2 };
const coldStart = coldStartRecord({
  coldStartVersion: 1,
  platform: 'local',
  timeoutMs: 60_000,
  tiers: {
    'node-disk': {
      prepared: 'as it is',
      starts: [900, 1_200].map((totalMs) => ({ totalMs, outcome: 'ready' as const, phases: [] })),
    },
    'fresh-node': { prepared: 'emptied', starts: [{ totalMs: 9_000, outcome: 'ready' as const, phases: [] }] },
  },
});
const measured = (kind: EvidenceKind, measurements: Readonly<Record<string, unknown>>) => ({
  kind,
  subjects: {},
  measurements,
  measuredAtMs: 0,
  by: 'ada',
  plimsollVersion: '0.0.0',
});
const locked: LockedEnvironment = {
  data: {},
  deviceClasses: [],
  runtime: {},
  evidence: {
    capacity: measured('capacity', { ...measuredCapacity }),
    'cold-start': measured('cold-start', coldStart),
  },
};
const row = (kind: EvidenceKind, freshness: Freshness, verdict: Verdict): EvidenceState => ({
  kind,
  freshness,
  verdict,
  reasons: [],
  available: true,
});
const factsOf = (sections: string, states: readonly EvidenceState[], prices: Prices | null = null) =>
  scalingFactsOf(loadContract(minimalContract + sections).contract, locked, states, prices);
const scaling = `objective: { latency: { p50: 40ms, p99: 50ms } }
coldStart: { p90: 45s }
scaling: { replicas: { min: 0, max: 4 }, toZero: when-proven, warmPool: 1, actuator: keda }
`;

it('takes what was measured and still holds', async () => {
  const facts = factsOf(scaling, [row('capacity', 'fresh', 'pass'), row('cold-start', 'fresh', 'fail')]);
  expect(facts).toEqual({
    actuator: 'keda',
    warmPool: 1,
    zeroProven: false,
    objective: { latencyMs: 50, attainmentShare: 0.99 },
    // A start that is slower than promised is how long a start takes.
    starts,
    capacity: expect.objectContaining({ ratePerSecond: expect.closeTo(262, 1) }),
    prices: { acceleratorSecondPrice: 1, lateRequestPrice: 0 },
  });
});

it('takes zone and schedule where the contract writes one of them', () => {
  expect(factsOf(scaling, []).calendar).toBeUndefined();
  expect(factsOf('scaling: { zone: Europe/Berlin }\n', []).calendar).toEqual({ zone: 'Europe/Berlin', schedule: [] });
  const weekly = 'scaling: { schedule: [{ weekly: "Fri 09:00-11:00", rate: 2/s }] }\n';
  expect(factsOf(weekly, []).calendar).toMatchObject({ zone: 'UTC', schedule: [{ zone: 'UTC', ratePerSecond: 2 }] });
});

it('takes nothing that is stale, and nothing where no latency is promised', async () => {
  const stale = factsOf(scaling, [row('capacity', 'stale', 'unknown'), row('cold-start', 'missing', 'unknown')]);
  expect(stale).toMatchObject({ capacity: null, starts: null });
  expect(factsOf('', [row('capacity', 'fresh', 'pass')])).toMatchObject({ objective: null });
});

it('goes on with a capacity that the watch alone contradicts, and says why it no longer holds', () => {
  const states = (...reasons: readonly string[]) => [{ ...row('capacity', 'stale', 'unknown'), reasons }];
  const watched = 'invalidated by the watch: a replica carries half';
  expect(factsOf(scaling, states(watched))).toMatchObject({
    capacity: { ratePerSecond: expect.closeTo(262, 1) },
    capacityDoubt: 'a replica carries half',
    zeroProven: false,
  });
  for (const reasons of [['model moved: a -> b'], [watched, 'measured 9d ago, and maxAge is 7d'], []]) {
    const facts = factsOf(scaling, states(...reasons));
    expect(facts.capacity).toBeNull();
    expect(facts).not.toHaveProperty('capacityDoubt');
  }
});

it('lets the last replica stop only while scaling evidence is fresh and passes, and the contract allows it', async () => {
  const proven = async (text: string, freshness: Freshness, verdict: Verdict) =>
    factsOf(text, [row('scaling', freshness, verdict)]).zeroProven;
  expect(await proven(scaling, 'fresh', 'pass')).toBe(true);
  expect(await proven(scaling, 'fresh', 'inconclusive')).toBe(false);
  expect(await proven(scaling, 'stale', 'pass')).toBe(false);
  expect(await proven('scaling: { replicas: { min: 1, max: 4 } }\n', 'fresh', 'pass')).toBe(false);
});

const blobs = memoryBlobs();
const pricesOf = async (text: string | null) => {
  const problems: unknown[] = [];
  const bundle = await aStoredBundle(blobs, 1);
  const digest = text === null ? null : (await blobs.put(Buffer.from(text))).digest;
  const file = digest === null ? [] : [{ path: 'p.yaml', digest, bytes: 1, role: 'prices' as const }];
  const loaded = loadContract(`${minimalContract}cost: { prices: p.yaml }\n`);
  const opened = { digest: digestOf('bundle'), bundle: { ...bundle, files: [...bundle.files, ...file] }, loaded };
  const lock: Lock = { lockVersion: 1, service: 'digits', environments: {} };
  const prices = await readPricesNow(
    { opened: { ...opened, lock }, environment: 'default', record: null },
    blobs,
    1,
    (thrown) => problems.push(thrown),
  );
  return { prices, problems: String(problems) };
};

it('weighs by the prices of the bundle', async () => {
  const { prices, problems } = await pricesOf('currency: EUR\naccelerators: { default: 7200/h }\nlateRequest: 3\n');
  expect(problems).toBe('');
  expect(factsOf('', [], prices).prices).toEqual({ acceleratorSecondPrice: 2, lateRequestPrice: 3 });
});

it.each([
  ['are not there', null, 'p.yaml is not in the bundle'],
  ['are wrong', 'lateRequest: 3', 'p.yaml'],
])('goes on without prices that %s, and says so', async (_, text, problem) => {
  const { prices, problems } = await pricesOf(text);
  expect(prices).toBeNull();
  expect(problems).toContain(problem);
  expect(factsOf('', [], prices).prices).toEqual({ acceleratorSecondPrice: 1, lateRequestPrice: 0 });
});
