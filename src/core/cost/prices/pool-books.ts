import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import { digestOf } from '../../units/digest.ts';
import { checkPriceBook } from './check-price-book.ts';
import { nameClasses, type NamedClass } from './class-names.ts';
import type { PriceBook } from './price-book.ts';
import { priceTexts } from './price-texts.ts';

/** Prices that somebody states for a pool. */
export interface StatedBook {
  readonly pool: string;
  /** Who states them: `the record of prod`. */
  readonly from: string;
  readonly book: PriceBook | { readonly unreadable: string };
  /** Device classes of the pool by digest, as far as they are known. */
  readonly classes: readonly NamedClass[];
}

export interface PoolProblem {
  readonly pool: string;
  readonly kind: 'two-books' | 'unreadable' | 'two-prices';
  /** One sentence for people. */
  readonly message: string;
  readonly next: string;
}

export interface PoolBooks {
  readonly books: ReadonlyMap<string, PriceBook>;
  /** Pools that have no money, though somebody states prices for them. */
  readonly problems: readonly PoolProblem[];
}

/**
 * Returns the price book of each pool. The first row that matches decides:
 *
 * | # | stated for the pool | book |
 * |---|---|---|
 * | 1 | by records of environments, all the same | that one |
 * | 2 | by records, two different ones | none: `two-books` |
 * | 3 | by contracts alone, one cannot be read | none: `unreadable` |
 * | 4 | by contracts alone, all the same | that one |
 * | 5 | by contracts alone, two different ones | none: `two-books` |
 * | 6 | by nobody | none, and no problem |
 *
 * Books are the same where they say the same prices; what a late request costs and where prices come from may differ. Entries
 * that name a class by its digest are named by its product first, as rows are. Two classes of one product with two prices are
 * `two-prices`: a row does not tell which of them a device is.
 */
export function choosePoolBooks(records: readonly StatedBook[], contracts: readonly StatedBook[]): PoolBooks {
  const books = new Map<string, PriceBook>();
  const problems: PoolProblem[] = [];
  const byPool = (all: readonly StatedBook[]): Map<string, StatedBook[]> => Map.groupBy(all, ({ pool }) => pool);
  for (const [pool, stated] of new Map([...byPool(contracts), ...byPool(records)])) {
    const chosen = chooseBook(pool, stated);
    if ('kind' in chosen) problems.push(chosen);
    else books.set(pool, chosen);
  }
  return { books, problems: problems.sort((a, b) => (a.pool < b.pool ? -1 : 1)) };
}

function chooseBook(pool: string, stated: readonly StatedBook[]): PriceBook | PoolProblem {
  const named: { readonly from: string; readonly book: PriceBook; readonly key: string }[] = [];
  for (const { from, book, classes } of stated) {
    if ('unreadable' in book) {
      const message = `the prices of ${from} cannot be read: ${book.unreadable}`;
      return { pool, kind: 'unreadable', message, next: nextStep(coreSteps, 'unreadable') };
    }
    const own = nameClasses(book, classes);
    named.push({ from, book: own, key: digestOf(priceTexts({ ...own, lateRequest: null })) });
  }
  const [first, ...others] = named;
  if (first === undefined) throw new RangeError('a pool for which nobody states prices has no book');
  const other = others.find(({ key }) => key !== first.key);
  if (other !== undefined) {
    const message = `${first.from} and ${other.from} state two different price books for it`;
    return { pool, kind: 'two-books', message, next: 'state one of them, best in the record of the environment' };
  }
  const [problem] = checkPriceBook(first.book);
  if (problem === undefined) return first.book;
  const message = `${first.from} has two prices for one product: ${problem.what}`;
  return { pool, kind: 'two-prices', message, next: 'write one price for the product, by its name' };
}
