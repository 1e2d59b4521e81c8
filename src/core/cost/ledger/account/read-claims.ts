import type { ClaimBegan, Hold } from '../fact.ts';
import { makeError } from '../record/make-error.ts';
import type { PlacedFact } from '../record/place-facts.ts';
import type { LedgerError } from '../row.ts';
import type { Span } from '../span.ts';
import type { Owner, Purpose } from '../state.ts';

export type Activity = 'loading' | 'ready' | 'asleep' | 'draining';

export interface Phase extends Span {
  readonly activity: Activity;
}

/** One replica's hold on its shares. */
export interface Claim extends Span {
  readonly claim: string;
  readonly holds: readonly Hold[];
  readonly owner: Owner | null;
  readonly purpose: Purpose;
  /** In order; they cover the claim without a hole. */
  readonly phases: readonly Phase[];
  /** Times in which its release is the previous one. */
  readonly previous: readonly Span[];
}

interface OpenClaim {
  readonly began: ClaimBegan;
  readonly fromMs: number;
  readonly phases: Phase[];
  readonly previous: Span[];
  activity: Activity;
  sinceMs: number;
  previousSinceMs: number | null;
}

/**
 * Returns the claims with what they did, from the facts of claims alone. A claim that nothing ends lasts until `untilMs`. What
 * a claim was loaded for is `wasted` where it ended without ever being ready.
 *
 * | said | counts as |
 * |---|---|
 * | a claim begins that began before | an error; the first one stands |
 * | a claim changes or works that never began, or goes on after its end | an error `claim-lost`, once for each claim |
 *
 * @param untilMs no earlier than the last fact.
 */
export function readClaims(
  placed: readonly PlacedFact[],
  untilMs: number,
): { readonly claims: readonly Claim[]; readonly errors: readonly LedgerError[] } {
  const open = new Map<string, OpenClaim>();
  const claims = new Map<string, Claim>();
  const errors: LedgerError[] = [];
  const lost = new Map<string, { fromMs: number; toMs: number }>();
  const lose = (claim: string, fromMs: number, toMs: number): void => {
    const before = lost.get(claim);
    lost.set(claim, { fromMs: Math.min(fromMs, before?.fromMs ?? fromMs), toMs: Math.max(toMs, before?.toMs ?? toMs) });
  };
  for (const fact of placed) {
    if (fact.kind === 'claim-began') {
      if (open.has(fact.claim) || claims.has(fact.claim)) errors.push(beganTwice(fact.claim, fact.atMs));
      else open.set(fact.claim, openClaim(fact, fact.atMs));
    } else if (fact.kind === 'claim-changed' || fact.kind === 'claim-role') {
      const claim = open.get(fact.claim);
      const isEnd = fact.kind === 'claim-changed' && fact.state === 'ended';
      if (claim === undefined && !(isEnd && claims.has(fact.claim))) lose(fact.claim, fact.atMs, fact.atMs);
      if (claim === undefined) continue;
      if (fact.kind === 'claim-role') setRole(claim, fact.role, fact.atMs);
      else if (fact.state !== 'ended') turn(claim, fact.state, fact.atMs);
      else {
        claims.set(fact.claim, endClaim(claim, fact.atMs, true));
        open.delete(fact.claim);
      }
    } else if (fact.kind === 'work-account' && !open.has(fact.claim) && !claims.has(fact.claim)) {
      lose(fact.claim, fact.fromMs, fact.atMs);
    }
  }
  for (const [name, claim] of open) claims.set(name, endClaim(claim, untilMs, false));
  for (const [claim, span] of lost) {
    const message = `${claim} is told of, and its claim never began or is over`;
    errors.push(makeError('claim-lost', { ...span, claims: [claim], shareMs: span.toMs - span.fromMs, message }));
  }
  return { claims: [...claims.values()].filter(({ fromMs, toMs }) => fromMs < toMs).sort(byBegin), errors };
}

function openClaim(began: ClaimBegan, fromMs: number): OpenClaim {
  return { began, fromMs, phases: [], previous: [], activity: 'loading', sinceMs: fromMs, previousSinceMs: null };
}

function turn(claim: OpenClaim, activity: Activity, atMs: number): void {
  if (claim.activity === activity) return;
  if (claim.sinceMs < atMs) claim.phases.push({ activity: claim.activity, fromMs: claim.sinceMs, toMs: atMs });
  claim.activity = activity;
  claim.sinceMs = atMs;
}

function setRole(claim: OpenClaim, role: 'live' | 'previous', atMs: number): void {
  if (role === 'previous') claim.previousSinceMs ??= atMs;
  else if (claim.previousSinceMs !== null) {
    claim.previous.push({ fromMs: claim.previousSinceMs, toMs: atMs });
    claim.previousSinceMs = null;
  }
}

function endClaim(claim: OpenClaim, toMs: number, isOver: boolean): Claim {
  const { began, fromMs } = claim;
  setRole(claim, 'live', toMs);
  const phases = [...claim.phases];
  if (claim.sinceMs < toMs) phases.push({ activity: claim.activity, fromMs: claim.sinceMs, toMs });
  const wasReady = phases.some(({ activity }) => activity === 'ready');
  return {
    claim: began.claim,
    holds: uniqueHolds(began.holds),
    owner: began.owner,
    purpose: isOver && !wasReady ? 'wasted' : began.purpose,
    fromMs,
    toMs,
    phases,
    previous: claim.previous,
  };
}

function uniqueHolds(holds: readonly Hold[]): readonly Hold[] {
  const byKey = new Map(holds.map((hold) => [JSON.stringify([hold.device, slotOfHold(hold)]), hold]));
  return [...byKey.values()];
}

/** The slot that a hold is on; null for cores, of which it is a part. */
export const slotOfHold = (hold: Hold): string | null => ('slot' in hold ? hold.slot : null);

function beganTwice(claim: string, atMs: number): LedgerError {
  const message = `${claim} began twice; the first time stands`;
  return makeError('claim-began-twice', { fromMs: atMs, toMs: atMs, claims: [claim], message });
}

const byBegin = (a: Claim, b: Claim): number =>
  a.fromMs - b.fromMs || (a.claim < b.claim ? -1 : a.claim > b.claim ? 1 : 0);
