import { migBoardOf, type MigBoard, type MigProfile } from '../../../hardware/tables/mig-profiles.ts';
import type { DeviceLayout } from '../fact.ts';
import type { DeviceUnit } from '../row.ts';
import { findUsableSlices } from './usable-slices.ts';

/** One part of a device. Parts of both accounts are whole numbers of `computeParts` and `memoryParts` of the device. */
export interface DeviceSlot {
  readonly slot: string;
  readonly compute: number;
  readonly memory: number;
  /** `claimable`: a claim may name it. `free` and `stranded`: slices without an instance. */
  readonly use: 'claimable' | 'free' | 'stranded' | 'unknown';
}

/** A device cut into slots, which add up to all of its parts in each account. */
export interface SlottedDevice {
  readonly computeParts: number;
  readonly memoryParts: number;
  /** Devices that it counts for: 1, or the number of cores. */
  readonly devices: number;
  readonly unit: DeviceUnit;
  readonly slots: readonly DeviceSlot[];
  /** Whether busy time on a slot is of that slot alone. */
  readonly isIsolated: boolean;
}

/** Whether a claim may be on it. Of a board whose layout is not known that is all of the board. */
export const isHeld = ({ use }: DeviceSlot): boolean => use === 'claimable' || use === 'unknown';

export const wholeSlot = 'whole';
export const coresSlot = 'cores';
const freeSlot = '(free slices)';
const strandedSlot = '(stranded slices)';
const unknownSlot = '(unknown layout)';
const milli = 1_000;

/**
 * Returns the slots of a layout.
 *
 * | layout | parts of compute | parts of memory | slots |
 * |---|---|---|---|
 * | whole | 1 | 1 | `whole` |
 * | MIG | compute slices of the largest profile (7) | memory slices of the board (8) | one an instance, and what is left |
 * | shared | shares | shares | one a share |
 * | cores | 1,000 a core | the same | `cores`, of which claims hold parts |
 *
 * Slices without an instance are `free` as far as some further profile can use them, and `stranded` beyond.
 *
 * A MIG layout that the tables cannot read (unknown board or profile, slices taken twice) is one slot of unknown layout.
 */
export function slotDevice(layout: DeviceLayout, pciDeviceId: string | null): SlottedDevice {
  if (layout.kind === 'whole') return evenSlots([wholeSlot], true);
  if (layout.kind === 'shared') {
    return evenSlots(
      Array.from({ length: layout.shares }, (_, share) => String(share)),
      false,
    );
  }
  if (layout.kind === 'cores') {
    const parts = layout.cores * milli;
    const slots = [{ slot: coresSlot, compute: parts, memory: parts, use: 'claimable' } as const];
    return { computeParts: milli, memoryParts: milli, devices: layout.cores, unit: 'core', slots, isIsolated: true };
  }
  return migSlots(layout, migBoardOf(pciDeviceId));
}

function evenSlots(names: readonly string[], isIsolated: boolean): SlottedDevice {
  const slots = names.map((slot): DeviceSlot => ({ slot, compute: 1, memory: 1, use: 'claimable' }));
  return { computeParts: names.length, memoryParts: names.length, devices: 1, unit: 'accelerator', slots, isIsolated };
}

function migSlots({ instances }: Extract<DeviceLayout, { kind: 'mig' }>, board: MigBoard | null): SlottedDevice {
  if (board === null) return unknownDevice;
  const computeParts = board.profiles.reduce((most, { profile }) => Math.max(most, computeSlicesOf(profile)), 0);
  const slots: DeviceSlot[] = [];
  const placed: { readonly profile: MigProfile; readonly start: number }[] = [];
  let taken = 0;
  for (const { slot, profile: name, start } of instances) {
    const profile = board.profiles.find((each) => each.profile === name);
    if (profile === undefined || !profile.starts.includes(start)) return unknownDevice;
    const bits = ((1 << profile.size) - 1) << start;
    if ((taken & bits) !== 0) return unknownDevice;
    taken |= bits;
    placed.push({ profile, start });
    slots.push({ slot, compute: computeSlicesOf(name), memory: profile.size, use: 'claimable' });
  }
  const left = {
    compute: computeParts - slots.reduce((sum, { compute }) => sum + compute, 0),
    memory: board.slices - slots.reduce((sum, { memory }) => sum + memory, 0),
  };
  if (left.compute < 0 || new Set(slots.map(({ slot }) => slot)).size < slots.length) return unknownDevice;
  const usable = findUsableSlices(board, placed, left.compute);
  const rest: readonly DeviceSlot[] = [
    { slot: freeSlot, ...usable, use: 'free' },
    {
      slot: strandedSlot,
      compute: left.compute - usable.compute,
      memory: left.memory - usable.memory,
      use: 'stranded',
    },
  ];
  return {
    computeParts,
    memoryParts: board.slices,
    devices: 1,
    unit: 'accelerator',
    slots: [...slots, ...rest.filter(({ compute, memory }) => compute > 0 || memory > 0)],
    isIsolated: true,
  };
}

const unknownDevice: SlottedDevice = {
  computeParts: 1,
  memoryParts: 1,
  devices: 1,
  unit: 'accelerator',
  slots: [{ slot: unknownSlot, compute: 1, memory: 1, use: 'unknown' }],
  isIsolated: true,
};

/** `3g.40gb`: 3. */
export const computeSlicesOf = (profile: string): number => Number(/^(\d+)g\./.exec(profile)?.[1] ?? 0);
