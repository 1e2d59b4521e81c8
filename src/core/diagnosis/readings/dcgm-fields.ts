import { isRead, makeUnknown, type Reading } from './reading.ts';

/**
 * What a DCGM exporter is asked for. Names of dcgm-exporter and of DCGM's field identifiers,
 * https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html, 2026-11. Fields of the link, of throttling and of row
 * remapping are not in the exporter's default list: without them the driver tells them, or nobody.
 */
export const dcgmFields = {
  smActive: 'DCGM_FI_PROF_SM_ACTIVE',
  dramActive: 'DCGM_FI_PROF_DRAM_ACTIVE',
  sent: 'DCGM_FI_PROF_PCIE_TX_BYTES',
  received: 'DCGM_FI_PROF_PCIE_RX_BYTES',
  clock: 'DCGM_FI_DEV_SM_CLOCK',
  clockAtMost: 'DCGM_FI_DEV_MAX_SM_CLOCK',
  used: 'DCGM_FI_DEV_FB_USED',
  total: 'DCGM_FI_DEV_FB_TOTAL',
  generation: 'DCGM_FI_DEV_PCIE_LINK_GEN',
  generationAtMost: 'DCGM_FI_DEV_PCIE_MAX_LINK_GEN',
  width: 'DCGM_FI_DEV_PCIE_LINK_WIDTH',
  widthAtMost: 'DCGM_FI_DEV_PCIE_MAX_LINK_WIDTH',
  clockReasons: 'DCGM_FI_DEV_CLOCKS_EVENT_REASONS',
  /** The name before DCGM 4. */
  throttleReasons: 'DCGM_FI_DEV_CLOCK_THROTTLE_REASONS',
  remapPending: 'DCGM_FI_DEV_ROW_REMAP_PENDING',
} as const;

export const deviceMetricNames: readonly string[] = Object.values(dcgmFields);

/** Bits of nvmlClocksEventReasons, as nvidia-smi names them. Source: nvml.h of CUDA 12.8, 2026-11. */
const reasonBits: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'gpu_idle'],
  [0x2, 'applications_clocks_setting'],
  [0x4, 'sw_power_cap'],
  [0x8, 'hw_slowdown'],
  [0x10, 'sync_boost'],
  [0x20, 'sw_thermal_slowdown'],
  [0x40, 'hw_thermal_slowdown'],
  [0x80, 'hw_power_brake_slowdown'],
  [0x100, 'display_clocks_setting'],
];
/** Newer drivers have further reasons, whose names this version does not know. */
const maskBelow = 0x1_0000;

/** Returns the reasons for lowered clocks of a bit mask; null where it is none, or is no mask. A bit without a name is told by its number. */
export function reasonsOfMask(mask: Reading): readonly string[] | null {
  if (!isRead(mask) || !Number.isInteger(mask.value) || mask.value < 0 || mask.value >= maskBelow) return null;
  const bits = Array.from({ length: 16 }, (_, at) => 2 ** at).filter((bit) => (mask.value & bit) !== 0);
  return bits.map((bit) => reasonBits.find(([known]) => known === bit)?.[1] ?? `reason_0x${bit.toString(16)}`);
}

/** Widths that a link can have, PCI Express Base Specification 6.0. */
const widths: ReadonlySet<number> = new Set([1, 2, 4, 8, 12, 16, 32]);
const generationAtMost = 7;

/** The generation as it is told; unknown where no link has it: its source tells another unit, such as a rate. */
export const checkGeneration = (reading: Reading): Reading =>
  !isRead(reading) || (Number.isInteger(reading.value) && reading.value >= 1 && reading.value <= generationAtMost)
    ? reading
    : makeUnknown(`a link has no generation ${reading.value}: its source tells another unit`);

export const checkWidth = (reading: Reading): Reading =>
  !isRead(reading) || widths.has(reading.value)
    ? reading
    : makeUnknown(`a link has no ${reading.value} lanes: its source tells another unit`);

/** 1 or 0; unknown for another number, which is a count or another field. */
export const checkFlag = (reading: Reading, what: string): Reading =>
  !isRead(reading) || reading.value === 0 || reading.value === 1
    ? reading
    : makeUnknown(`${what} reads ${reading.value}, which is neither 0 nor 1`);
