import { hostname } from 'node:os';
import { readContainerToolkit } from '../../adapters/nvidia/container-toolkit.ts';
import { nvidiaDeviceReaders, nvmlLibraryName } from '../../adapters/nvidia/device-readers.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { cdiFolders } from '../../adapters/system/machine-state/cdi-spec.ts';
import { dockerSocket, readClone3 } from '../../adapters/system/machine-state/docker-calls.ts';
import { makeNodeProbe } from '../../adapters/system/node/node-probe.ts';
import { openSimulatedDevices, withSimulatedDevices } from './simulated-devices.ts';
import { nodeRoots } from '../../adapters/system/node/node-roots.ts';
import { openPreflightRecord } from './open-preflight.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';

/**
 * The facts of this machine. With `PLIMSOLL_SIMULATED_DEVICES` it is played to have the devices of that file, and no others.
 */
export function openNodeProbe(): NodeProbe {
  const searchPath = process.env['PATH'] ?? '';
  const probe = makeNodeProbe({
    roots: nodeRoots,
    hostName: hostname(),
    searchPath,
    clock: systemClock,
    deviceReaders: nvidiaDeviceReaders({ nvmlLibrary: nvmlLibraryName, searchPath }),
    preflight: (devices) => openPreflightRecord().read(devices),
    cdiFolders,
    clone3: (signal) => readClone3(dockerSocket, signal),
    containerToolkit: (signal) => readContainerToolkit(searchPath, signal),
  });
  const simulated = openSimulatedDevices(process.env);
  return simulated === null ? probe : withSimulatedDevices(probe, simulated);
}
