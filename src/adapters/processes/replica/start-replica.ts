import { mkdir } from 'node:fs/promises';
import type { ReplicaUser } from '../../../core/access/replica-users.ts';
import { isDigest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import { spawnDetached, type DetachedProcess } from '../detached-process.ts';
import { ControlGroups } from '../confinement/control-groups.ts';
import { userOfFolder } from '../confinement/folder-user.ts';
import { closeReplicaFolder, closeStateFolder, handOver } from '../confinement/hand-over.ts';
import { removeLaidOut } from '../confinement/remove-files.ts';
import { findFreePort } from '../port/free-port.ts';
import { giveSecrets } from '../secrets/give-secrets.ts';
import { layOutCode, layOutModel } from './lay-out.ts';
import { makeOrdersToken } from './orders-token.ts';
import { makeReplicaCommand, type ReplicaCommand } from './replica-command.ts';
import type { ReplicaMachine } from './replica-machine.ts';
import { replicaFolder, type ReplicaFolder, type ReplicaRecord } from './replica-record.ts';

export interface StartedReplica {
  readonly process: DetachedProcess;
  readonly port: number;
  readonly layOutMs: number;
  readonly layOutBytes: number;
  /** Never written anywhere; kept to take them out of lines that are quoted. */
  readonly secretValues: readonly string[];
}

type Started = Pick<ReplicaRecord, 'replicaId' | 'service' | 'environment' | 'release'>;

/** What a replica is started with, once its files lie there. */
export interface PreparedStart {
  readonly command: ReplicaCommand;
  /** In `portsInUse` of the machine. */
  readonly port: number;
  readonly layOutMs: number;
  readonly layOutBytes: number;
  readonly secretValues: readonly string[];
  /** Whom it is to run as; null: the user of this process. */
  readonly user: ReplicaUser | null;
}

/** Everything between the recorded intent and a running process: files verified and laid out, secrets resolved, a port chosen. */
export async function prepareStart(
  machine: ReplicaMachine,
  workload: Workload,
  { replicaId, service, environment, release }: Started,
  deviceVariables: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<PreparedStart> {
  const folder = replicaFolder(machine.stateFolder, replicaId);
  const layOutStartMs = machine.clock.monotonicMs();
  const { confinement } = machine;
  const user = (await confinement?.userOf({ service, environment })) ?? null;
  await mkdir(folder.work, { recursive: true });
  if (user !== null) {
    await closeReplicaFolder(folder);
    await closeStateFolder(machine.stateFolder);
  }
  const modelBytes = await layOutModel(machine.blobs, workload.model.files, folder.model, signal);
  const codeBytes = await layOutCode(machine.blobs, workload.codeFiles, folder.work, signal);
  const layOutBytes = modelBytes + codeBytes;
  const layOutMs = machine.clock.monotonicMs() - layOutStartMs;
  const secrets = await giveSecrets(machine, workload, { service, environment }, folder, user);
  const contract = await machine.startContract({ service, environment }, { release });
  const contractFile = user === null ? contract : await handOver(folder, user, contract);
  const ordersToken = await makeOrdersToken(machine, replicaId);
  const port = await findFreePort(machine.host, machine.portsInUse);
  signal.throwIfAborted();
  const { stateFolder: home, host } = machine;
  const modelFolder = folder.model;
  const place = {
    replicaId,
    home,
    host,
    port,
    modelFolder,
    contractFile,
    environment,
    deviceVariables,
    ordersToken,
  };
  const variables = user === null ? machine.environment : { ...machine.environment, ...homeOf(user, folder) };
  const plain = makeReplicaCommand(workload, place, machine.ownCommand, variables, secrets.variables);
  const memoryBytes = workload.host?.memoryBytes ?? null;
  const command =
    confinement === null || user === null ? plain : await confinement.confine(plain, user, replicaId, memoryBytes);
  machine.portsInUse.add(port);
  return { command, port, layOutMs, layOutBytes, secretValues: [...secrets.values, ordersToken], user };
}

/** The home of whoever started the control plane is not the replica's to read. */
function homeOf({ uid, name }: ReplicaUser, folder: ReplicaFolder): Readonly<Record<string, string | undefined>> {
  const called = name ?? String(uid);
  return { HOME: folder.work, TMPDIR: folder.temporary, USER: called, LOGNAME: called, SHELL: undefined };
}

/** Starts the program of a replica in a session of its own. */
export async function startReplica(
  machine: ReplicaMachine,
  workload: Workload,
  started: Started,
  deviceVariables: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<StartedReplica> {
  const folder = replicaFolder(machine.stateFolder, started.replicaId);
  const { command, user, ...prepared } = await prepareStart(machine, workload, started, deviceVariables, signal);
  try {
    const process = await spawnDetached(
      {
        ...{ ...command, folder: folder.work, stdout: folder.stdout, stderr: folder.stderr },
        ...(user === null ? {} : { outputOwner: user }),
      },
      machine.table,
    );
    return { process, ...prepared };
  } catch (thrown) {
    machine.portsInUse.delete(prepared.port);
    throw thrown;
  }
}

/** Ends what an ended replica left behind, and removes its files but for records and logs. */
export async function cleanUpReplica(machine: Pick<ReplicaMachine, 'stateFolder'>, replicaId: string): Promise<void> {
  const folder = replicaFolder(machine.stateFolder, replicaId);
  // By its folder: who stops a replica may know nothing of whom it was to run as.
  if ((await userOfFolder(folder.work)) !== null) await (await ControlGroups.open())?.end(replicaId);
  await removeLaidOut(folder);
}

/** Why a replica was not started, for people; a corrupt blob is named with both of its digests. */
export function whyNotStarted(thrown: unknown): string {
  if (!(thrown instanceof PlimsollError)) return thrown instanceof Error ? thrown.message : String(thrown);
  const unnamed = Object.entries(thrown.details)
    .filter(([, value]) => typeof value === 'string' && isDigest(value) && !thrown.message.includes(value))
    .map(([name, value]) => `${name} ${String(value)}`);
  const digests = unnamed.length === 0 ? '' : ` (${unnamed.join(', ')})`;
  const way = thrown.next !== undefined ? `; next: ${thrown.next}` : '';
  return `not started: ${thrown.message}${digests}${way}`;
}
