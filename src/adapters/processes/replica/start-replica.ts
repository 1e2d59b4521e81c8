import { mkdir } from 'node:fs/promises';
import { isDigest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReplicaOwner, Workload } from '../../../ports/serving/platform.ts';
import { spawnDetached, type DetachedProcess } from '../detached-process.ts';
import { findFreePort } from '../port/free-port.ts';
import { layOutCode, layOutModel } from './lay-out.ts';
import { makeOrdersToken } from './orders-token.ts';
import { makeReplicaCommand } from './replica-command.ts';
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

/**
 * Everything between the recorded intent and a running process: files verified and laid out, secrets resolved, a port
 * chosen, the program started in a session of its own.
 */
export async function startReplica(
  machine: ReplicaMachine,
  workload: Workload,
  {
    replicaId,
    service,
    environment,
    release,
  }: Pick<ReplicaRecord, 'replicaId' | 'service' | 'environment' | 'release'>,
  deviceVariables: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<StartedReplica> {
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
  machine.portsInUse.add(port);
  try {
    const { stateFolder: home, host } = machine;
    const place = {
      replicaId,
      home,
      host,
      port,
      modelFolder: folder.model,
      contractFile,
      environment,
      deviceVariables,
      ordersToken,
    };
    const command = makeReplicaCommand(workload, place, machine.ownCommand, machine.environment, secrets);
    const process = await spawnDetached(
      { ...command, folder: folder.work, stdout: folder.stdout, stderr: folder.stderr },
      machine.table,
    );
    return { process, port, layOutMs, secretValues: [...Object.values(secrets), ordersToken] };
  } catch (thrown) {
    machine.portsInUse.delete(port);
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
