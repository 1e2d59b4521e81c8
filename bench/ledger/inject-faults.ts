import type { ClaimBegan, LedgerFact } from '../../src/core/cost/ledger/fact.ts';
import { deriveLedgerRows } from '../../src/core/cost/ledger/derive-rows.ts';
import type { LedgerWindow } from '../../src/core/cost/ledger/row.ts';

export interface InjectedFaults {
  readonly lost: number;
  readonly lostSeen: number;
  readonly twice: number;
  readonly twiceSeen: number;
}

/**
 * Takes the beginning of some claims out of the facts, and lets a second replica claim what some others hold. Counts how many of
 * them the ledger names in an error row.
 *
 * @param each one claim in so many is lost, and one in so many is doubled.
 */
export function injectFaults(facts: readonly LedgerFact[], window: LedgerWindow, each: number): InjectedFaults {
  const claims = facts.filter((fact): fact is ClaimBegan => fact.kind === 'claim-began');
  const lost = new Set(claims.filter((_, index) => index % each === 0).map(({ claim }) => claim));
  const doubled = claims.filter(({ holds }, index) => index % each === 1 && holds.every((hold) => 'slot' in hold));
  const second = (claim: string): string => `${claim}-second`;
  const copies = doubled.flatMap((fact) => {
    const later = { ...fact.at, monotonicMs: fact.at.monotonicMs + 5_000, wallMs: fact.at.wallMs + 5_000 };
    const end = { ...later, monotonicMs: later.monotonicMs + 60_000, wallMs: later.wallMs + 60_000 };
    const claim = second(fact.claim);
    return [
      { ...fact, id: `${fact.id}-second`, at: later, claim },
      { kind: 'claim-changed', id: `${fact.id}-second-end`, at: end, claim, state: 'ended' } as const,
    ];
  });
  const kept = facts.filter((fact) => fact.kind !== 'claim-began' || !lost.has(fact.claim));
  const { errors } = deriveLedgerRows([...kept, ...copies], window);
  const named = (kind: string): ReadonlySet<string> =>
    new Set(errors.filter((error) => error.kind === kind).flatMap((error) => error.claims));
  // Of a whole device two claims take turns, which is named and no error.
  const lostNamed = named('claim-lost');
  const twiceNamed = new Set([...named('claimed-twice'), ...named('overcommitted')]);
  return {
    lost: lost.size,
    lostSeen: [...lost].filter((claim) => lostNamed.has(claim)).length,
    twice: doubled.length,
    twiceSeen: doubled.filter(({ claim }) => twiceNamed.has(claim) && twiceNamed.has(second(claim))).length,
  };
}
