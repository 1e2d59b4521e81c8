import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { Charge } from '../../../core/cost/prices/charge-rows.ts';
import type { PoolBooks, PoolProblem } from '../../../core/cost/prices/pool-books.ts';
import type { CostReport } from '../../../schemas/http/cost/http-cost.ts';

type PoolPrices = CostReport['prices'][number];

const namedAtMost = 5;

/** For who asks for one service: the sentence of a problem names others. */
const shortProblems: Readonly<Record<PoolProblem['kind'], string>> = {
  'two-books': 'two different price books are stated for it',
  unreadable: 'the prices of a contract that is released there cannot be read',
  'two-prices': 'its price book has two prices for one product',
};

/**
 * Returns by which book each pool of some charges is priced, sorted by pool.
 *
 * | the pool has | problem |
 * |---|---|
 * | no book, since its prices are wrong | what is wrong |
 * | no book, since nobody states one | that |
 * | a book without a price for a class that has time | the classes |
 * | a price for all of its time | null |
 *
 * @param isWhole false where one service or environment is asked for.
 */
export function describePrices(
  charges: readonly Pick<Charge, 'row' | 'effectiveMicros'>[],
  { books, problems }: PoolBooks,
  isWhole: boolean,
): PoolPrices[] {
  const unpriced = new Map<string, Set<string>>();
  for (const { row, effectiveMicros } of charges) {
    const known = unpriced.get(row.pool) ?? new Set<string>();
    unpriced.set(row.pool, known);
    if (effectiveMicros === null) known.add(row.unit === 'core' ? 'cores' : row.deviceClass);
  }
  const pools = [...unpriced].sort(([a], [b]) => (a < b ? -1 : 1));
  return pools.map(([pool, without]): PoolPrices => {
    const book = books.get(pool);
    if (book !== undefined) {
      const { source, currency, split } = book;
      return { pool, source, currency, split, ...problemOf(without) };
    }
    const none = { pool, source: null, currency: null, split: null };
    const wrong = problems.find((each) => each.pool === pool);
    if (wrong !== undefined) {
      return {
        ...none,
        problem: isWhole ? wrong.message : shortProblems[wrong.kind],
        next: isWhole ? wrong.next : null,
      };
    }
    const problem = 'neither the record of an environment nor cost.prices of a contract states prices for it';
    return { ...none, problem, next: nextStep(controlPlaneSteps, 'prices-missing/environment-set') };
  });
}

function problemOf(without: ReadonlySet<string>): Pick<PoolPrices, 'problem' | 'next'> {
  if (without.size === 0) return { problem: null, next: null };
  const names = [...without].sort();
  const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '';
  const next = without.has('cores')
    ? 'add `cores` to the price book'
    : 'add these classes to the price book, or `default`';
  return {
    problem: `the price book has no price for ${names.slice(0, namedAtMost).join(', ')}${more} at that time`,
    next,
  };
}
