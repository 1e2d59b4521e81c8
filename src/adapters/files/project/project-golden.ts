import path from 'node:path';
import type { Invalidation, LockedEnvironment } from '../../../core/evidence/lock/lock.ts';
import { goldenFile } from '../../../core/rollout/names.ts';
import { digestOfFile } from './project-code-files.ts';

/**
 * The lock names the golden outputs by digest; the file beside it is what people review. A file that is gone or edited
 * means that what was reviewed is not what was recorded, so the evidence does not hold.
 */
export async function goldenFileInvalidations(
  folder: string,
  environment: string,
  locked: LockedEnvironment | undefined,
  dataName: string | undefined,
  nowMs: number,
): Promise<readonly Invalidation[]> {
  const golden = locked?.evidence.golden;
  const recorded = golden?.measurements['goldenBlob'];
  // The file of the model that was measured: another model that is pinned by now has its own, and is another reason.
  const model = golden?.subjects['model'];
  if (model === undefined || dataName === undefined || typeof recorded !== 'string') return [];
  const file = goldenFile(dataName, model);
  const found = await digestOfFile(path.join(folder, file)).then(
    ({ digest }) => digest,
    () => null,
  );
  if (found === recorded) return [];
  const what = found === null ? 'is missing' : `is ${found}, recorded was ${recorded}`;
  const remedy = `bring ${file} back from git, or plimsoll golden record`;
  return [{ kind: 'golden', environment, reason: `${file} ${what}`, remedy, atMs: nowMs, inFiles: true }];
}
