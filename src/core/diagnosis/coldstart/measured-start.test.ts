import { describe, expect, it } from 'vitest';
import type { PhaseUse } from '../../coldstart/phase-use.ts';
import type { MeasuredRates } from '../readings/node-snapshot.ts';
import { makeReading, makeUnknown } from '../readings/reading.ts';
import { diagnoseMeasuredStart } from './measured-start.ts';

const of = makeReading;
const measured: MeasuredRates = {
  ...{ takenAtMs: 1_900_000_000_000, storageBytesPerSecond: of(500e6), cachedBytesPerSecond: of(4_000e6) },
};
const why = makeUnknown('nothing was measured on this node');
const nothing: MeasuredRates = { takenAtMs: null, storageBytesPerSecond: why, cachedBytesPerSecond: why };

/** A start of 12 s that lays its files out for 2 s, fetches for 4 s and loads for 5 s. */
const startOf = (fetch: PhaseUse | undefined, rates = measured) =>
  diagnoseMeasuredStart(
    [
      { phases: ['weights-fetch'], startMs: 0, durationMs: 2_000 },
      { phases: ['weights-fetch'], startMs: 2_000, durationMs: 4_000, ...(fetch === undefined ? {} : { used: fetch }) },
      { phases: ['weights-load', 'engine-init'], startMs: 6_000, durationMs: 5_000, used: { fileBytes: 1_900e6 } },
    ],
    12_000,
    rates,
  );

describe('the diagnosis of a start that its server told of', () => {
  it('holds each of two phases of one name against the disk by its own bytes', () => {
    const { phases, ceilingsAtMs } = startOf({ fileBytes: 1_900e6, diskBytes: 1_900e6, threadMs: 900 });
    expect(phases[0]).toMatchObject({ storage: null, boundBy: null });
    // 1,900 MB in 4 s are 475 MB/s of 500.
    expect(phases[1]).toMatchObject({
      ...{ boundBy: 'disk', atCeilingMs: 3_800 },
      storage: { from: 'disk', bytesPerSecond: 475e6, use: of(0.95) },
    });
    expect(phases[1]?.helps[0]).toContain('page cache');
    expect(ceilingsAtMs).toBe(1_900_000_000_000);
  });

  it('tells a thread that is busy with each byte from a disk that is slow', () => {
    const { phases } = startOf({ fileBytes: 1_900e6, diskBytes: 0, threadMs: 3_900 });
    expect(phases[1]).toMatchObject({ boundBy: 'cpu', storage: { from: 'page-cache', use: of(475 / 4_000) } });
  });

  it('says how fast the files were read and what is to be run, where nothing was measured', () => {
    const { phases, measureNext } = startOf({ fileBytes: 1_900e6 }, nothing);
    expect(phases[1]).toMatchObject({ boundBy: null, storage: { from: null, bytesPerSecond: 475e6, use: why } });
    expect(measureNext).toContain('plimsoll probe --active --files');
  });

  it('says nothing of a server that tells nothing', () => {
    expect(startOf(undefined).phases[1]).toMatchObject({ boundBy: null, storage: null });
  });
});
