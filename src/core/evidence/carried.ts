import type { Digest } from '../units/digest.ts';
import { isDigest } from '../units/digest.ts';
import { goldenReplay } from './kinds/golden/golden-evidence.ts';
import type { SubjectRule } from './kinds/kind-row.ts';
import type { Evidence, Freshness } from './lock/lock.ts';
import type { SubjectDigests } from './subjects.ts';

/** The golden evidence of an environment, as far as it can speak for other evidence. */
export interface GoldenCarrier {
  /** Of the golden evidence itself: fresh means that it is of exactly the runtime and the device classes of now. */
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
 * | yes | fresh, passing, of the same code, reproduced the very set that the evaluated replica had reproduced | yes |
 * | yes | anything else | no, with what is missing |
 *
 * Null where it holds; else one sentence of what is missing.
 */
export function notCarried(evidence: Evidence, present: SubjectDigests, golden: GoldenCarrier | undefined) {
  const set = evaluatedSet(evidence);
  if (set === null) return 'the evaluated replica replayed no golden set, which would carry its answers there';
  if (golden?.evidence === undefined || golden.freshness !== 'fresh') {
    const state = golden?.evidence === undefined ? 'there is no' : `there is only ${golden.freshness}`;
    return `${state} golden evidence that compares the answers there with those that were evaluated (plimsoll golden record)`;
  }
  const replay = goldenReplay(golden.evidence.measurements);
  if (!replay.sets.has(set)) return 'the golden evidence there did not reproduce the outputs that were evaluated';
  if (replay.code !== present['code']) return 'the golden evidence there is of other code';
  return null;
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
