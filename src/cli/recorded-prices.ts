import type { Prices } from '../core/cost/priced-terms.ts';
import type { CliContext } from './context.ts';

/** Returns the prices in the record of an environment, of the control plane that runs; null where none does. */
export async function recordedPrices(
  context: Pick<CliContext, 'controlPlane' | 'operations'>,
  environment: string,
): Promise<Prices | null> {
  if ((await context.controlPlane()) === null) return null;
  const records = await (await context.operations()).environmentRecords();
  return records.find((record) => record.environment === environment)?.prices ?? null;
}
