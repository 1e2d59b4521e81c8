import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Ablation, RestoreOutcome } from '../../../ports/nodes/ablation.ts';
import type { Restoration } from '../../../schemas/diagnosis/undo-entry.ts';
import { readLimitFiles, systemFolders, type LimitFile, type SystemFolders } from './control-group.ts';

const run = promisify(execFile);

type Limits = Extract<Restoration, { kind: 'limits' }>;

/** The scheduler gives a quota anew every 100 ms. */
const quotaSettleMs = 150;
/** Pages that were taken away are read again. */
const memorySettleMs = 300;

/**
 * Prepares lifting the CPU quota of a process: of its control group and of those above it, v1 (`cpu.cfs_quota_us` = -1) or v2
 * (`cpu.max` = max). https://docs.kernel.org/scheduler/sched-bwc.html, https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu
 */
export async function prepareLiftedQuota(
  pid: number,
  folders: SystemFolders = systemFolders,
): Promise<Ablation | { readonly refused: string }> {
  const files = await readLimitFiles(
    pid,
    { v1: { controller: 'cpu', name: 'cpu.cfs_quota_us' }, v2: 'cpu.max' },
    folders,
  );
  const limited = files.filter(({ content }) => content !== '-1' && !content.startsWith('max'));
  if (limited.length === 0) return { refused: `process ${pid} has no CPU quota` };
  return liftLimits(
    limited,
    ({ content }) => (content.includes(' ') ? content.replace(/^\d+/, 'max') : '-1'),
    quotaSettleMs,
  );
}

/** Above this a limit of v1 is the kernel's word for none: 2^63 less a page. */
const noLimitFrom = 2 ** 62;

/**
 * Prepares releasing the memory of a process: `memory.high` of v2, or `memory.limit_in_bytes` of v1. `memory.max` of v2 is left:
 * bringing it back below what is used ends processes, where v1 refuses instead. Once there is room the files are read in the name of
 * the group, so that their pages are its own and leave again with the limit.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
export async function prepareReleasedMemory(
  pid: number,
  warmed: readonly string[],
  folders: SystemFolders = systemFolders,
): Promise<Ablation | { readonly refused: string }> {
  const files = await readLimitFiles(
    pid,
    { v1: { controller: 'memory', name: 'memory.limit_in_bytes' }, v2: 'memory.high' },
    folders,
  );
  const limited = files.filter(({ content }) => content !== 'max' && Number(content) < noLimitFrom);
  if (limited.length === 0)
    return { refused: `process ${pid} has no memory limit that can be lifted and brought back` };
  const ablation = await liftLimits(
    limited,
    ({ file }) => (file.endsWith('memory.high') ? 'max' : '-1'),
    memorySettleMs,
  );
  if ('refused' in ablation) return ablation;
  const procs = path.join(path.dirname(limited.at(-1)?.file ?? ''), 'cgroup.procs');
  return {
    ...ablation,
    apply: async (signal) => {
      await ablation.apply(signal);
      await readInGroup(procs, warmed, signal);
    },
  };
}

const readingAtMostMs = 5_000;

/** Pages belong to the group of whoever reads them first. That a file cannot be read is no reason to end the experiment. */
async function readInGroup(procs: string, files: readonly string[], signal: AbortSignal): Promise<void> {
  if (files.length === 0) return;
  const script = 'echo $$ > "$0" && exec cat -- "$@" > /dev/null';
  await run('sh', ['-c', script, procs, ...files], { signal, timeout: readingAtMostMs }).catch(() => undefined);
  signal.throwIfAborted();
}

async function liftLimits(
  limited: readonly LimitFile[],
  liftedOf: (limit: LimitFile) => string,
  settleMs: number,
): Promise<Ablation | { readonly refused: string }> {
  // Written as it stands: whoever may not write here learns it before anything changes.
  for (const { file, content } of limited) {
    const refused = await writeFile(file, content).then(
      () => null,
      (thrown: unknown) => `${file} cannot be written (${codeOf(thrown)})`,
    );
    if (refused !== null) return { refused };
  }
  const restoration: Limits = { kind: 'limits', files: limited.map((each) => ({ ...each })) };
  return {
    restoration,
    settleMs,
    // From the root down: a group may not have more than the one above it.
    apply: async () => {
      for (const limit of limited) await writeFile(limit.file, liftedOf(limit));
    },
    undo: async () => {
      const { kind, how } = await restoreLimits(restoration);
      if (kind === 'failed') throw new Error(how);
    },
  };
}

/** Writes the limits again, from the leaf up, and reads them back. */
export async function restoreLimits({ files }: Limits): Promise<RestoreOutcome> {
  const outcomes = [];
  for (const each of files.toReversed()) outcomes.push(await restoreLimit(each));
  const failed = outcomes.filter((outcome) => outcome.kind === 'failed');
  const restored = outcomes.filter((outcome) => outcome.kind === 'restored');
  const told = failed.length > 0 ? failed : restored.length > 0 ? restored : outcomes;
  return { kind: told[0]?.kind ?? 'gone', how: told.map(({ how }) => how).join('; ') };
}

async function restoreLimit({ file, content }: LimitFile): Promise<RestoreOutcome> {
  try {
    await writeFile(file, content, { flag: 'r+' });
    const found = (await readFile(file, 'utf8')).trim();
    if (found === content) return { kind: 'restored', how: `${file} is ${content} again` };
    return { kind: 'failed', how: `${file} is ${found} and not ${content}` };
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT' || code === 'ENODEV') return { kind: 'gone', how: `${file} is gone with its control group` };
    return { kind: 'failed', how: `${file} could not be set to ${content} (${code})` };
  }
}

const codeOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? String(thrown);
