import type { PhaseUse } from '../../coldstart/phase-use.ts';
import { isRead, makeReading, makeUnknown, mapReading, type Reading } from '../readings/reading.ts';

/** What one phase read from files, told apart by where the bytes were. */
export interface PhaseReads {
  /** That a disk had to give. */
  readonly diskBytes: Reading;
  /** That the page cache held. */
  readonly cachedBytes: Reading;
}

/** Less than this part of a file from a disk is what the kernel read beside it. */
const strayShare = 0.02;
/** A read that is faster than the fastest cold read by more than this was not cold. */
const fasterShare = 1.05;

/**
 * Returns where the bytes of a phase came from. `read_bytes` of the process tells it. Without that number the speed does: a disk is never
 * faster than its measured cold read.
 *
 * | `diskBytes` | `fileBytes` | rate of `fileBytes` | from disk | from the page cache |
 * |---|---|---|---|---|
 * | told | told | any | `diskBytes` | the rest of `fileBytes` |
 * | told | not told | - | `diskBytes` | unknown |
 * | not told | told | above the cold read by more than 5% | 0 | `fileBytes` |
 * | not told | told | at most that | `fileBytes`, at most | unknown |
 * | not told | told | the cold read is unknown | unknown | unknown |
 * | not told | not told | - | unknown | unknown |
 *
 * @param coldBytesPerSecond the measured cold read of the node.
 */
export function findReads(used: PhaseUse, durationMs: number, coldBytesPerSecond: Reading): PhaseReads {
  const { fileBytes, diskBytes } = used;
  const untold = makeUnknown('the server does not tell what this phase read');
  if (diskBytes !== undefined) {
    if (fileBytes === undefined) return { diskBytes: makeReading(diskBytes), cachedBytes: untold };
    const isStray = diskBytes < strayShare * fileBytes;
    const ofDisk = isStray ? 0 : diskBytes;
    return { diskBytes: makeReading(ofDisk), cachedBytes: makeReading(Math.max(0, fileBytes - ofDisk)) };
  }
  if (fileBytes === undefined) return { diskBytes: untold, cachedBytes: untold };
  const coldMs = mapReading(coldBytesPerSecond, (rate) => (fileBytes * 1_000) / rate);
  if (!isRead(coldMs)) return { diskBytes: coldMs, cachedBytes: coldMs };
  if (durationMs * fasterShare < coldMs.value) {
    return { diskBytes: makeReading(0), cachedBytes: makeReading(fileBytes) };
  }
  return {
    diskBytes: makeReading(fileBytes),
    cachedBytes: makeUnknown('the server does not tell how much came from the page cache'),
  };
}
