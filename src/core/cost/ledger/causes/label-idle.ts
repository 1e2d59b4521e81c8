import type { Claim } from '../account/read-claims.ts';
import type { IdleTerms } from '../fact.ts';
import type { PlacedFact } from '../record/place-facts.ts';
import type { Span } from '../span.ts';
import type { IdleCause } from '../state.ts';

export interface CauseSpan extends Span {
  readonly cause: IdleCause;
}

/**
 * Returns why the `n`th ready replica of a service exists (from 1, in the order in which they became ready): the term of the
 * scaling decision that would have to fall for it to stop. The first row that holds decides, so that ties have one answer:
 *
 * | # | holds | cause |
 * |---|---|---|
 * | 1 | its release is the previous one | keep-previous |
 * | 2 | no decision is recorded | not-recorded |
 * | 3 | n is at most what the present demand needs | no-demand: the time between its requests |
 * | 4 | n is at most the minimum | min-replicas |
 * | 5 | n is at most what is wanted ahead (forecast, floor, held) | start-ahead |
 * | 6 | n is at most that and the warm pool | warm-pool |
 * | 7 | no term asks for it any more | no-demand |
 *
 * Worked: demand 1, minimum 2, ahead 3, warm pool 1: no-demand, min-replicas, start-ahead, warm-pool, then no-demand.
 */
export function bindingCause(n: number, isPrevious: boolean, terms: IdleTerms | null): IdleCause {
  if (isPrevious) return 'keep-previous';
  if (terms === null) return 'not-recorded';
  if (n <= terms.demand) return 'no-demand';
  if (n <= terms.minReplicas) return 'min-replicas';
  if (n <= terms.ahead) return 'start-ahead';
  return n <= terms.ahead + terms.warmPool ? 'warm-pool' : 'no-demand';
}

/** What changes the cause of some replica of one service. */
type Change =
  | { readonly atMs: number; readonly terms: IdleTerms }
  | { readonly atMs: number; readonly claim: string; readonly readySinceMs: number | null }
  | { readonly atMs: number; readonly claim: string; readonly isPrevious: boolean };

interface Standing {
  readonly claim: string;
  readonly readySinceMs: number;
}

/** Returns by claim why it is there, in order, for all of its ready time. */
export function labelIdle(
  claims: readonly Claim[],
  placed: readonly PlacedFact[],
): ReadonlyMap<string, readonly CauseSpan[]> {
  const changes = new Map<string, Change[]>();
  const add = (service: string, environment: string, change: Change): void => {
    const key = JSON.stringify([service, environment]);
    const own = changes.get(key);
    if (own === undefined) changes.set(key, [change]);
    else own.push(change);
  };
  for (const fact of placed) {
    if (fact.kind === 'scaling-decided') add(fact.service, fact.environment, { atMs: fact.atMs, terms: fact.terms });
  }
  for (const { claim, owner, phases, previous } of claims) {
    if (owner === null) continue;
    for (const { activity, fromMs, toMs } of phases) {
      if (activity !== 'ready') continue;
      add(owner.service, owner.environment, { atMs: fromMs, claim, readySinceMs: fromMs });
      add(owner.service, owner.environment, { atMs: toMs, claim, readySinceMs: null });
    }
    for (const { fromMs, toMs } of previous) {
      add(owner.service, owner.environment, { atMs: fromMs, claim, isPrevious: true });
      add(owner.service, owner.environment, { atMs: toMs, claim, isPrevious: false });
    }
  }
  const labelled = new Map<string, CauseSpan[]>();
  for (const own of changes.values()) labelService(own, labelled);
  return labelled;
}

function labelService(changes: readonly Change[], labelled: Map<string, CauseSpan[]>): void {
  const ordered = changes.map((change, index) => ({ change, index }));
  ordered.sort((a, b) => a.change.atMs - b.change.atMs || a.index - b.index);
  let terms: IdleTerms | null = null;
  const ready: Standing[] = [];
  const previous = new Set<string>();
  ordered.forEach(({ change }, index) => {
    if ('terms' in change) terms = change.terms;
    else if ('isPrevious' in change) {
      if (change.isPrevious) previous.add(change.claim);
      else previous.delete(change.claim);
    } else setStanding(ready, change.claim, change.readySinceMs);
    const toMs = ordered[index + 1]?.change.atMs ?? change.atMs;
    if (toMs <= change.atMs) return;
    let n = 0;
    for (const { claim } of ready) {
      const isPrevious = previous.has(claim);
      if (!isPrevious) n += 1;
      append(labelled, claim, { fromMs: change.atMs, toMs, cause: bindingCause(n, isPrevious, terms) });
    }
  });
}

/** Adds or takes away one; those that are ready stay in order of their beginning, then of their name. */
function setStanding(ready: Standing[], claim: string, readySinceMs: number | null): void {
  const at = ready.findIndex((each) => each.claim === claim);
  if (at >= 0) ready.splice(at, 1);
  if (readySinceMs === null) return;
  const isBefore = (each: Standing): boolean =>
    each.readySinceMs < readySinceMs || (each.readySinceMs === readySinceMs && each.claim < claim);
  const after = ready.findLastIndex(isBefore) + 1;
  ready.splice(after, 0, { claim, readySinceMs });
}

/** Neighbours of one cause become one span. */
function append(labelled: Map<string, CauseSpan[]>, claim: string, span: CauseSpan): void {
  const own = labelled.get(claim);
  const last = own?.at(-1);
  if (own === undefined) labelled.set(claim, [span]);
  else if (last !== undefined && last.cause === span.cause && last.toMs === span.fromMs) {
    own[own.length - 1] = { ...last, toMs: span.toMs };
  } else own.push(span);
}
