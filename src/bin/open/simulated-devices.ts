import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { makeSimulatedDevices } from '../../core/pool/simulated-devices.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import { readSimulatedDevices } from '../../schemas/pool/simulated-devices.ts';

const variable = 'PLIMSOLL_SIMULATED_DEVICES';

/**
 * Reads the devices that this machine is played to have.
 * @throws PlimsollError `variable-invalid` (input) where the path is not absolute: replicas run in folders of their own;
 * `devices-missing`, `devices-invalid` (input).
 */
export type SimulatedDevices = () => Promise<readonly DeviceFacts[]>;

/** Returns a reader of the file that `PLIMSOLL_SIMULATED_DEVICES` names; null where it names none. */
export function openSimulatedDevices(env: Readonly<Record<string, string | undefined>>): SimulatedDevices | null {
  const file = env[variable] ?? '';
  if (file === '') return null;
  return async () => {
    if (!path.isAbsolute(file)) {
      throw new PlimsollError({
        code: 'variable-invalid',
        category: 'input',
        message: `${variable} is ${file}, and is to be an absolute path`,
        next: `${variable}="$PWD/${file}"`,
      });
    }
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new PlimsollError({
        code: 'devices-missing',
        category: 'input',
        message: `${variable} names ${file}, which cannot be read`,
        next: `write the file, or unset ${variable}`,
        cause,
      });
    });
    return makeSimulatedDevices(readSimulatedDevices(bytes, file));
  };
}

/** Returns a probe that tells the simulated devices in place of those of the machine. */
export function withSimulatedDevices(probe: NodeProbe, simulated: SimulatedDevices): NodeProbe {
  return {
    async probe(signal) {
      const [{ facts }, devices] = await Promise.all([probe.probe(signal), simulated()]);
      const { devices: _devices, ...unknown } = facts.unknown;
      return { facts: { ...facts, source: 'declared', devices, unknown }, withPrivilege: [] };
    },
  };
}
