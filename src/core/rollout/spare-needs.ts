import { defaults } from '../contract/defaults.ts';
import { isBuiltInServer, makeSpareKey, type SpareNeeds } from '../scaling/warm-pool/spare-key.ts';
import type { PairWorkload } from './workload.ts';

type Needs = Pick<PairWorkload, 'image' | 'command' | 'devices' | 'sharing' | 'deviceMemoryBytes' | 'selector'>;

/** Returns what a spare needs so that a replica of this workload can be made of it. */
export function readSpareNeeds({ image, command, devices, sharing, deviceMemoryBytes, selector }: Needs): SpareNeeds {
  return {
    ...(image === undefined ? {} : { image }),
    command,
    devices,
    sharing: sharing ?? defaults.sharing,
    deviceMemoryBytes: deviceMemoryBytes ?? null,
    selector: selector ?? {},
  };
}

/** Returns the spare key of a workload. */
export const makeWorkloadSpareKey = (workload: Needs): string => makeSpareKey(readSpareNeeds(workload));

/**
 * Variables that the loader, Node, or a runtime's threads read once, when a process starts. A spare has started already.
 * Sources: ld.so(8), node(1), libuv's UV_THREADPOOL_SIZE, the OpenMP specification, the CUDA programming guide.
 */
export const readAtStart =
  /^(LD_.*|DYLD_.*|GLIBC_TUNABLES|MALLOC_.*|NODE_.*|UV_.*|OMP_.*|GOMP_.*|KMP_.*|MKL_.*|OPENBLAS_.*|ORT_.*|CUDA_.*|NVIDIA_.*|LANG|LANGUAGE|LC_.*|SSL_CERT_.*)$/;

/**
 * Returns why no replica of a workload can be made of a spare of the local platform; null where one can.
 *
 * | the workload | a spare |
 * |---|---|
 * | runs another program than `plimsoll serve-model` | fits not: only the built-in server waits without a model |
 * | sets a variable that is read when a process starts | fits not: the spare has read it already |
 * | anything else | fits |
 */
export function findSpareObstacle({
  command,
  env,
  secrets,
}: Pick<PairWorkload, 'command' | 'env' | 'secrets'>): string | null {
  if (!isBuiltInServer(command)) return '`code.command` is not `plimsoll serve-model`';
  const early = [...Object.keys(env), ...Object.keys(secrets)].find((name) => readAtStart.test(name));
  return early === undefined ? null : `\`code\` sets ${early}, which is read when a process starts`;
}
