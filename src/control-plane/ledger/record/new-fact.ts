import type { FactClock, LedgerFact } from '../../../core/cost/ledger/fact.ts';

type WithoutStamp<Fact extends LedgerFact> = Fact extends LedgerFact ? Omit<Fact, 'id' | 'at'> : never;

/** A fact before it is recorded: the recorder gives it its id. */
export type NewFact = WithoutStamp<LedgerFact> & {
  /** When it was true. */
  readonly at: FactClock;
};
