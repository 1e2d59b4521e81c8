import type { DeviceHold, SharedDevice } from '../../../core/packing/shares/shared-device.ts';

const mebibyte = 1_048_576;
const wholePercent = 100;

/**
 * Returns the variables by which CUDA keeps a program to its part of the devices.
 *
 * | sharing | variables |
 * |---|---|
 * | exclusive, time-slicing | `CUDA_VISIBLE_DEVICES` with the UUIDs |
 * | MPS | that, `CUDA_MPS_ACTIVE_THREAD_PERCENTAGE`: 50 of a half, and `CUDA_MPS_PINNED_DEVICE_MEM_LIMIT`: `0=12288M` |
 *
 * The limit of memory names the device as the program counts it: the only visible one is 0. Percentages are rounded down.
 * Source: https://docs.nvidia.com/deploy/mps/latest/appendix-environment-variables.html (read 2026-11).
 */
export function makeDeviceVariables(
  holds: readonly DeviceHold[],
  devices: readonly SharedDevice[],
): Readonly<Record<string, string>> {
  const own = holds.flatMap((hold) => devices.find(({ device }) => device === hold.device) ?? []);
  const [first] = own;
  if (first === undefined) return {};
  const visible = { CUDA_VISIBLE_DEVICES: own.map(({ device }) => device).join(',') };
  if (first.sharing !== 'mps') return visible;
  const { shares, memoryBytes } = first;
  return {
    ...visible,
    CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: String(Math.floor(wholePercent / shares)),
    ...(memoryBytes === null ? {} : { CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: `0=${Math.floor(memoryBytes / mebibyte)}M` }),
  };
}
