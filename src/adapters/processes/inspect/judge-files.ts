import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileFinding } from '../../../core/monitoring/triage/observations.ts';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import type { MappedFile } from './loaded-files.ts';

/** More is not read for one look. */
export const filesBytesAtMost = 8 * 1024 ** 3;

type Verdict = FileFinding['verdict'];

/**
 * Whether the files that a replica was given are the pinned ones. First match decides:
 *
 * | what is seen | verdict |
 * |---|---|
 * | a file has another digest | differs |
 * | the process has another file mapped under that name | unknown |
 * | a file was written after the process started | unknown: what was loaded is not known |
 * | a file cannot be read, or all are too large | unknown |
 * | else | matches |
 */
export async function judgeFiles(
  folder: string,
  files: readonly ArtifactFile[],
  process: { readonly startedAtMs: number; readonly mapped: readonly MappedFile[] },
  hash: (file: string, signal: AbortSignal) => Promise<string>,
  signal: AbortSignal,
): Promise<Verdict> {
  if (files.length === 0) return 'unknown';
  const verdicts: Verdict[] = [];
  let leftBytes = filesBytesAtMost;
  for (const file of files) {
    const target = path.join(folder, file.path);
    const { size, mtimeMs } = await stat(target).catch(() => ({ size: Infinity, mtimeMs: Infinity }));
    leftBytes -= size;
    if (leftBytes < 0) return verdicts.includes('differs') ? 'differs' : 'unknown';
    const digest = await hash(target, signal).catch(() => null);
    const isReplaced = process.mapped.some((each) => each.path === target && each.isDeleted);
    if (digest === null) verdicts.push('unknown');
    else if (digest !== file.digest) verdicts.push('differs');
    else verdicts.push(isReplaced || mtimeMs > process.startedAtMs ? 'unknown' : 'matches');
  }
  if (verdicts.includes('differs')) return 'differs';
  return verdicts.every((verdict) => verdict === 'matches') ? 'matches' : 'unknown';
}

export async function hashFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  return `sha256:${hash.digest('hex')}`;
}
