import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import { readPriceBook } from '../../schemas/prices/read-price-book.ts';
import { readIfFile } from './source-file.ts';

/**
 * Returns the price book that `cost.prices` names; null where the contract names none.
 * @throws PlimsollError `prices-missing`, `prices-invalid` (input).
 */
export async function readPricesFile(folder: string, { cost }: Contract): Promise<PriceBook | null> {
  if (cost?.prices === undefined) return null;
  const text = await readIfFile(path.join(folder, cost.prices));
  if (text !== null) return readPriceBook(text.toString('utf8'), cost.prices);
  throw new PlimsollError({
    code: 'prices-missing',
    category: 'input',
    message: `there is no ${cost.prices}, which cost.prices names`,
    next: nextStep(proveSteps, 'prices-missing/explain'),
  });
}
