import { mkdir } from 'node:fs/promises';
import { isDigest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReplicaOwner, Workload } from '../../../ports/serving/platform.ts';
import { spawnDetached, type DetachedProcess } from '../detached-process.ts';
import { findFreePort } from '../port/free-port.ts';
import { layOutCode, layOutModel } from './lay-out.ts';
import { makeOrdersToken } from './orders-token.ts';
import { makeReplicaCommand, type ReplicaCommand } from './replica-command.ts';
import type { ReplicaMachine } from './replica-machine.ts';
import { replicaFolder, type ReplicaRecord } from './replica-record.ts';
import { resolveSecret } from '../secret-reference.ts';

export interface StartedReplica {
  readonly process: DetachedProcess;
  readonly port: number;
  readonly layOutMs: number;
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
  readonly secretValues: readonly string[];
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
  await mkdir(folder.work, { recursive: true });
  await layOutModel(machine.blobs, workload.model.files, folder.model, signal);
  await layOutCode(machine.blobs, workload.codeFiles, folder.work, signal);
  const layOutMs = machine.clock.monotonicMs() - layOutStartMs;
  const secrets = await resolveSecrets(machine, workload, { service, environment });
  const contractFile = await machine.startContract({ service, environment }, { release });
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
  const command = makeReplicaCommand(workload, place, machine.ownCommand, machine.environment, secrets);
  machine.portsInUse.add(port);
  return { command, port, layOutMs, secretValues: [...Object.values(secrets), ordersToken] };
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
  const { command, ...prepared } = await prepareStart(machine, workload, started, deviceVariables, signal);
  try {
    const process = await spawnDetached(
      { ...command, folder: folder.work, stdout: folder.stdout, stderr: folder.stderr },
      machine.table,
    );
    return { process, ...prepared };
  } catch (thrown) {
    machine.portsInUse.delete(prepared.port);
    throw thrown;
  }
}

async function resolveSecrets(
  { stateFolder, environment: variables }: ReplicaMachine,
  workload: Workload,
  owner: ReplicaOwner,
): Promise<Readonly<Record<string, string>>> {
  const resolved: Record<string, string> = {};
  for (const [variable, reference] of Object.entries(workload.secrets)) {
    resolved[variable] = await resolveSecret(reference, owner, { stateFolder, variables });
  }
  return resolved;
}

/** Why a replica was not started, for people; a corrupt blob is named with both of its digests. */
export function whyNotStarted(thrown: unknown): string {
  if (!(thrown instanceof PlimsollError)) return thrown instanceof Error ? thrown.message : String(thrown);
  const unnamed = Object.entries(thrown.details)
    .filter(([, value]) => typeof value === 'string' && isDigest(value) && !thrown.message.includes(value))
    .map(([name, value]) => `${name} ${String(value)}`);
  const digests = unnamed.length === 0 ? '' : ` (${unnamed.join(', ')})`;
  const way = thrown.category === 'refused' && thrown.next !== undefined ? `; next: ${thrown.next}` : '';
  return `not started: ${thrown.message}${digests}${way}`;
}
