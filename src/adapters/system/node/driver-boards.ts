import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceFacts } from '../../../core/pool/node-facts.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from './node-roots.ts';

const mostBoards = 256;

/**
 * Boards as the kernel module lists them (`/proc/driver/nvidia/gpus/0000:01:00.0/information`), for a driver whose libraries cannot be asked: product, UUID
 * and place, and nothing else. Null where it lists none, or the folder cannot be read.
 */
export async function readDriverBoards(
  { proc }: Pick<NodeRoots, 'proc'>,
  driver: string,
  because: string,
): Promise<readonly DeviceFacts[] | null> {
  const folder = path.join(proc, 'driver/nvidia/gpus');
  const places = await readdir(folder).then(
    (names) => names.toSorted().slice(0, mostBoards),
    () => [],
  );
  const boards: DeviceFacts[] = [];
  for (const place of places) {
    const text = textOf(await readKernelFile(path.join(folder, place, 'information')));
    if (text === null) return null;
    boards.push(boardOf(text, boards.length, place, driver, because));
  }
  return boards.length === 0 ? null : boards;
}

const notTold = [
  'brand',
  'architecture',
  'pciDeviceId',
  'computeCapability',
  'memoryBytes',
  'reservedBytes',
  'driverCuda',
  'mig',
  'sharing',
  'eccEnabled',
  'numaNode',
  'link.generation',
  'link.maxGeneration',
  'link.width',
  'link.maxWidth',
  'powerLimitWatts',
  'throttleReasons',
] as const;

function boardOf(text: string, index: number, place: string, driver: string, because: string): DeviceFacts {
  const product = lineOf(text, 'Model');
  const uuid = lineOf(text, 'GPU UUID');
  const missing = [...notTold, ...(product === null ? ['product'] : []), ...(uuid === null ? ['uuid'] : [])];
  return {
    index,
    uuid,
    product,
    brand: null,
    architecture: null,
    pciDeviceId: null,
    pciBusId: place.toUpperCase(),
    computeCapability: null,
    memoryBytes: null,
    reservedBytes: null,
    driver,
    driverCuda: null,
    mig: null,
    sharing: null,
    eccEnabled: null,
    numaNode: null,
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    certainty: 'device',
    unknown: Object.fromEntries(missing.map((field) => [field, because])),
  };
}

/** `Model: \t\t NVIDIA GeForce RTX 4090`; `GPU-????????-...` of a board that was never opened is none. */
function lineOf(text: string, name: string): string | null {
  const value = new RegExp(String.raw`^${name}:\s*(\S.{0,127}?)\s*$`, 'm').exec(text)?.[1] ?? null;
  return value === null || value.includes('?') ? null : value;
}
