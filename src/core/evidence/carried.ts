import type { Digest } from '../units/digest.ts';
import { isDigest } from '../units/digest.ts';
import { reproducedSets } from './kinds/golden/golden-evidence.ts';
import type { SubjectRule } from './kinds/kind-row.ts';
import type { Evidence, Freshness } from './lock/lock.ts';
import type { SubjectDigests } from './subjects.ts';

/** The golden evidence of an environment, as far as it can speak for other evidence. */
export interface GoldenCarrier {
  /** Of the golden evidence itself: fresh means that it is of exactly the code, runtime and device classes of now. */
  readonly freshness: Freshness;
  readonly evidence: Evidence | undefined;
}

/**
 * Evidence is of a runtime and a device class. On another it holds only through a golden comparison with the outputs that
 * were evaluated:
 *
 * | runtime or device classes moved | golden evidence of now | holds |
 * |---|---|---|
 * | no | any | yes |
 * | yes | fresh, passing, reproduced the very set that the evaluated replica had reproduced | yes |
 * | yes | anything else | no, with what is missing |
 *
 * Null where it holds; else one sentence of what is missing.
 */
export function notCarried(evidence: Evidence, golden: GoldenCarrier | undefined) {
  const set = evaluatedSet(evidence);
  if (set === null) return 'the evaluated replica replayed no golden set, which would carry its answers there';
  if (golden?.evidence === undefined || golden.freshness !== 'fresh') {
    const state = golden?.evidence === undefined ? 'there is no' : `there is only ${golden.freshness}`;
    return `${state} golden evidence that compares the answers there with those that were evaluated (plimsoll golden record)`;
  }
  const isReproduced = reproducedSets(golden.evidence.measurements).has(set);
  return isReproduced ? null : 'the golden evidence there did not reproduce the outputs that were evaluated';
}

/** Whether something moved that only a golden comparison can carry. */
export function movedPlace({ subjects }: Evidence, present: SubjectDigests, rules: readonly SubjectRule[]): boolean {
  return rules.some(({ subject, carried }) => carried === true && isMoved(subjects[subject], present[subject]));
}

const isMoved = (then: Digest | undefined, now: Digest | undefined): boolean =>
  then !== undefined && now !== undefined && then !== now;

function evaluatedSet({ measurements }: Evidence): Digest | null {
  const set = measurements['golden'];
  return typeof set === 'string' && isDigest(set) ? set : null;
}
