import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import { spareVariable } from '../../../schemas/replica/spare-order.ts';
import { killMarked, signalProcess } from '../detached-process.ts';
import type { OwnMarks } from '../port/port-of-another.ts';
import type { ProcessTable } from '../process-table/process-table.ts';
import type { ReplicaRecord } from '../replica/replica-record.ts';
import { removeSpareFolder, spareFolder } from './spare-record.ts';

interface Place {
  readonly stateFolder: string;
  readonly table: ProcessTable;
}

/** Whether a replica has a spare for its process, and nobody knows whether that took its order. */
export const isUnordered = ({ spare }: ReplicaRecord): boolean => spare !== undefined && spare.orderedAtMs === null;

/** Returns the marks by which the process of a replica is known. */
export function marksOf(stateFolder: string, { replicaId, spare }: ReplicaRecord): OwnMarks {
  return { home: stateFolder, replicaId, spare: spare === undefined ? null : spareFolder(stateFolder, spare.id).root };
}

/** Ends the process of a replica that may have no order. It never served: it was not ready under the control plane that took it. */
export async function killUnordered(place: Place, { pid, identity, spare }: ReplicaRecord): Promise<void> {
  if (pid !== null) signalProcess({ pid, identity }, 'SIGKILL', place.table);
  if (spare !== undefined) await removeTaken(place, spare.id);
}

/** Kills what carries the mark of a spare that became a replica, which is over, and removes the folder of the spare. */
export async function removeTaken({ stateFolder, table }: Place, spareId: string): Promise<void> {
  const { root } = spareFolder(stateFolder, spareId);
  killMarked({ [replicaEnvironment.home]: stateFolder, [spareVariable]: root }, table);
  await removeSpareFolder(stateFolder, spareId).catch(() => undefined);
}
