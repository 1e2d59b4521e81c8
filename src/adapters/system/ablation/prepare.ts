import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../../../core/diagnosis/cause.ts';
import type { Ablation, PrepareAblation } from '../../../ports/nodes/ablation.ts';
import { chooseOtherCores } from './choose-cores.ts';
import { systemFolders } from './control-group.ts';
import { prepareWarmPageCache } from './keep-warm.ts';
import { prepareLiftedQuota, prepareReleasedMemory } from './lift-limits.ts';
import { prepareOtherCores } from './move-threads.ts';

export interface PrepareParts {
  readonly pid: number;
  /** That the replica reads; empty where they are not known. */
  readonly files: readonly string[];
  /** Cores of the NUMA node of the replica's device, as the kernel writes them; empty where it has none. */
  readonly nearCores: string;
  /** Experiments that are of the requests, or of the server itself: whoever sends them brings these. */
  readonly others: Partial<Readonly<Record<Experiment, Ablation>>>;
}

/** Prepares the experiments that this machine can run on a process of its own, and those that the caller brings. */
export function makePrepareAblation(parts: PrepareParts): PrepareAblation {
  const { pid, files, others } = parts;
  return async (experiment, signal) => {
    const brought = others[experiment];
    if (brought !== undefined) return brought;
    switch (experiment) {
      case 'other-cores':
        return prepareCores(parts, signal);
      case 'lifted-quota':
        return prepareLiftedQuota(pid);
      case 'released-memory':
        return prepareReleasedMemory(pid, files);
      case 'warm-page-cache':
      case 'preloaded-data':
        return prepareWarmPageCache(files, signal);
      case 'pinned-generator':
      case 'synthetic-input':
      case 'larger-batch':
      case 'smaller-batch-wait':
      case 'direct-to-replica':
      case 'stubbed-upstream':
      case 'second-copy-stream':
        return { refused: `${experiment} cannot be run on this replica` };
    }
  };
}

const lookMs = 300;

async function prepareCores({ pid, nearCores }: PrepareParts, signal: AbortSignal) {
  const { procFolder } = systemFolders;
  const status = await readFile(path.join(procFolder, String(pid), 'status'), 'utf8').catch(() => '');
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  const online = await readFile('/sys/devices/system/cpu/online', 'utf8').catch(() => null);
  if (allowed === undefined || online === null) return { refused: `the cores of process ${pid} cannot be read` };
  const before = await readCoreTimes(procFolder);
  await delay(lookMs, undefined, { signal });
  const shares = busySharesOf(before, await readCoreTimes(procFolder));
  const chosen = chooseOtherCores({ online, allowed, near: nearCores }, shares);
  if (chosen === null) return { refused: 'there is no other core' };
  return prepareOtherCores(pid, chosen);
}

type CoreTimes = ReadonlyMap<number, { readonly idle: number; readonly all: number }>;

/** `cpu3 user nice system idle iowait irq softirq steal ...`: proc_stat(5). */
async function readCoreTimes(procFolder: string): Promise<CoreTimes> {
  const text = await readFile(path.join(procFolder, 'stat'), 'utf8').catch(() => '');
  return new Map(
    [...text.matchAll(/^cpu(\d+) (.*)$/gm)].map(([, cpu, fields = '']) => {
      const ticks = fields.split(' ').slice(0, 8).map(Number);
      return [
        Number(cpu),
        { idle: (ticks[3] ?? 0) + (ticks[4] ?? 0), all: ticks.reduce((sum, each) => sum + each, 0) },
      ];
    }),
  );
}

function busySharesOf(before: CoreTimes, after: CoreTimes): ReadonlyMap<number, number> {
  return new Map(
    [...after].map(([cpu, { idle, all }]) => {
      const first = before.get(cpu) ?? { idle: 0, all: 0 };
      return [cpu, all > first.all ? 1 - (idle - first.idle) / (all - first.all) : 1];
    }),
  );
}
