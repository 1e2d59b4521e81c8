import type { FactClock } from '../../core/cost/ledger/fact.ts';
import type { Owner } from '../../core/cost/ledger/state.ts';
import type { HostShare } from '../../core/contract/contract.ts';
import type { ObservedSpare } from '../../ports/serving/spares.ts';
import { findHolds } from '../ledger/inventory/find-holds.ts';
import type { NewFact } from '../ledger/record/new-fact.ts';
import type { StandingFacts } from '../ledger/record/standing-facts.ts';

const prefix = 'spare/';

/** Returns the name of the reservation of a spare in the ledger. */
export const spareReservation = (spareId: string): string => `${prefix}${spareId}`;

/** Stands for the services of an environment together: no service has this name. */
const everyService = '*';

/**
 * Returns what changed about spares since what stands. What they hold is reserved for their environment until a replica takes it.
 *
 * | seen | stands | recorded |
 * |---|---|---|
 * | a spare that starts or is free, whose devices are known | nothing | its reservation begins |
 * | one whose devices nobody tells, or whose node is not in the inventory | nothing | nothing |
 * | one that is taken, and the claim of its replica stands | its reservation | it ended when that claim began |
 * | one that is taken, and the claim does not stand yet | its reservation | nothing: it is still kept |
 * | none | its reservation | it ended |
 *
 * @param hostOf what a spare without an accelerator keeps of its node
 */
export function makeSpareFacts(
  standing: Pick<StandingFacts, 'devices' | 'claims' | 'reservations'>,
  spares: readonly ObservedSpare[],
  hostOf: (spare: ObservedSpare) => HostShare,
  at: FactClock,
): readonly NewFact[] {
  const seen = new Map(spares.map((spare) => [spareReservation(spare.spareId), spare]));
  const facts: NewFact[] = [];
  for (const [reservation, spare] of seen) {
    if (spare.state === 'taken' || standing.reservations.has(reservation)) continue;
    const found = findHolds(standing, spare, { devices: spare.deviceCount, host: hostOf(spare) });
    if ('missing' in found || found.isGuess === true) continue;
    facts.push({ kind: 'reservation-began', reservation, holds: found.holds, owner: ownerOf(spare), at });
  }
  for (const reservation of standing.reservations.keys()) {
    if (!reservation.startsWith(prefix)) continue;
    const spare = seen.get(reservation);
    if (spare === undefined) facts.push({ kind: 'reservation-ended', reservation, at });
    else if (spare.takenBy !== null) {
      const began = standing.claims.get(spare.takenBy)?.began.at;
      if (began !== undefined)
        facts.push({ kind: 'reservation-ended', reservation, at: began.recorder === at.recorder ? began : at });
    }
  }
  return facts;
}

const ownerOf = ({ environment }: ObservedSpare): Owner => ({
  ...{ service: everyService, environment, release: null, team: null, model: null },
});
