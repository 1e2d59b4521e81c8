/** Never a boolean: unknown is never pass, and inconclusive says that more measuring would decide. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'unknown';

export interface Judgement {
  readonly verdict: Verdict;
  /** At least one sentence, also for a pass. */
  readonly reasons: readonly string[];
}

const worst: Readonly<Record<Verdict, number>> = { pass: 0, inconclusive: 1, unknown: 2, fail: 3 };

/**
 * Several verdicts as one: any fail fails; else any unknown is unknown; else any inconclusive is inconclusive.
 * None at all is unknown, never pass.
 */
export function combineVerdicts(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>(
    (sum, next) => (worst[next] > worst[sum] ? next : sum),
    verdicts.length === 0 ? 'unknown' : 'pass',
  );
}
