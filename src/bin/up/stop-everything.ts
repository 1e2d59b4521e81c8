import { programsOf } from '../../adapters/processes/process-table/programs-of.ts';
import { adoptProcess, endProcess } from '../../adapters/processes/detached-process.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { readClaim } from '../../adapters/processes/state-folder-claim.ts';
import { makeProcessTable } from '../../adapters/processes/process-table/this-machine.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { openLocalPlatform } from '../open/open-platform.ts';
import { stopReplicas } from './stop-replicas.ts';
import { runFolder } from './supervisor-plan.ts';

const pollMs = 100;
/** What a running `up` may take: gateway, control plane and replicas one after the other. */
const supervisorTimeoutMs = 100_000;
const programTimeoutMs = 25_000;

/** `up --stop`: asks a running `up` to stop everything, and stops what one that was killed left behind. */
export async function stopEverything(stateFolder: string, say: (text: string) => void): Promise<number> {
  const table = makeProcessTable();
  const claim = await readClaim(runFolder(stateFolder));
  if (claim !== null && !(await makeProcessIdentity().isDead(claim.identity))) {
    say(`asking \`plimsoll up\` (process ${claim.pid}) to stop`);
    await end(claim.pid, claim.identity, supervisorTimeoutMs);
  }
  for (const name of ['gateway', 'control-plane']) {
    for (const { pid, identity } of programsOf(stateFolder, name, table)) {
      await end(pid, identity, programTimeoutMs);
      say(`${name} stopped: process ${pid}`);
    }
  }
  const platform = openLocalPlatform(stateFolder);
  const count = await stopReplicas(platform, systemClock, new AbortController().signal);
  await platform.close();
  say(count === 0 ? 'nothing runs here any more' : `${count} ${count === 1 ? 'replica' : 'replicas'} stopped`);
  return 0;
}

async function end(pid: number, identity: string, timeoutMs: number): Promise<void> {
  const table = makeProcessTable();
  const process_ = adoptProcess(identity, pid, table, systemClock, pollMs, new AbortController().signal);
  await endProcess(process_, timeoutMs, table, systemClock);
}
