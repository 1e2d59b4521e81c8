import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DiskCounters, ListReading } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { mapReading } from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';
import { parseCount } from './kernel-number.ts';

const bytesOfSector = 512;
const disksAtMost = 256;

/**
 * Whole disks with at least one read, by /proc/diskstats; loop devices among them, because a model may lie on one. Without
 * /sys partitions cannot be told from disks, and count as such. https://docs.kernel.org/admin-guide/iostats.html
 */
export async function readDisks({ proc, sys }: NodeRoots): Promise<ListReading<DiskCounters>> {
  const read = await readKernelFile(`${proc}/diskstats`);
  if ('reason' in read) return { unknown: read.reason };
  const whole = await readdir(path.join(sys, 'block')).catch(() => null);
  const list = read.text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , name]) => name !== undefined && (whole === null || whole.includes(name.replaceAll('/', '!'))))
    .filter((fields) => fields[3] !== '0')
    .slice(0, disksAtMost)
    .map((fields): DiskCounters => ({
      name: fields[2] ?? '',
      reads: parseCount(fields[3], 'the count of reads'),
      readBytes: mapReading(parseCount(fields[5], 'the count of sectors'), (sectors) => sectors * bytesOfSector),
      readMs: parseCount(fields[6], 'the time of reads'),
      busyMs: parseCount(fields[12], 'the busy time'),
    }));
  return { list };
}
