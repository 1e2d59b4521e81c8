import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { readNvml } from './read-nvml.ts';
import { readNvidiaSmi } from './read-nvidia-smi.ts';

/** What one source tells of the accelerators of this machine. */
export type DeviceReading =
  | {
      readonly kind: 'read';
      readonly source: 'nvml' | 'nvidia-smi';
      readonly devices: readonly DeviceFacts[];
      /** Why devices may be missing; null when all are there. */
      readonly incomplete: string | null;
      /** What more there would be with more rights. */
      readonly withPrivilege: readonly string[];
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly mismatch?: true };

export type DeviceReader = (signal: AbortSignal) => Promise<DeviceReading>;

/** As the driver's package names it, on the search path of the dynamic linker. */
export const nvmlLibraryName = 'libnvidia-ml.so.1';

/** From the one that tells most to the one that tells least. */
export function nvidiaDeviceReaders(options: {
  readonly nvmlLibrary: string;
  /** PATH. */
  readonly searchPath: string;
}): readonly DeviceReader[] {
  return [
    async (signal) => {
      const reading = await readNvml(options.nvmlLibrary, signal);
      if (reading.kind === 'failed') return reading;
      return {
        kind: 'read',
        source: 'nvml',
        devices: reading.devices,
        incomplete: reading.missing,
        withPrivilege: reading.placementsNeedRoot ? ['where each MIG instance lies on its board: root'] : [],
      };
    },
    async (signal) => {
      const reading = await readNvidiaSmi(options.searchPath, signal);
      if (reading.kind === 'failed') return reading;
      if (reading.devices === null) return { kind: 'failed', reason: reading.incomplete ?? 'nvidia-smi lists nothing' };
      return {
        kind: 'read',
        source: 'nvidia-smi',
        devices: reading.devices,
        incomplete: reading.incomplete,
        withPrivilege: [],
      };
    },
  ];
}
