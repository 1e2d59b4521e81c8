import { link } from 'node:fs/promises';
import { chooseScheme } from '../../../core/contract/replica-tls.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import type { SpareOrder } from '../../../schemas/replica/spare-order.ts';
import type { DetachedProcess } from '../detached-process.ts';
import type { LocalSpare } from './local-spare.ts';
import { orderSpare } from './order-spare.ts';
import { removeSpareFolder, spareFolder } from './spare-record.ts';
import type { ReplicaMachine } from '../replica/replica-machine.ts';
import { replicaFolder, type ReplicaRecord } from '../replica/replica-record.ts';
import { prepareStart } from '../replica/start-replica.ts';

/** How a replica that takes a spare tells of itself. */
export interface SpareTaker {
  readonly record: ReplicaRecord;
  /** Changes its record now, from which its process counts. @throws where that cannot be written. */
  claim(patch: Partial<ReplicaRecord>): Promise<void>;
  /** Changes its record. */
  change(patch: Partial<ReplicaRecord>): Promise<void>;
  /** Its record is as it was before. */
  unclaim(): Promise<void>;
  /** Of secrets, which are not to appear in lines that are quoted. */
  hide(secretValues: readonly string[]): void;
}

/**
 * Makes a replica of a spare: its files are laid out, then the record of the replica names the spare, then the spare is given its order.
 * Returns the process; null where it did not come to that, and the replica has to be started as its own process.
 *
 * | killed | what the next control plane finds |
 * |---|---|
 * | before the claim is written | a free spare, and an intent without a process |
 * | between the claim and its confirmation | a replica whose order nobody knows of: its process is killed, and its slot starts at once |
 * | later | a replica as any other |
 */
export async function startFromSpare(
  machine: ReplicaMachine,
  workload: Workload,
  spare: LocalSpare,
  taker: SpareTaker,
  signal: AbortSignal,
): Promise<DetachedProcess | null> {
  const { replicaId } = taker.record;
  const { spareId, port: doorPort, devices, deviceVariables } = spare.record;
  const folder = replicaFolder(machine.stateFolder, replicaId);
  const own = spareFolder(machine.stateFolder, spareId);
  machine.desk?.pass(spareId, replicaId);
  const prepared = await prepareStart(machine, workload, taker.record, deviceVariables, signal).catch(
    async (thrown: unknown) => {
      machine.desk?.pass(replicaId, spareId);
      await machine.spares.giveBack(spare);
      throw thrown;
    },
  );
  const { command, port, layOutMs, layOutBytes, secretValues } = prepared;
  taker.hide(secretValues);
  const order: SpareOrder = {
    orderVersion: 1,
    replicaId,
    args: command.args.slice(machine.ownCommand.length),
    env: { ...command.env },
    folder: folder.work,
  };
  const { pid, identity } = spare.process;
  const claim = (orderedAtMs: number | null) => ({ id: spareId, orderedAtMs });
  try {
    await shareOutput(own, folder);
    await taker.claim({
      ...{ state: 'starting', reason: `process ${pid} was a spare`, pid, identity, spare: claim(null) },
      ...{ layOutMs, layOutBytes },
      ...{
        endpoint: `${chooseScheme(workload.secrets)}://${machine.host}:${port}`,
        spawnedAtMs: machine.clock.nowMs(),
      },
      ...(devices === undefined ? {} : { devices }),
    });
    const trouble = await orderSpare({ port: doorPort ?? 0, tokenFile: own.token }, order);
    if (trouble !== null) throw new Error(trouble);
  } catch {
    // Whether it took the order is not known, or it is gone. Its process ends, whichever it is.
    await spare.end();
    machine.portsInUse.delete(port);
    machine.desk?.free(replicaId);
    await removeSpareFolder(machine.stateFolder, spareId).catch(() => undefined);
    await taker.unclaim();
    return null;
  }
  await taker.change({ spare: claim(machine.clock.nowMs()) });
  return spare.process;
}

/** What the process writes from now on is the output of the replica. */
async function shareOutput(
  from: { readonly stdout: string; readonly stderr: string },
  to: { readonly stdout: string; readonly stderr: string },
): Promise<void> {
  await link(from.stdout, to.stdout);
  await link(from.stderr, to.stderr);
}
