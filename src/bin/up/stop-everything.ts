import { programsOf } from '../../adapters/processes/process-table/programs-of.ts';
import { adoptProcess, endProcess } from '../../adapters/processes/detached-process.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { findStrays } from '../../adapters/processes/replica/found-replicas.ts';
import { claimLock, readClaim } from '../../adapters/processes/state-folder-claim.ts';
import type { ProcessTable } from '../../adapters/processes/process-table/process-table.ts';
import { makeProcessTable } from '../../adapters/processes/process-table/this-machine.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { waitProgress } from '../../prove/progress.ts';
import { openLocalPlatform } from '../open/open-platform.ts';
import { stopReplicas } from './stop-replicas.ts';
import { runFolder } from './supervisor-plan.ts';

const pollMs = 100;
const tellEveryMs = 1_000;
/** What a running `up` may take: gateway, control plane and replicas one after the other. */
const supervisorTimeoutMs = 100_000;
const programTimeoutMs = 25_000;

/** `up --stop`: asks a running `up` to stop everything, and stops what one that was killed left behind. */
export async function stopEverything(stateFolder: string, say: (text: string) => void): Promise<number> {
  const table = makeProcessTable();
  for (const { pid, identity } of await findSupervisors(stateFolder, table)) {
    say(`asking \`plimsoll up\` (process ${pid}) to stop`);
    await end(pid, identity, supervisorTimeoutMs, say);
  }
  for (const name of ['gateway', 'control-plane']) {
    for (const { pid, identity } of programsOf(stateFolder, name, table)) {
      await end(pid, identity, programTimeoutMs, say);
      say(`${name} stopped: process ${pid}`);
    }
  }
  const platform = openLocalPlatform(stateFolder);
  const recorded = await stopReplicas(platform, systemClock, new AbortController().signal, say);
  await platform.close();
  const strays = (await findStrays({ stateFolder, table })).flatMap(({ pid, identity }) => running(pid, identity));
  await Promise.all(strays.map(({ pid, identity }) => end(pid, identity, programTimeoutMs, say)));
  const count = recorded + strays.length;
  say(count === 0 ? 'nothing runs here any more' : `${count} ${count === 1 ? 'replica' : 'replicas'} stopped`);
  return 0;
}

/**
 * `up --stop --keep-serving`: ends `up` and the control plane. What they started is in processes of its own and goes on; the
 * next `up` adopts it. `up` is killed, because asked to stop it would stop everything.
 */
export async function stopControlPlane(stateFolder: string, say: (text: string) => void): Promise<number> {
  const table = makeProcessTable();
  for (const { pid, identity } of await findSupervisors(stateFolder, table)) {
    await end(pid, identity, 0, say, AbortSignal.abort());
    say(`\`plimsoll up\` ended: process ${pid}`);
  }
  const programs = programsOf(stateFolder, 'control-plane', table);
  for (const { pid, identity } of programs) {
    await end(pid, identity, programTimeoutMs, say);
    say(`control plane stopped: process ${pid}`);
  }
  const serving = programsOf(stateFolder, 'gateway', table).length > 0;
  if (programs.length === 0) say('no control plane runs here');
  say(serving ? 'the gateway and the replicas serve on; next: plimsoll up takes them over' : 'no gateway runs here');
  return 0;
}

/**
 * The running `up` of this folder: who the claim names, or who holds the claim's lock. Somebody who removed the state
 * folder removed the claim, and not the one that holds it.
 */
async function findSupervisors(stateFolder: string, table: ProcessTable): Promise<readonly Running[]> {
  const folder = runFolder(stateFolder);
  const claim = await readClaim(folder);
  if (claim !== null && !(await makeProcessIdentity().isDead(claim.identity))) return [claim];
  const holders = table.holders(claimLock(folder)).filter((pid) => pid !== process.pid);
  return holders.flatMap((pid) => running(pid, table.identity(pid)));
}

/** Nothing of a process that has ended. */
function running(pid: number, identity: string | null): readonly Running[] {
  return identity === null ? [] : [{ pid, identity }];
}

interface Running {
  readonly pid: number;
  readonly identity: string;
}

async function end(
  pid: number,
  identity: string,
  timeoutMs: number,
  say: (text: string) => void,
  forced?: AbortSignal,
): Promise<void> {
  const table = makeProcessTable();
  const process_ = adoptProcess(identity, pid, table, systemClock, pollMs, new AbortController().signal);
  const tell = waitProgress({ terminal: { note: say } }, `process ${pid}`, timeoutMs);
  const beganMs = systemClock.monotonicMs();
  const timer = setInterval(() => tell('has not ended', systemClock.monotonicMs() - beganMs), tellEveryMs);
  try {
    await endProcess(process_, timeoutMs, table, systemClock, forced);
  } finally {
    clearInterval(timer);
  }
}
