import { link } from 'node:fs/promises';
import type { Workload } from '../../../ports/serving/platform.ts';
import type { SpareOrder } from '../../../schemas/replica/spare-order.ts';
import type { DetachedProcess } from '../detached-process.ts';
import type { LocalSpare } from '../spares/local-spare.ts';
import { orderSpare } from '../spares/order-spare.ts';
import { removeSpareFolder, spareFolder } from '../spares/spare-record.ts';
import type { ReplicaMachine } from './replica-machine.ts';
import { replicaFolder, type ReplicaRecord } from './replica-record.ts';
import { prepareStart } from './start-replica.ts';

/** How a replica that takes a spare tells of itself. */
export interface SpareTaker {
  readonly record: ReplicaRecord;
  /** Records that the process of the spare is the replica's. @throws where that cannot be written: then it is not. */
  claim(claimed: ClaimedSpare): Promise<void>;
  /** The spare took its order. */
  ordered(): Promise<void>;
  /** The claim is void: the process of the spare is gone. */
  unclaim(): Promise<void>;
  /** Of secrets, which are not to appear in lines that are quoted. */
  hide(secretValues: readonly string[]): void;
}

export interface ClaimedSpare extends Pick<ReplicaRecord, 'layOutMs' | 'devices'> {
  readonly spareId: string;
  readonly process: DetachedProcess;
  readonly port: number;
}

/**
 * Makes a replica of a spare: its files are laid out, then the record of the replica names the spare, then the spare is given its order.
 * Returns the process; null where it did not come to that, and the replica has to be started as its own process.
 *
 * | killed | what the next control plane finds |
 * |---|---|
 * | before the claim is written | a free spare, and an intent without a process |
 * | between the claim and its `ordered` | a replica whose order nobody knows of: its process is killed, and its slot starts at once |
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
  const { command, port, layOutMs, secretValues } = prepared;
  taker.hide(secretValues);
  const order: SpareOrder = {
    orderVersion: 1,
    replicaId,
    args: command.args.slice(machine.ownCommand.length),
    env: { ...command.env },
    folder: folder.work,
  };
  const claimed = { spareId, process: spare.process, port, layOutMs, ...(devices === undefined ? {} : { devices }) };
  try {
    await shareOutput(own, folder);
    await taker.claim(claimed);
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
  await taker.ordered();
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
