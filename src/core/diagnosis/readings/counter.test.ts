import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeNodeSnapshot, makeThread } from '../../../testing/builders/diagnosis/make-readings.ts';
import { suspectCauses } from '../order/suspect-causes.ts';
import { averageGauge, measureGrowth, measureRate, measureTimeShare } from './counter.ts';
import { measureWindow } from './measure-window.ts';
import type { NodeSnapshot } from './node-snapshot.ts';
import { isRead, makeReading, makeUnknown, type Reading } from './reading.ts';

const of = makeReading;
const untold = makeUnknown('not told');

describe('a counter', () => {
  it('grows by the difference of two looks', () => {
    expect(measureGrowth(of(5), of(9), 'reads')).toEqual(of(4));
    expect(measureRate(of(5), of(9), 2_000, 'reads')).toEqual(of(2));
    expect(measureTimeShare(of(100), of(600), 1_000, 'the disk')).toEqual(of(0.5));
  });

  it.each([
    ['of 32 bits that wrapped', 2 ** 32 - 10, 20],
    ['of 64 bits that wrapped', 2 ** 64 - 4_096, 4_096],
    ['whose process began anew', 1_000, 3],
  ])('%s has grown by nobody knows how much', (_what, before, after) => {
    const growth = measureGrowth(of(before), of(after), 'bytes');
    expect(growth).toMatchObject({
      unknown: expect.stringMatching(/^bytes went back from .*wrapped or began anew$/) as string,
    });
    expect(isRead(measureRate(of(before), of(after), 1_000, 'bytes'))).toBe(false);
  });

  it('has no rate without time between the looks, nor where one look did not read it', () => {
    expect(measureRate(of(1), of(2), 0, 'reads')).toMatchObject({
      unknown: expect.stringContaining('no time') as string,
    });
    expect(measureRate(untold, of(2), 1_000, 'reads')).toEqual(untold);
    expect(measureRate(of(1), untold, 1_000, 'reads')).toEqual(untold);
  });

  it('is no gauge: a gauge is the mean of two looks, or the one that is known', () => {
    expect([averageGauge(of(2), of(4)), averageGauge(untold, of(4)), averageGauge(of(2), untold)]).toEqual([
      of(3),
      of(4),
      of(2),
    ]);
  });
});

/** A look at which each counter stands at a number. */
const lookOf = (atMs: number, count: Reading): NodeSnapshot =>
  makeNodeSnapshot({
    atMs,
    threads: { list: [makeThread({ cpuMs: count, waitedMs: count })] },
    quota: { quotaCores: of(1), periods: count, throttledPeriods: count, throttledMs: count },
    pressure: { of: 'node', cpuSomeMs: count, ioFullMs: count, memoryFullMs: count },
    memory: {
      ...{
        majorFaults: count,
        replicaReadBytes: count,
        refaultedPages: count,
        limitHits: count,
        swappedInPages: count,
      },
      ...{ availableBytes: of(3e9), totalBytes: of(4e9) },
    },
    disks: { list: [{ name: 'vda', reads: count, readBytes: count, readMs: count, busyMs: count }] },
    network: {
      ...{ sentSegments: count, retransmittedSegments: count },
      interfaces: { list: [{ name: 'eth0', receivedBytes: count, sentBytes: count, bytesPerSecondAtMost: of(1e9) }] },
    },
  });

it('counters that went back suspect no cause and clear none that they are asked for', () => {
  const before = fc.double({ min: 1, max: 2 ** 64, noNaN: true });
  const share = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(before, share, (first, part) => {
      const none = { service: null, waterfall: null, generator: null };
      const window = measureWindow(lookOf(0, of(first)), lookOf(10_000, of(first * part)), none);
      const { suspected, cleared } = suspectCauses(window);
      expect(suspected).toEqual([]);
      const counted = [
        'cpu-thread',
        'cpu-quota',
        'cpu-pressure',
        'storage',
        'page-cache',
        'memory-pressure',
        'network',
      ];
      expect(cleared.map(({ cause }) => cause).filter((cause) => counted.includes(cause))).toEqual([]);
    }),
  );
});
