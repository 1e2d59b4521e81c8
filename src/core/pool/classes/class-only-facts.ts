import type { DeviceFacts } from '../node-facts.ts';

/** Facts of one board that a device class does not have: what is declared or imagined stands in no node yet. */
export const classOnlyFacts = {
  index: null,
  uuid: null,
  architecture: null,
  pciBusId: null,
  reservedBytes: null,
  numaNode: null,
  link: null,
  powerLimitWatts: null,
  throttleReasons: null,
  unknown: {},
} as const satisfies Partial<DeviceFacts>;
