import type { LedgerFact } from '../fact.ts';
import type { LedgerError } from '../row.ts';
import { makeError } from './make-error.ts';
import { clockOffsets } from './clock-offsets.ts';

/** A fact at its place in wall time. */
export type PlacedFact = LedgerFact & {
  /** Wall milliseconds by the offset of its recorder. */
  readonly atMs: number;
  /** Begin of what an account or a sighting covers; of other facts `atMs`. */
  readonly fromMs: number;
};

/**
 * Returns facts in order of wall time, each once. The order in which they arrived does not matter: facts of one time stand
 * in order of their id.
 *
 * A fact with a clock that is no whole number, or an interval that ends before it begins, is left out with an error.
 */
export function placeFacts(facts: readonly LedgerFact[]): {
  readonly placed: readonly PlacedFact[];
  readonly errors: readonly LedgerError[];
} {
  const errors: LedgerError[] = [];
  const once = new Map<string, LedgerFact>();
  for (const fact of facts) {
    if (once.has(fact.id)) continue;
    if (isWhole(fact)) once.set(fact.id, fact);
    else
      errors.push(
        makeError('clock-invalid', { message: `fact ${fact.id} has a clock or an amount that is no whole number` }),
      );
  }
  const offsets = clockOffsets(Array.from(once.values(), ({ at }) => at));
  const placed = Array.from(once.values(), (fact): PlacedFact => {
    const offsetMs = offsets.get(fact.at.recorder) ?? 0;
    const atMs = fact.at.monotonicMs + offsetMs;
    return { ...fact, atMs, fromMs: hasBegin(fact) ? fact.fromMonotonicMs + offsetMs : atMs };
  }).filter((fact) => {
    if (fact.fromMs <= fact.atMs) return true;
    errors.push(makeError('account-invalid', { message: `fact ${fact.id} ends before it begins` }));
    return false;
  });
  return { placed: placed.sort(byPlace), errors };
}

const hasBegin = (fact: LedgerFact): fact is Extract<LedgerFact, { readonly fromMonotonicMs: number }> =>
  fact.kind === 'work-account' || fact.kind === 'holder-sighted';

function isWhole(fact: LedgerFact): boolean {
  const { monotonicMs, wallMs } = fact.at;
  const times = hasBegin(fact) ? [monotonicMs, wallMs, fact.fromMonotonicMs] : [monotonicMs, wallMs];
  if (!times.every(Number.isSafeInteger)) return false;
  if (fact.kind !== 'work-account') return true;
  const amounts = [...Object.values(fact.busyMs), fact.filledMs ?? 0, fact.answers, fact.tokens];
  return amounts.every((amount) => Number.isSafeInteger(amount) && amount >= 0);
}

function byPlace(a: PlacedFact, b: PlacedFact): number {
  return a.atMs - b.atMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
