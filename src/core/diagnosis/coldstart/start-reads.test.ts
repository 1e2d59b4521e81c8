import { describe, expect, it } from 'vitest';
import { makeReading, makeUnknown } from '../readings/reading.ts';
import { findReads } from './start-reads.ts';

const of = makeReading;
/** A disk of 500 MB/s. */
const cold = of(500e6);

describe('where the bytes of a phase came from', () => {
  it('is told by the process', () => {
    expect(findReads({ fileBytes: 1_000e6, diskBytes: 600e6 }, 2_000, cold)).toEqual({
      diskBytes: of(600e6),
      cachedBytes: of(400e6),
    });
  });

  it('is the page cache where the disk gave next to nothing', () => {
    expect(findReads({ fileBytes: 1_000e6, diskBytes: 10e6 }, 2_000, cold)).toEqual({
      diskBytes: of(0),
      cachedBytes: of(1_000e6),
    });
  });

  it('is told by the speed where the process does not tell it', () => {
    // 1,000 MB take 2 s from this disk.
    expect(findReads({ fileBytes: 1_000e6 }, 500, cold)).toEqual({ diskBytes: of(0), cachedBytes: of(1_000e6) });
    expect(findReads({ fileBytes: 1_000e6 }, 2_500, cold)).toMatchObject({ diskBytes: of(1_000e6) });
    expect(findReads({ fileBytes: 1_000e6 }, 2_500, cold).cachedBytes).toHaveProperty('unknown');
    expect(findReads({ fileBytes: 1_000e6 }, 1_950, cold)).toMatchObject({ diskBytes: of(1_000e6) });
  });

  it('is unknown without a measured cold read, and where the server tells nothing', () => {
    const unmeasured = makeUnknown('nothing was measured on this node');
    expect(findReads({ fileBytes: 1_000e6 }, 500, unmeasured)).toEqual({
      diskBytes: unmeasured,
      cachedBytes: unmeasured,
    });
    expect(findReads({}, 500, cold).diskBytes).toHaveProperty('unknown');
    expect(findReads({ diskBytes: 5e6 }, 500, cold)).toMatchObject({ diskBytes: of(5e6) });
  });
});
