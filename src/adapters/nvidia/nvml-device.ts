import type { DeviceFacts, LinkFacts } from '../../core/pool/node-facts.ts';
import { readMig, type Unknown } from './nvml-mig.ts';
import { readState } from './nvml-state.ts';
import { textIn, type NvmlQuestions, type NvmlTold } from './nvml-questions.ts';

const mebibyte = 1024 * 1024;

/** NVML's brand numbers, in the words of nvidia-smi: lower case with dashes. */
const brands: Readonly<Record<number, string>> = {
  1: 'quadro',
  2: 'tesla',
  3: 'nvs',
  4: 'grid',
  5: 'geforce',
  6: 'titan',
  7: 'nvidia-virtual-applications',
  8: 'nvidia-virtual-pc',
  9: 'nvidia-virtual-compute-server',
  10: 'nvidia-rtx-virtual-workstation',
  11: 'nvidia-cloud-gaming',
  12: 'quadro-rtx',
  13: 'nvidia-rtx',
  14: 'nvidia',
  15: 'geforce-rtx',
  16: 'titan-rtx',
};

const architectures: Readonly<Record<number, string>> = {
  2: 'Kepler',
  3: 'Maxwell',
  4: 'Pascal',
  5: 'Volta',
  6: 'Turing',
  7: 'Ampere',
  8: 'Ada Lovelace',
  9: 'Hopper',
  10: 'Blackwell',
};

/** Bits of nvmlClocksEventReasons, by the names that nvidia-smi writes. */
const reasons = [
  'gpu_idle',
  'applications_clocks_setting',
  'sw_power_cap',
  'hw_slowdown',
  'sync_boost',
  'sw_thermal_slowdown',
  'hw_thermal_slowdown',
  'hw_power_brake_slowdown',
  'display_clocks_setting',
];

export interface DriverFacts {
  readonly driver: string | null;
  readonly driverCuda: string | null;
  readonly unknown: Readonly<Record<string, string>>;
}

/** One board. A function that fails, or that this driver does not have, leaves its own fact null and nothing else. */
export function readDevice(
  nvml: NvmlQuestions,
  handle: bigint,
  index: number,
  driver: DriverFacts,
): { readonly device: DeviceFacts; readonly placementsNeedRoot: boolean } {
  const unknown: Unknown = { ...driver.unknown };
  const keep = <T>(field: string, answer: NvmlTold<T>): T | null => {
    if ('value' in answer) return answer.value;
    unknown[field] = answer.reason;
    return null;
  };
  const named = (field: string, table: Readonly<Record<number, string>>, number: number | null): string | null => {
    const name = number === null ? undefined : table[number];
    if (number !== null && name === undefined) unknown[field] = `NVML says ${number}, which has no name here`;
    return name ?? null;
  };
  const pci = nvml.struct('nvmlDeviceGetPciInfo_v3', handle, 68);
  if ('reason' in pci) Object.assign(unknown, { pciDeviceId: pci.reason, pciBusId: pci.reason });
  const pciDeviceId = 'value' in pci ? hexadecimal(pci.value.getUint32(28, true)) : null;
  const { mig, placementsNeedRoot } = readMig(nvml, handle, pciDeviceId, unknown);
  const capability = keep('computeCapability', nvml.pair('nvmlDeviceGetCudaComputeCapability', handle));
  const ecc = keep('eccEnabled', nvml.pair('nvmlDeviceGetEccMode', handle));
  const limitMilliwatts = keep('powerLimitWatts', nvml.count('nvmlDeviceGetEnforcedPowerLimit', { handle }));
  const link = linkOf(nvml, handle, keep);
  const throttleReasons = reasonsOf(nvml, handle, unknown);
  const state = readState(nvml, handle, { ecc, link, throttleReasons });
  const facts: Omit<DeviceFacts, 'unknown'> = {
    index,
    uuid: keep('uuid', nvml.text('nvmlDeviceGetUUID', { handle })),
    product: keep('product', nvml.text('nvmlDeviceGetName', { handle })),
    brand: named('brand', brands, keep('brand', nvml.count('nvmlDeviceGetBrand', { handle }))),
    architecture: named(
      'architecture',
      architectures,
      keep('architecture', nvml.count('nvmlDeviceGetArchitecture', { handle })),
    ),
    pciDeviceId,
    pciBusId: 'value' in pci ? textIn(bytesOf(pci.value, 36, 32)).toUpperCase() : null,
    computeCapability: capability === null ? null : capability.join('.'),
    ...memoryOf(nvml, handle, keep),
    driver: driver.driver,
    driverCuda: driver.driverCuda,
    mig,
    sharing: mig?.enabled === true ? 'mig' : null,
    eccEnabled: ecc === null ? null : ecc[0] === 1,
    numaNode: null,
    link,
    powerLimitWatts: limitMilliwatts === null ? null : limitMilliwatts / 1000,
    throttleReasons,
    ...(Object.keys(state).length === 0 ? {} : { state }),
    certainty: 'device',
  };
  unknown['numaNode'] = 'NVML does not tell it';
  if (facts.sharing === null) unknown['sharing'] = 'NVML does not tell time-slicing or MPS, which are set up beside it';
  return { device: { ...facts, unknown }, placementsNeedRoot };
}

type Keep = <T>(field: string, answer: NvmlTold<T>) => T | null;

/**
 * Whole mebibytes, as nvidia-smi writes them: the same board is the same device class whichever of the two was read.
 * nvmlMemory_v2_t: version (its size and 2 << 24), total, reserved, free, used. Before 510 there is only the first form.
 */
function memoryOf(nvml: NvmlQuestions, handle: bigint, keep: Keep): Pick<DeviceFacts, 'memoryBytes' | 'reservedBytes'> {
  const whole = (bytes: bigint): number => Math.floor(Number(bytes) / mebibyte) * mebibyte;
  const second = nvml.struct('nvmlDeviceGetMemoryInfo_v2', handle, 40, (view) => {
    view.setUint32(0, 40 | (2 << 24), true);
  });
  if ('value' in second) {
    return {
      memoryBytes: whole(second.value.getBigUint64(8, true)),
      reservedBytes: whole(second.value.getBigUint64(16, true)),
    };
  }
  keep('reservedBytes', second);
  const first = keep('memoryBytes', nvml.struct('nvmlDeviceGetMemoryInfo', handle, 24));
  return { memoryBytes: first === null ? null : whole(first.getBigUint64(0, true)), reservedBytes: null };
}

function linkOf(nvml: NvmlQuestions, handle: bigint, keep: Keep): LinkFacts | null {
  const ask = (field: string, name: string): number | null => keep(`link.${field}`, nvml.count(name, { handle }));
  const link: LinkFacts = {
    generation: ask('generation', 'nvmlDeviceGetCurrPcieLinkGeneration'),
    maxGeneration: ask('maxGeneration', 'nvmlDeviceGetMaxPcieLinkGeneration'),
    width: ask('width', 'nvmlDeviceGetCurrPcieLinkWidth'),
    maxWidth: ask('maxWidth', 'nvmlDeviceGetMaxPcieLinkWidth'),
  };
  return Object.values(link).every((value) => value === null) ? null : link;
}

/** From 535 on the function has a new name; the bits are the same. */
function reasonsOf(nvml: NvmlQuestions, handle: bigint, unknown: Unknown): readonly string[] | null {
  let answer = nvml.long('nvmlDeviceGetCurrentClocksEventReasons', handle);
  if ('reason' in answer && answer.code === null) {
    answer = nvml.long('nvmlDeviceGetCurrentClocksThrottleReasons', handle);
  }
  if ('reason' in answer) {
    unknown['throttleReasons'] = answer.reason;
    return null;
  }
  const bits = answer.value;
  const unnamed = bits >> BigInt(reasons.length);
  if (unnamed !== 0n) unknown['throttleReasons'] = `bits without a name are set: 0x${bits.toString(16)}`;
  return reasons.filter((_, bit) => ((bits >> BigInt(bit)) & 1n) === 1n);
}

/** `0x20B010DE`. */
const hexadecimal = (number: number): string => `0x${number.toString(16).toUpperCase().padStart(8, '0')}`;

const bytesOf = (view: DataView, offset: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + offset, length);
