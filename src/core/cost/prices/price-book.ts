/** How a device is paid for. `reserved` is what commitments cover; it has no entry of its own. */
export const purchases = ['on-demand', 'spot'] as const;
export type Purchase = (typeof purchases)[number];

/**
 * How the money of a device is split between its compute and its memory account, for MIG instances that take other parts of
 * one than of the other.
 *
 * | method | compute account | memory account |
 * |---|---|---|
 * | by-price | the price of the device | the price of its memory, per GB |
 * | even | half | half |
 * | compute-slices | all | nothing |
 * | memory-slices | nothing | all |
 */
export const splitMethods = ['by-price', 'even', 'compute-slices', 'memory-slices'] as const;
export type SplitMethod = (typeof splitMethods)[number];

/** Money is whole millionths of the currency. */
export interface PriceBook {
  /** ISO 4217. */
  readonly currency: string;
  /** Where the prices come from, in words: an invoice, a price list, its date. */
  readonly source: string;
  readonly split: SplitMethod;
  readonly devices: readonly DevicePrice[];
  readonly cores: readonly CorePrice[];
  readonly commitments: readonly Commitment[];
  readonly discounts: readonly Discount[];
  /** Pools that are not bought on demand. */
  readonly pools: Readonly<Record<string, Purchase>>;
  /** What one late request costs, in the currency; null where the book does not say. */
  readonly lateRequest: number | null;
}

/** From when up to when something holds, wall milliseconds; no end: null. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number | null;
}

export interface DevicePrice extends Validity {
  /** As rows name the class; `default` stands for classes without a price. */
  readonly deviceClass: string;
  readonly purchase: Purchase;
  readonly microsPerHour: number;
  /** Of the memory, where it has a price of its own. */
  readonly memory: { readonly gb: number; readonly microsPerGbHour: number } | null;
}

export interface CorePrice extends Validity {
  readonly purchase: Purchase;
  readonly microsPerHour: number;
}

/** Devices that are paid for whether they are there or not. */
export interface Commitment {
  readonly id: string;
  readonly deviceClass: string;
  readonly devices: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Paid once for all devices and all of the time; spread evenly over its hours. */
  readonly upfrontMicros: number;
  /** Of one device. */
  readonly microsPerHour: number;
}

export interface Discount extends Validity {
  /** Null: of all classes, and of cores. */
  readonly deviceClass: string | null;
  /** Hundredths of a percent: 1,000 is 10%. */
  readonly basisPoints: number;
}
