import { digestOf } from '../../units/digest.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { chargeRows, type Charge, type ChargedLedger } from './charge-rows.ts';
import type { PriceBook } from './price-book.ts';
import { priceTexts } from './price-texts.ts';

export interface PricedLedger extends ChargedLedger {
  /** Equal for equal books; null without a book. */
  readonly bookKey: string | null;
}

export interface ChargedFleet {
  /** All rows with their money; `currency` is null for rows of pools without a book. */
  readonly charges: readonly (Charge & { readonly currency: string | null })[];
  /** One for each different book, in order of its first pool; the last one is of the pools without a book, where there are some. */
  readonly ledgers: readonly PricedLedger[];
}

/**
 * Returns the money of the rows of a fleet, each pool by its book. Pools whose books say the same are charged together: they
 * share its commitments, which would be spent twice otherwise. Money of two currencies stays apart.
 *
 * @param untilMs as `chargeRows`.
 */
export function chargePools(
  rows: readonly LedgerRow[],
  books: ReadonlyMap<string, PriceBook>,
  untilMs = Infinity,
): ChargedFleet {
  const keyOf = new Map([...books].map(([pool, book]) => [pool, digestOf(priceTexts({ ...book, lateRequest: null }))]));
  const byBook = Map.groupBy(rows, ({ pool }) => keyOf.get(pool) ?? null);
  const ledgers = [...byBook]
    .sort(([a], [b]) => Number(a === null) - Number(b === null))
    .map(([bookKey, own]): PricedLedger => {
      const book = books.get(own[0]?.pool ?? '') ?? null;
      return { bookKey, ...chargeRows(own, book, untilMs) };
    });
  return {
    charges: ledgers.flatMap(({ charges, currency }) => charges.map((charge) => ({ ...charge, currency }))),
    ledgers,
  };
}
