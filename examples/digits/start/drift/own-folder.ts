import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { makeProcessTable } from '../../../../src/adapters/processes/process-table/this-machine.ts';
import { stopEverything } from '../../../../src/bin/up/stop-everything.ts';

/**
 * A folder of this process, below `parent`, for what a cause of drift leaves behind. What starts that were killed left there
 * is stopped and removed first: evidence that no longer holds, and replicas that nobody watches.
 */
export async function ownFolder(parent: string, pid: number = process.pid): Promise<string> {
  const left = existsSync(parent) ? readdirSync(parent).filter((name) => /^[1-9]\d*$/.test(name)) : [];
  for (const name of left.filter((each) => Number(each) === pid || !runs(Number(each)))) {
    const folder = path.join(parent, name);
    await stopEverything(folder, () => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
  return path.join(parent, String(pid));
}

/** A zombie runs nothing, and PID 1 of a container may reap it late or never. */
const runs = (pid: number): boolean => makeProcessTable().identity(pid) !== null;
