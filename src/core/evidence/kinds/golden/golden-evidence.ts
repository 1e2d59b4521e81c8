import type { Digest } from '../../../units/digest.ts';
import { isDigest } from '../../../units/digest.ts';
import type { Judgement } from '../../../units/verdict.ts';

/** What `plimsoll golden record` stores as `measurements` of golden evidence. */
export interface GoldenMeasurements {
  /** Blob of the recorded `GoldenSet` (core/monitoring/golden.ts). */
  readonly goldenBlob: Digest;
  readonly cases: number;
  /** Cases whose outputs came out again within the bands when they were recorded. */
  readonly reproducedCases: number;
  /** Blobs of other golden sets of this model that came out again on the same replica: what carries an evaluation here. */
  readonly alsoReproduced?: readonly Digest[];
}

/**
 * The sets that a replica reproduced whole, in the place (runtime, device classes) and by the code that golden evidence is
 * of. Empty unless the evidence passes: a replica that gives other answers carries nothing.
 */
export function reproducedSets(measurements: Readonly<Record<string, unknown>>): ReadonlySet<Digest> {
  const { goldenBlob, alsoReproduced } = measurements;
  const named = [goldenBlob, ...(Array.isArray(alsoReproduced) ? (alsoReproduced as readonly unknown[]) : [])];
  return new Set(judgeGolden(measurements).verdict === 'pass' ? named.filter(isDigestValue) : []);
}

export const isDigestValue = (value: unknown): value is Digest => typeof value === 'string' && isDigest(value);

/** Passes when there is at least one case and all of them were reproduced at recording. */
export function judgeGolden(measurements: Readonly<Record<string, unknown>>): Judgement {
  const { goldenBlob, cases, reproducedCases } = measurements;
  if (typeof goldenBlob !== 'string' || !isDigest(goldenBlob)) return unknown('it names no recorded golden set');
  if (!isCount(cases) || !isCount(reproducedCases)) return unknown('it counts no cases');
  if (cases === 0) return { verdict: 'fail', reasons: ['the golden set is empty'] };
  if (reproducedCases < cases) {
    return { verdict: 'fail', reasons: [`only ${reproducedCases} of ${cases} cases were reproduced at recording`] };
  }
  if (reproducedCases > cases) return unknown('more cases were reproduced than there are');
  return { verdict: 'pass', reasons: [`${cases} of ${cases} cases reproduced`] };
}

const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
