import path from 'node:path';
import type { LoadedContract } from '../../core/contract/contract.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { goldenOutputs } from '../../core/proof/judge-environment.ts';
import { findDifferences, type Recomputed } from '../../core/proof/recomputed.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { goldenSetSchema } from '../../schemas/artifact/golden-set.ts';
import { readJsonText } from '../../schemas/source/json-text.ts';
import { readIfFile } from '../files/source-file.ts';

/**
 * Holds golden evidence against the file of golden outputs: its digest, the model and the data that it is of, and how many
 * cases it has. That the cases came out again is tried by each replica before it is admitted.
 */
export async function recomputeGolden(
  folder: string,
  loaded: LoadedContract,
  locked: LockedEnvironment,
): Promise<Recomputed | null> {
  const golden = locked.evidence.golden;
  const outputs = goldenOutputs(loaded, locked);
  if (golden === undefined || outputs === null) return null;
  const bytes = await readIfFile(path.join(folder, outputs.path));
  if (bytes === null) return { kind: 'golden', outcome: 'unable', reasons: [`${outputs.path} is not there`] };
  const set = goldenSetSchema.safeParse(readJsonText(bytes, outputs.path));
  if (!set.success) return { kind: 'golden', outcome: 'differs', reasons: [`${outputs.path} is no golden set`] };
  const { modelDigest, dataDigest, dataName, cases } = set.data;
  const { goldenBlob, cases: counted } = golden.measurements;
  const reasons = findDifferences(
    { goldenBlob, cases: counted, model: golden.subjects['model'], data: locked.data[dataName]?.digest },
    { goldenBlob: digestOfBytes(bytes), cases: cases.length, model: modelDigest, data: dataDigest },
  );
  return { kind: 'golden', outcome: reasons.length === 0 ? 'same' : 'differs', reasons };
}
