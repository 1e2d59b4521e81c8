import { describe, expect, it } from 'vitest';
import { makeReading, makeUnknown, type Reading } from '../readings/reading.ts';
import { measureRequests } from '../readings/read-requests.ts';
import type { GatewayCounters, ServerCounters, ServiceSnapshot } from './service-snapshot.ts';
import { drawWaterfall, measureService, timeOfPhase } from './waterfall.ts';

const of = (value: number): Reading => makeReading(value);

/** Sums after so many requests of 20 ms each, of which 14 ms at the replica. */
const gatewayAfter = (count: number): GatewayCounters => ({
  gatewayId: 'g1',
  requests: of(count),
  totalMs: of(20 * count),
  replicaMs: of(14 * count),
  phasesMs: { admission: of(count), queue: of(2 * count), connect: of(0), answer: of(count) },
});

/** Of 14 ms at the replica 10 are told by the server. */
const serverAfter = (count: number, changes: Partial<ServerCounters> = {}): ServerCounters => ({
  replicaId: 'r1',
  requests: of(count),
  phasesMs: {
    ...{ receive: of(0), preprocess: of(count), upstream: of(0) },
    ...{ 'batch-wait': of(3 * count), run: of(5 * count), encode: of(count) },
  },
  engineMs: of(2 * count),
  batches: of(count / 4),
  rows: of(count),
  rowsAtMost: of(8),
  ...changes,
});

const snapshot = (atMs: number, count: number, changes: Partial<ServiceSnapshot> = {}): ServiceSnapshot => ({
  atMs,
  gateways: [gatewayAfter(count)],
  servers: [serverAfter(count)],
  ...changes,
});

const windowOf = (before: ServiceSnapshot, after: ServiceSnapshot) => measureService(before, after);

describe('drawWaterfall', () => {
  it('divides the mean request into phases, with what none explains as a row of its own', () => {
    const waterfall = drawWaterfall(windowOf(snapshot(0, 100), snapshot(10_000, 600)));
    expect(waterfall.totalMs).toEqual(of(20));
    expect(waterfall.requests).toEqual(of(500));
    expect(Object.fromEntries(waterfall.rows.map(({ phase, ms }) => [phase, ms]))).toEqual({
      ...{ admission: of(1), queue: of(2), connect: of(0), transfer: of(4), receive: of(0) },
      ...{ preprocess: of(1), upstream: of(0), 'batch-wait': of(3), run: of(5), encode: of(1), answer: of(1) },
    });
    // 20 - (1 + 2 + 4 + 1 + 3 + 5 + 1 + 1)
    expect(waterfall.notAccountedMs).toEqual(of(2));
  });

  it('leaves unknown what a server does not tell, and counts its time as not accounted', () => {
    const other = { phasesMs: { ...serverAfter(1).phasesMs, run: makeUnknown('this server does not tell it') } };
    const [before, after] = [0, 1].map((at) =>
      snapshot(at * 1_000, at * 10, { servers: [serverAfter(at * 10, other)] }),
    );
    if (before === undefined || after === undefined) throw new Error('two looks');
    const waterfall = drawWaterfall(windowOf(before, after));
    expect(timeOfPhase(waterfall, 'run')).toEqual({ unknown: 'this server does not tell it' });
  });

  it('takes the sum of the server where requests go straight to it', () => {
    const straight = { gateways: null };
    const service = windowOf(snapshot(0, 0, straight), snapshot(1_000, 10, straight));
    const waterfall = drawWaterfall(service);
    expect(waterfall.totalMs).toEqual(of(10));
    expect(timeOfPhase(waterfall, 'queue')).toEqual({ unknown: 'requests go straight to the replica' });
    expect(waterfall.notAccountedMs).toEqual(of(0));
    // Waiting: 3 ms of each of 10 requests in 1,000 ms.
    expect(measureRequests(service, waterfall, null).waitingRequests).toEqual(of(0.03));
  });

  it('calls the way between them unknown where the server tells more time than the gateway waited', () => {
    const busyWithOthers = { servers: [serverAfter(1, { phasesMs: { ...serverAfter(1).phasesMs, run: of(90) } })] };
    const before = snapshot(0, 0, { servers: [serverAfter(0)] });
    expect(timeOfPhase(drawWaterfall(windowOf(before, snapshot(1_000, 1, busyWithOthers))), 'transfer')).toMatchObject({
      unknown: expect.stringMatching(/requests of others/) as string,
    });
  });

  it('does not count a replica that began anew or came in between', () => {
    const after = snapshot(1_000, 20, { servers: [serverAfter(20), { ...serverAfter(500), replicaId: 'r2' }] });
    expect(drawWaterfall(windowOf(snapshot(0, 10), after)).rows.find(({ phase }) => phase === 'run')?.ms).toEqual(
      of(5),
    );
    const restarted = drawWaterfall(windowOf(snapshot(0, 30), snapshot(1_000, 20)));
    expect(timeOfPhase(restarted, 'run')).toMatchObject({ unknown: expect.stringMatching(/went back/) as string });
  });

  it('says that there were no requests', () => {
    const { totalMs } = drawWaterfall(windowOf(snapshot(0, 5), snapshot(1_000, 5)));
    expect(totalMs).toEqual({ unknown: 'no request ended in this time' });
  });
});

describe('measureRequests', () => {
  it('reads means over the window by the times of requests', () => {
    const service = windowOf(snapshot(0, 0), snapshot(10_000, 1_000));
    const readings = measureRequests(service, drawWaterfall(service), null);
    expect(readings).toMatchObject({
      // 1,000 requests of 20 ms in 10 s
      concurrentRequests: of(2),
      // 2 ms in the queue and 3 ms for a batch
      waitingRequests: of(0.5),
      requestsPerSecond: of(100),
      engineRunShare: of(0.2),
      batchFillShare: of(0.5),
      // 0.5 requests wait, and a batch holds 4
      waitingBatches: of(0.125),
      preprocessTimeShare: of(0.05),
      transferMs: of(4),
    });
    expect(readings.generatorDelayMs).toEqual({ unknown: 'clients make the load, and their schedule is not known' });
  });
});
