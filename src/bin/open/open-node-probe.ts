import { hostname } from 'node:os';
import { readContainerToolkit } from '../../adapters/nvidia/container-toolkit.ts';
import { nvidiaDeviceReaders, nvmlLibraryName } from '../../adapters/nvidia/device-readers.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { makeNodeProbe } from '../../adapters/system/node-probe.ts';
import { nodeRoots } from '../../adapters/system/node-roots.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';

/** The facts of this machine. */
export function openNodeProbe(): NodeProbe {
  const searchPath = process.env['PATH'] ?? '';
  return makeNodeProbe({
    roots: nodeRoots,
    hostName: hostname(),
    clock: systemClock,
    deviceReaders: nvidiaDeviceReaders({ nvmlLibrary: nvmlLibraryName, searchPath }),
    containerToolkit: (signal) => readContainerToolkit(searchPath, signal),
  });
}
