import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';
import { seesProcesses, nameOfProcess } from './own-machine.ts';

/** The kernel keeps 15 characters of the name of a process: `nv-fabricmanager`. */
const managerName = 'nv-fabricmanage';
/** Processes that are looked at; a node with more is not told of. */
const mostProcesses = 50_000;

/**
 * | NVSwitches of the driver | Fabric Manager | this process sees those of the machine | |
 * |---|---|---|---|
 * | none are listed, and the NVIDIA module is loaded | any | any | none |
 * | some | runs | any | managed |
 * | some | not there | yes | unmanaged |
 * | some | not there | no: it is in a container | left out |
 * | no NVIDIA module, or not readable | any | any | left out |
 */
export async function readNvSwitches({ proc }: Pick<NodeRoots, 'proc'>): Promise<DeviceState['nvSwitches'] | null> {
  const modules = textOf(await readKernelFile(path.join(proc, 'modules')));
  if (modules === null || !/^nvidia /m.test(modules)) return null;
  const switches = await readdir(path.join(proc, 'driver/nvidia-nvswitch/devices')).catch((thrown: unknown) =>
    (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? [] : null,
  );
  if (switches === null) return null;
  if (switches.length === 0) return 'none';
  const processes = await readdir(proc).then(
    (names) => names.filter((name) => /^\d+$/.test(name)),
    () => null,
  );
  if (processes === null || processes.length > mostProcesses) return null;
  for (const id of processes) if ((await nameOfProcess(proc, id)) === managerName) return 'managed';
  return (await seesProcesses({ proc })) ? 'unmanaged' : null;
}
