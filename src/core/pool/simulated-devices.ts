import type { Sharing } from '../contract/contract.ts';
import { classOnlyFacts } from './classes/class-only-facts.ts';
import type { DeviceFacts } from './node-facts.ts';

/** Devices of one kind that somebody declared for a machine, to try out a pool. */
export interface SimulatedKind {
  /** `NVIDIA L4`. */
  readonly product: string;
  readonly count: number;
  readonly memoryBytes: number;
  readonly sharing: Exclude<Sharing, 'mig'>;
  /** As how many a shared device is handed out; left out of an exclusive one. */
  readonly shares?: number;
  readonly computeCapability?: string;
  readonly driver?: string;
  readonly driverCuda?: string;
}

const notStated = 'the file of simulated devices does not state it';

/**
 * Returns the facts of declared devices, named `simulated-0`, `simulated-1` and so on. Their product begins with
 * `Simulated`, so that nothing which was measured on one is evidence of a real device.
 */
export function makeSimulatedDevices(kinds: readonly SimulatedKind[]): readonly DeviceFacts[] {
  const each = kinds.flatMap((kind) => Array.from({ length: kind.count }, () => kind));
  return each.map(({ product, memoryBytes, sharing, shares, computeCapability, driver, driverCuda }, index) => ({
    ...classOnlyFacts,
    index,
    uuid: `simulated-${index}`,
    product: `Simulated ${product}`,
    brand: null,
    pciDeviceId: null,
    computeCapability: computeCapability ?? null,
    memoryBytes,
    driver: driver ?? null,
    driverCuda: driverCuda ?? null,
    mig: { capable: false, enabled: false, instances: [] },
    sharing,
    ...(shares === undefined ? {} : { replicas: shares }),
    eccEnabled: null,
    certainty: 'declared' as const,
    unknown: Object.fromEntries(
      Object.entries({ computeCapability, driver, driverCuda })
        .filter(([, value]) => value === undefined)
        .map(([field]) => [field, notStated]),
    ),
  }));
}
