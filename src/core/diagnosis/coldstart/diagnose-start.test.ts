import { describe, expect, it } from 'vitest';
import type { TimedPhases } from '../../coldstart/start-account.ts';
import { makeReading, makeUnknown, type Reading } from '../readings/reading.ts';
import { diagnoseStart, unreadPhase, type NodeCeilings, type PhaseReadings } from './diagnose-start.ts';

const of = (value: number): Reading => makeReading(value);
const ceilings: NodeCeilings = {
  networkBytesPerSecond: of(100e6),
  diskBytesPerSecond: of(500e6),
  cachedBytesPerSecond: of(2_000e6),
  unpackedBytesPerSecond: of(50e6),
};
const phases = [
  { phases: ['process-start' as const], startMs: 0, durationMs: 1_000 },
  { phases: ['weights-fetch' as const], startMs: 1_000, durationMs: 8_000 },
];
const ofFetch =
  (readings: Partial<PhaseReadings>) =>
  (phase: TimedPhases): PhaseReadings =>
    phase.phases.includes('weights-fetch') ? { ...unreadPhase, ...readings } : unreadPhase;
const nothing = ofFetch({});
const fetched = (readings: Partial<PhaseReadings>) =>
  diagnoseStart(phases, 10_000, ofFetch(readings), ceilings).phases[1];

describe('diagnoseStart', () => {
  it('finds the longest phase, and what no phase explains', () => {
    const start = diagnoseStart(phases, 10_000, nothing, ceilings);
    expect(start.longest).toMatchObject({ phases: ['weights-fetch'], share: 0.8, boundBy: null });
    expect(start.unaccountedMs).toBe(1_000);
  });

  it('calls a phase bound by the network at 90% of it, and says what it would take at the ceiling', () => {
    // 720 MB in 8 s of 100 MB/s.
    expect(fetched({ receivedBytes: of(720e6), diskReadBytes: of(1e6) })).toMatchObject({
      boundBy: 'network',
      uses: { network: { value: 0.9 } },
      atCeilingMs: 7_200,
      helps: [
        'fetch over several connections at once, or from a place nearer to the node',
        'keep the weights on the disk of the node (pre-pull them), or in its page cache',
        'store fewer bytes: half precision, or quantized weights',
      ],
    });
  });

  it('names the disk, the unpacking and the processor by their own lines', () => {
    expect(fetched({ receivedBytes: of(80e6), diskReadBytes: of(3_000e6) })?.boundBy).toBe('disk');
    expect(fetched({ unpackedBytes: of(380e6), busiestThreadShare: of(0.99) })?.boundBy).toBe('decompression');
    expect(fetched({ receivedBytes: of(80e6), busiestThreadShare: of(0.95) })?.boundBy).toBe('cpu');
    expect(fetched({ receivedBytes: of(80e6), busiestThreadShare: of(0.5) })?.boundBy).toBeNull();
  });

  it('binds nothing by a ceiling that was not measured', () => {
    const unmeasured = { ...ceilings, networkBytesPerSecond: makeUnknown('no copy was measured') };
    const readings = ofFetch({ receivedBytes: of(790e6) });
    expect(diagnoseStart(phases, 10_000, readings, unmeasured).phases[1]).toMatchObject({
      boundBy: null,
      uses: { network: { unknown: 'no copy was measured' } },
    });
  });

  it('says how far a read is from the measured storage of the node, from the disk before the page cache', () => {
    // 1,200 MB of 500 MB/s in 8 s, and nothing else is near its ceiling.
    const phase = fetched({ diskReadBytes: of(1_200e6), cachedReadBytes: of(100e6) });
    expect(phase?.boundBy).toBeNull();
    expect(phase?.storage).toEqual({ from: 'disk', bytesPerSecond: 150e6, atMost: of(500e6), use: of(0.3) });
    expect(fetched({ diskReadBytes: of(0), cachedReadBytes: of(14_400e6) })).toMatchObject({
      ...{ boundBy: 'page-cache', atCeilingMs: 7_200 },
      storage: { from: 'page-cache', use: of(0.9) },
    });
    expect(fetched({ diskReadBytes: of(0), cachedReadBytes: of(0) })?.storage).toBeNull();
  });

  it('names the command that measures the storage, where a phase read from a disk that nobody measured', () => {
    const unmeasured = { ...ceilings, diskBytesPerSecond: makeUnknown('nothing was measured on this node') };
    const read = ofFetch({ diskReadBytes: of(800e6) });
    const start = diagnoseStart(phases, 10_000, read, unmeasured);
    expect(start.measureNext).toMatch(/^plimsoll probe --active --files /);
    expect(start.phases[1]?.storage).toMatchObject({
      bytesPerSecond: 100e6,
      use: { unknown: 'nothing was measured on this node' },
    });
    expect(diagnoseStart(phases, 10_000, read, ceilings).measureNext).toBeNull();
    expect(diagnoseStart(phases, 10_000, nothing, unmeasured).measureNext).toBeNull();
  });
});
