import type { RecordedClaim } from '../devices/claim-schema.ts';
import type { ProcessTable } from '../process-table/process-table.ts';
import { readRecords } from '../replica/replica-record.ts';
import { readSpareRecords } from './spare-record.ts';

/** Returns the parts of devices that spares hold which no replica has taken, by spare. */
export async function readSpareClaims({
  stateFolder,
  table,
}: {
  readonly stateFolder: string;
  readonly table: ProcessTable;
}): Promise<readonly (readonly [string, RecordedClaim])[]> {
  const { records } = await readSpareRecords(stateFolder);
  const holding = records.filter(({ devices }) => devices !== undefined);
  if (holding.length === 0) return [];
  const taken = new Set((await readRecords(stateFolder)).flatMap(({ spare }) => spare?.id ?? []));
  return holding.flatMap(({ spareId, devices, pid, identity }) => {
    const isAlive = pid !== null && table.identity(pid) === identity;
    return devices === undefined || !isAlive || taken.has(spareId) ? [] : [[spareId, devices] as const];
  });
}
