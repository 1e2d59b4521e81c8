import { describe, expect, it } from 'vitest';
import { makeReading, makeUnknown, type Reading } from '../readings/reading.ts';
import { diagnoseStart, type NodeCeilings, type PhaseReadings } from './diagnose-start.ts';

const of = (value: number): Reading => makeReading(value);
const no = makeUnknown('not read');
const ceilings: NodeCeilings = {
  networkBytesPerSecond: of(100e6),
  diskBytesPerSecond: of(500e6),
  unpackedBytesPerSecond: of(50e6),
};
const none: PhaseReadings = { receivedBytes: no, diskReadBytes: no, busiestThreadShare: no, unpackedBytes: no };
const phases = [
  { phases: ['process-start' as const], startMs: 0, durationMs: 1_000 },
  { phases: ['weights-fetch' as const], startMs: 1_000, durationMs: 8_000 },
];
const fetched = (readings: Partial<PhaseReadings>) =>
  diagnoseStart(phases, 10_000, new Map([['weights-fetch', { ...none, ...readings }]]), ceilings).phases[1];

describe('diagnoseStart', () => {
  it('finds the longest phase, and what no phase explains', () => {
    const start = diagnoseStart(phases, 10_000, new Map(), ceilings);
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
    const readings = new Map([['weights-fetch', { ...none, receivedBytes: of(790e6) }]]);
    expect(diagnoseStart(phases, 10_000, readings, unmeasured).phases[1]).toMatchObject({
      boundBy: null,
      uses: { network: { unknown: 'no copy was measured' } },
    });
  });
});
