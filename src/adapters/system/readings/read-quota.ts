import path from 'node:path';
import type { QuotaCounters } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { makeReading, makeUnknown, mapReading, type Reading } from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { GroupFolders } from './control-groups.ts';
import { readFields } from './kernel-number.ts';

/**
 * The processor quota of a control group: of all groups up to the root the one that allows least.
 *
 * | version | quota | throttled time |
 * |---|---|---|
 * | 1 | `cpu.cfs_quota_us` over `cpu.cfs_period_us`, -1 for none; the root may have no such file | `throttled_time`, nanoseconds |
 * | 2 | `cpu.max`: `QUOTA PERIOD`, `max` for none; the root has no such file | `throttled_usec`, microseconds |
 *
 * https://docs.kernel.org/scheduler/sched-bwc.html
 */
export async function readQuota(group: GroupFolders): Promise<QuotaCounters> {
  if ('unknown' in group) return unknownQuota(group.unknown);
  let tightest: { readonly folder: string; readonly cores: number } | null = null;
  for (const folder of group.folders) {
    const cores = group.version === 1 ? await quotaOfFirst(folder) : await quotaOfSecond(folder);
    if (typeof cores === 'string') return unknownQuota(cores);
    if (cores !== null && cores < (tightest?.cores ?? Infinity)) tightest = { folder, cores };
  }
  if (tightest === null) {
    const none = makeUnknown('the group has no quota');
    return { quotaCores: null, periods: none, throttledPeriods: none, throttledMs: none };
  }
  const field = readFields(await readKernelFile(path.join(tightest.folder, 'cpu.stat')));
  return {
    quotaCores: makeReading(tightest.cores),
    periods: field('nr_periods'),
    throttledPeriods: field('nr_throttled'),
    throttledMs:
      group.version === 1
        ? mapReading(field('throttled_time'), (ns) => ns / 1e6)
        : mapReading(field('throttled_usec'), (us) => us / 1e3),
  };
}

/** Null for none; a text where it cannot be read. */
async function quotaOfFirst(folder: string): Promise<number | null | string> {
  const quota = await readKernelFile(path.join(folder, 'cpu.cfs_quota_us'));
  const period = Number(textOf(await readKernelFile(path.join(folder, 'cpu.cfs_period_us'))) ?? NaN);
  if ('reason' in quota) return quota.reason.endsWith('is not there') ? null : quota.reason;
  const us = Number(quota.text.trim());
  if (us === -1) return null;
  return us > 0 && period > 0 ? us / period : `the quota in ${folder} reads ${quota.text.trim()}`;
}

async function quotaOfSecond(folder: string): Promise<number | null | string> {
  const read = await readKernelFile(path.join(folder, 'cpu.max'));
  if ('reason' in read) return read.reason.endsWith('is not there') ? null : read.reason;
  const [quota, period] = read.text.trim().split(' ');
  if (quota === 'max') return null;
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : `${folder}/cpu.max reads ${read.text.trim()}`;
}

function unknownQuota(reason: string): QuotaCounters {
  const unknown: Reading = makeUnknown(reason);
  return { quotaCores: unknown, periods: unknown, throttledPeriods: unknown, throttledMs: unknown };
}
