import type { EnvironmentSection } from '../../contract/contract.ts';
import type { PriceBook } from '../../cost/prices/price-book.ts';
import { priceTexts } from '../../cost/prices/price-texts.ts';
import { classesText, type EnvironmentTerms, type RecordedClass, type RecordedPool } from './environment-record.ts';

/** What a bundle says of its environment: its contract, and the files beside it. */
export interface StatedTerms {
  readonly section: Pick<EnvironmentSection, 'platform' | 'namespace' | 'pool'>;
  /** Of the file that `cost.prices` names; null where the contract names none. */
  readonly prices: Stated<PriceBook> | null;
  /** Of the pool's snapshot, those of the accelerator that the contract asks for; null where there is no snapshot. */
  readonly classes: Stated<readonly RecordedClass[]> | null;
  readonly accelerator: RecordedClass['accelerator'];
}

/** What is not readable contradicts as well: nobody can say that it is the same. */
export type Stated<T> = { readonly value: T } | { readonly unreadable: string };

export interface TermConflict {
  readonly key: string;
  readonly record: string;
  readonly contract: string;
}

const notWritten = 'not written';

/**
 * Each key for which a bundle says something else than the record of its environment.
 *
 * | the record | the bundle | conflict |
 * |---|---|---|
 * | says nothing | anything | no |
 * | a value | says nothing | no: the value of the record holds |
 * | a value | the same value, however it is written | no |
 * | a value | another value, or a file that cannot be read | yes |
 *
 * Prices are compared as a whole: a price that only one of the two has is a conflict.
 */
export function findTermConflicts(record: EnvironmentTerms, stated: StatedTerms): readonly TermConflict[] {
  const { platform, namespace, pool } = stated.section;
  return [
    ...conflictOf('platform', record.platform, platform),
    ...conflictOf('namespace', record.namespace, namespace),
    ...priceConflicts(record.prices, stated.prices),
    ...conflictOf('pool.name', record.pool?.name, pool),
    ...classConflicts(record.pool, stated),
  ];
}

function conflictOf(key: string, record: string | undefined, contract: string | undefined): readonly TermConflict[] {
  return record === undefined || contract === undefined || record === contract ? [] : [{ key, record, contract }];
}

function priceConflicts(record: PriceBook | undefined, stated: StatedTerms['prices']): readonly TermConflict[] {
  if (record === undefined || stated === null) return [];
  const recorded = priceTexts(record);
  if ('unreadable' in stated) {
    return [{ key: 'prices', record: Object.values(recorded).join(', '), contract: stated.unreadable }];
  }
  const said = priceTexts(stated.value);
  return [...new Set([...Object.keys(recorded), ...Object.keys(said)])].flatMap((key) =>
    conflictOf(key, recorded[key] ?? notWritten, said[key] ?? notWritten),
  );
}

function classConflicts(
  pool: RecordedPool | undefined,
  { classes, accelerator }: StatedTerms,
): readonly TermConflict[] {
  if (pool?.classes === undefined || classes === null) return [];
  const recorded = pool.classes.filter((each) => each.accelerator === accelerator);
  const record = classesText(recorded);
  if ('unreadable' in classes) return [{ key: 'pool.classes', record, contract: classes.unreadable }];
  if (digestsOf(recorded) === digestsOf(classes.value)) return [];
  return [{ key: 'pool.classes', record, contract: classesText(classes.value) }];
}

const digestsOf = (classes: readonly RecordedClass[]): string =>
  [...new Set(classes.map(({ digest }) => digest))].sort().join();

/** `prices.accelerators.default is 2.50/h in the record and 2.00/h in the contract`. */
export const conflictText = ({ key, record, contract }: TermConflict): string =>
  `${key} is ${record} in the record and ${contract} in the contract`;
