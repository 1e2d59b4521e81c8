import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import { holdsSocket, listenerInodes } from './port-holder.ts';
import type { ProcessTable } from '../process-table/process-table.ts';

/**
 * Between the choice of a port and the moment at which the replica listens, another replica (of another state folder,
 * say) may take it; its answers must not be mistaken for ours. In words when that is so. Null when the listener is ours,
 * and also when it is no replica at all: a command may hand the port to a container that is not its child.
 */
export function portOfAnother(
  endpoint: string,
  own: { readonly home: string; readonly replicaId: string },
  table: ProcessTable,
): string | null {
  if (!table.precise) return null;
  const port = Number(new URL(endpoint).port);
  const inodes = listenerInodes(port);
  if (inodes.size === 0) return null;
  const replicas = table.marked({}).filter((found) => found.marks[replicaEnvironment.replicaId] !== undefined);
  const holders = replicas.filter((found) => holdsSocket(found.pid, inodes));
  const isOurs = (marks: Readonly<Record<string, string>>): boolean =>
    marks[replicaEnvironment.home] === own.home && marks[replicaEnvironment.replicaId] === own.replicaId;
  const [other] = holders;
  if (other === undefined || holders.some((found) => isOurs(found.marks))) return null;
  return `port ${port} is answered by replica ${other.marks[replicaEnvironment.replicaId]} (process ${other.pid})`;
}
