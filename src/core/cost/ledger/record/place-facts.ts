import type { LedgerFact } from '../fact.ts';
import type { LedgerError } from '../row.ts';
import { makeError } from './make-error.ts';
import { runSteps } from '../steps.ts';
import { clockOffsets } from './clock-offsets.ts';
import { partsOfHold } from '../devices/parts-of-hold.ts';

/** A fact at its place in wall time. */
export type PlacedFact = LedgerFact & {
  /** Wall milliseconds by the offset of its recorder. */
  readonly atMs: number;
  /** Begin of what an account, a measurement or a sighting covers; of other facts `atMs`. */
  readonly fromMs: number;
};

/**
 * Returns facts in order of wall time, each once. The order in which they arrived does not matter: facts of one time stand
 * in order of their id.
 *
 * A fact with a clock that is no whole number, or an interval that ends before it begins, is left out with an error.
 */
export function placeFacts(facts: readonly LedgerFact[]): PlacedFacts {
  return runSteps(placeFactsInSteps(facts));
}

export interface PlacedFacts {
  readonly placed: readonly PlacedFact[];
  readonly errors: readonly LedgerError[];
}

/** Facts of one step. */
const atOnce = 5_000;

/** As `placeFacts`, in steps of some milliseconds. */
export function* placeFactsInSteps(facts: readonly LedgerFact[]): Generator<undefined, PlacedFacts> {
  const errors: LedgerError[] = [];
  const once = new Map<string, LedgerFact>();
  for (const [index, fact] of facts.entries()) {
    if (index % atOnce === 0) yield;
    if (once.has(fact.id)) continue;
    if (isWhole(fact)) once.set(fact.id, fact);
    else
      errors.push(
        makeError('clock-invalid', { message: `fact ${fact.id} has a clock or an amount that is no whole number` }),
      );
  }
  yield;
  const offsets = clockOffsets(Array.from(once.values(), ({ at }) => at));
  const placed: PlacedFact[] = [];
  for (const fact of once.values()) {
    if (placed.length % atOnce === 0) yield;
    const each = placeFact(fact, offsets.get(fact.at.recorder) ?? 0);
    if (each.fromMs <= each.atMs) placed.push(each);
    else errors.push(makeError('account-invalid', { message: `fact ${fact.id} ends before it begins` }));
  }
  yield;
  placed.sort(byPlace);
  yield;
  return { placed, errors };
}

function placeFact(fact: LedgerFact, offsetMs: number): PlacedFact {
  const atMs = fact.at.monotonicMs + offsetMs;
  return { ...fact, atMs, fromMs: hasBegin(fact) ? fact.fromMonotonicMs + offsetMs : atMs };
}

const hasBegin = (fact: LedgerFact): fact is Extract<LedgerFact, { readonly fromMonotonicMs: number }> =>
  fact.kind === 'work-account' || fact.kind === 'holder-sighted' || fact.kind === 'use-measured';

/** Whether clocks and amounts are whole numbers that can be added up. */
function isWhole(fact: LedgerFact): boolean {
  const { monotonicMs, wallMs } = fact.at;
  const times = hasBegin(fact) ? [monotonicMs, wallMs, fact.fromMonotonicMs] : [monotonicMs, wallMs];
  return times.every(Number.isSafeInteger) && amountsOf(fact).every(isAmount) && partsOf(fact).every(isPart);
}

const isAmount = (amount: number): boolean => Number.isSafeInteger(amount) && amount >= 0;
/** More parts than this are no device: the sums of an hour stay exact. */
const partsAtMost = 1_000_000;
const isPart = (parts: number): boolean => Number.isSafeInteger(parts) && parts >= 1 && parts <= partsAtMost;

function amountsOf(fact: LedgerFact): readonly number[] {
  if (fact.kind === 'work-account')
    return [
      ...Object.values(fact.busyMs),
      ...Object.values(fact.joined ?? {}),
      ...[fact.filledMs ?? 0, fact.answers, fact.tokens],
    ];
  if (fact.kind === 'use-measured') return [fact.usedMs];
  if (fact.kind === 'scaling-decided') return Object.values(fact.terms);
  return [];
}

function partsOf(fact: LedgerFact): readonly number[] {
  if (fact.kind === 'claim-began' || fact.kind === 'reservation-began') {
    return fact.holds.flatMap((hold) => partsOfHold(hold) ?? []);
  }
  if (fact.kind !== 'device-appeared' && fact.kind !== 'layout-changed') return [];
  const { layout } = fact;
  return layout.kind === 'shared' ? [layout.shares] : layout.kind === 'cores' ? [layout.cores] : [];
}

function byPlace(a: PlacedFact, b: PlacedFact): number {
  return a.atMs - b.atMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
