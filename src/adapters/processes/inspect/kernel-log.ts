import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';

export interface KernelRecord {
  readonly atMs: number;
  readonly line: string;
}

/** The kernel keeps some thousands of records; more are never read. */
const recordsAtMost = 20_000;
/** Facility times eight, plus the level. */
const programsFrom = 8;
/** One read gives one record, of this size at most. */
const recordBytes = 8_192;

/**
 * What the kernel's ring buffer holds, oldest first; null where it may not be read (`kernel.dmesg_restrict`).
 * A record: `PRIORITY,SEQUENCE,MICROSECONDS SINCE BOOT,FLAGS;TEXT`
 * (https://www.kernel.org/doc/Documentation/ABI/testing/dev-kmsg).
 */
export function readKernelLog(nowMs: number): readonly KernelRecord[] | null {
  let file: number;
  try {
    file = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const bootMs = nowMs - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
    return readRecords(file).flatMap((record) => parseRecord(record, bootMs));
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

function readRecords(file: number): readonly string[] {
  const buffer = Buffer.alloc(recordBytes);
  const records: string[] = [];
  while (records.length < recordsAtMost) {
    try {
      records.push(buffer.toString('utf8', 0, readSync(file, buffer)));
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      // EPIPE: records were overwritten while they were read; the next one follows.
      if (code === 'EPIPE') continue;
      if (code === 'EAGAIN') break;
      throw thrown;
    }
  }
  return records;
}

/**
 * Only what the kernel wrote itself. A program may write to the ring buffer too, but never with a facility of 0, which the
 * kernel keeps for itself (the same page): its records have a priority of 8 or more.
 */
export function parseRecord(record: string, bootMs: number): readonly KernelRecord[] {
  const [, priority, us, line = ''] = /^(\d+),\d+,(\d+),[^;]*;([^\n]*)/.exec(record) ?? [];
  if (priority === undefined || Number(priority) >= programsFrom) return [];
  return [{ atMs: bootMs + Number(us) / 1_000, line }];
}
