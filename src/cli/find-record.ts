import type { EnvironmentRecord } from '../core/fleet/environment/environment-record.ts';
import type { CliContext } from './context.ts';

/** Returns the record of an environment from the control plane that runs; null where none does. */
export async function findRecord(
  context: Pick<CliContext, 'controlPlane' | 'operations'>,
  environment: string,
): Promise<EnvironmentRecord | null> {
  if ((await context.controlPlane()) === null) return null;
  const records = await (await context.operations()).environmentRecords();
  return records.find((record) => record.environment === environment) ?? null;
}
