import { chooseScheme } from '../../../core/contract/replica-tls.ts';
import type { ReplicaOwner } from '../../../ports/serving/platform.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import type { DetachedProcess } from '../detached-process.ts';
import { parseIdentity, type MarkedProcess, type ProcessTable } from '../process-table/process-table.ts';
import type { ReplicaMachine } from './replica-machine.ts';
import { hasEnded, readRecords, type ReplicaRecord } from './replica-record.ts';

export interface FoundReplica {
  readonly record: ReplicaRecord;
  /** What is certain of the process that it is; null when it is gone or never was. */
  readonly alive:
    (Pick<ReplicaRecord, 'state' | 'endpoint'> & { readonly pid: number; readonly identity: string }) | null;
}

/**
 * What the records say, held against what really runs. Of the ended ones only the newest of each slot counts, and only
 * while nothing newer runs in its place.
 */
export async function findReplicas(
  machine: Pick<ReplicaMachine, 'stateFolder' | 'table'>,
  owner?: ReplicaOwner,
): Promise<readonly FoundReplica[]> {
  const records = (await readRecords(machine.stateFolder)).filter(
    (record) => owner === undefined || isOf(record, owner),
  );
  const marked = machine.table.marked({ [replicaEnvironment.home]: machine.stateFolder });
  const found = records.map((record) => ({
    record,
    alive: hasEnded(record) ? null : processOf(record, marked, machine.table),
  }));
  const newest = new Map<string, string>();
  for (const { record } of found) newest.set(`${record.set}/${record.slot}`, record.replicaId);
  return found.filter(
    ({ record, alive }) => alive !== null || newest.get(`${record.set}/${record.slot}`) === record.replicaId,
  );
}

/**
 * | the record has | what runs | it is |
 * |---|---|---|
 * | pid and identity | that identity, marks absent (a program may overwrite them) or naming this replica | alive |
 * | pid and identity | that identity, marks naming another replica or home | gone |
 * | pid and identity | another identity under that pid, or none | gone |
 * | no pid | a session leader that carries this replica's marks | alive: it was started, but its starter died before it could write so; its marks say where it listens |
 */
function processOf(
  record: ReplicaRecord,
  marked: readonly MarkedProcess[],
  table: ProcessTable,
): FoundReplica['alive'] {
  if (record.pid !== null && record.identity !== null) {
    if (table.identity(record.pid) !== record.identity) return null;
    const marks = table.marks(record.pid);
    const named = marks?.[replicaEnvironment.replicaId];
    const { pid, identity, state, endpoint } = record;
    return named === undefined || named === record.replicaId ? { pid, identity, state, endpoint } : null;
  }
  const leader = marked.find(
    (candidate) => candidate.leader && candidate.marks[replicaEnvironment.replicaId] === record.replicaId,
  );
  const identity = leader === undefined ? null : table.identity(leader.pid);
  if (leader === undefined || identity === null || parseIdentity(identity) === null) return null;
  const state = record.state === 'pending' ? 'starting' : record.state;
  return { pid: leader.pid, identity, state, endpoint: record.endpoint ?? endpointOf(leader.marks) };
}

/** Where a replica was told to listen; null when its marks do not say. */
function endpointOf(marks: MarkedProcess['marks']): string | null {
  const { [replicaEnvironment.host]: host, [replicaEnvironment.port]: port } = marks;
  const endpoint = `${chooseScheme(marks)}://${host}:${port}`;
  return host !== undefined && port !== undefined && URL.canParse(endpoint) ? endpoint : null;
}

function isOf(record: ReplicaRecord, owner: ReplicaOwner): boolean {
  return record.service === owner.service && record.environment === owner.environment;
}

/**
 * Sessions that carry the marks of this owner's replicas, or of anybody's, and have no record, because somebody removed
 * their folder.
 */
export async function findStrays(
  machine: Pick<ReplicaMachine, 'stateFolder' | 'table'>,
  owner?: ReplicaOwner,
): Promise<readonly Pick<DetachedProcess, 'pid' | 'identity'>[]> {
  const known = new Set((await readRecords(machine.stateFolder)).map((record) => record.replicaId));
  const prefix = owner === undefined ? '' : `${owner.service}-${owner.environment}-`;
  return machine.table
    .marked({ [replicaEnvironment.home]: machine.stateFolder })
    .filter(({ leader, marks }) => {
      const replicaId = marks[replicaEnvironment.replicaId];
      return leader && replicaId !== undefined && replicaId.startsWith(prefix) && !known.has(replicaId);
    })
    .map(({ pid }) => ({ pid, identity: machine.table.identity(pid) }));
}
