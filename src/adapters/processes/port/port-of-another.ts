import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import { holdsSocket, listenerInodes } from './port-holder.ts';
import { spareVariable } from '../../../schemas/replica/spare-order.ts';
import type { MarkedProcess, ProcessTable } from '../process-table/process-table.ts';

/** By which the process of a replica is known. */
export interface OwnMarks {
  readonly home: string;
  readonly replicaId: string;
  /** Folder of the spare that it was; null where it was none. */
  readonly spare: string | null;
}

/**
 * Between the choice of a port and the moment at which the replica listens, another replica (of another state folder,
 * say) may take it; its answers must not be mistaken for ours. In words when that is so. Null when the listener is ours,
 * and also when it is no replica at all: a command may hand the port to a container that is not its child.
 */
export function portOfAnother(endpoint: string, own: OwnMarks, table: ProcessTable): string | null {
  if (!table.precise) return null;
  const port = Number(new URL(endpoint).port);
  const inodes = listenerInodes(port);
  if (inodes.size === 0) return null;
  const nameOf = (marks: MarkedProcess['marks']): string | undefined =>
    marks[replicaEnvironment.replicaId] ?? marks[spareVariable];
  const replicas = table.marked({}).filter((found) => nameOf(found.marks) !== undefined);
  const holders = replicas.filter((found) => holdsSocket(found.pid, inodes));
  const isOurs = (marks: MarkedProcess['marks']): boolean =>
    marks[replicaEnvironment.home] === own.home &&
    (own.spare === null ? marks[replicaEnvironment.replicaId] === own.replicaId : marks[spareVariable] === own.spare);
  const [other] = holders;
  if (other === undefined || holders.some((found) => isOurs(found.marks))) return null;
  return `port ${port} is answered by replica ${nameOf(other.marks)} (process ${other.pid})`;
}
