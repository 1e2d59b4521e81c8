import type { EvidenceKind, EvidenceState } from '../evidence/lock/lock.ts';
import { evidenceRuleOf, type TrustPolicy } from '../trust/trust-policy.ts';
import { canonicalJson } from '../units/digest.ts';

/** What measuring again from what is stored showed of one kind of evidence. */
export interface Recomputed {
  readonly kind: EvidenceKind;
  /**
   * | outcome | meaning |
   * |---|---|
   * | same | the lock says what is stored |
   * | differs | it says something else: it was edited, or what is stored is of another run |
   * | partly | the same as far as it goes; what `reasons` name rests on the word of whoever measured |
   * | unable | nothing of it can be measured again here |
   */
  readonly outcome: 'same' | 'differs' | 'partly' | 'unable';
  /** Of any outcome but `same`: one sentence each. */
  readonly reasons: readonly string[];
}

/** How many differences are shown. */
const mostReasons = 5;

/**
 * Holds evidence against what was recomputed. It never raises a verdict.
 *
 * | recomputed | signed, as a policy asks | verdict |
 * |---|---|---|
 * | same | either | as it is |
 * | differs | either | fail: also a key that signed it does not make it true |
 * | partly, unable, or not tried | yes | as it is |
 * | partly, unable, or not tried | no | unknown |
 *
 * @param policy with a rule that names keys or identities of Sigstore, evidence that still passes was signed; undefined without `--trust`.
 */
export function withRecomputed(
  states: readonly EvidenceState[],
  recomputed: readonly Recomputed[],
  policy: TrustPolicy | undefined,
): readonly EvidenceState[] {
  return states.map((state) => {
    if (state.freshness !== 'fresh' || state.judgedLive === true || state.verdict === 'unknown') return state;
    const found = recomputed.find(({ kind }) => kind === state.kind);
    const renew = state.renew === undefined ? {} : { renew: state.renew };
    if (found?.outcome === 'differs')
      return { ...state, ...renew, verdict: 'fail', reasons: found.reasons.slice(0, mostReasons) };
    const { keys = [], sigstore = [] } = (policy === undefined ? null : evidenceRuleOf(policy, state.kind)) ?? {};
    const isSigned = keys.length > 0 || sigstore.length > 0;
    if (found?.outcome === 'same' || isSigned || state.verdict === 'fail') return state;
    const why = found?.reasons ?? [`${state.kind} evidence cannot be measured again from what is stored`];
    const hint = 'only a signature shows who measured it (check --trust)';
    return { ...state, ...renew, verdict: 'unknown', reasons: [...why.slice(0, mostReasons), hint] };
  });
}

/** Returns the paths at which two JSON values differ, with both values in short; none where they are the same. */
export function findDifferences(stated: unknown, recomputed: unknown, path = ''): readonly string[] {
  if (canonicalJson(stated ?? null) === canonicalJson(recomputed ?? null)) return [];
  if (isObject(stated) && isObject(recomputed)) {
    const keys = [...new Set([...Object.keys(stated), ...Object.keys(recomputed)])].sort();
    return keys.flatMap((key) => findDifferences(stated[key], recomputed[key], path === '' ? key : `${path}.${key}`));
  }
  return [`${path} is ${shown(stated)} in the lock and ${shown(recomputed)} when it is computed again`];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const shown = (value: unknown): string => (value === undefined ? 'not there' : canonicalJson(value).slice(0, 80));
