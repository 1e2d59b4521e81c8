import type { DeviceFacts } from '../../../core/pool/node-facts.ts';

/** A board as a driver tells it that tells neither its own version nor where the board is. */
export const board: DeviceFacts = {
  index: 0,
  uuid: 'GPU-1',
  product: 'NVIDIA A100-SXM4-40GB',
  brand: 'nvidia',
  architecture: 'Ampere',
  pciDeviceId: '0x20B010DE',
  pciBusId: '00000000:06:00.0',
  computeCapability: '8.0',
  memoryBytes: 42949672960,
  reservedBytes: 0,
  driver: null,
  driverCuda: '12.8',
  mig: { capable: true, enabled: false, instances: [] },
  sharing: null,
  eccEnabled: true,
  numaNode: null,
  link: { generation: null, maxGeneration: null, width: 16, maxWidth: 16 },
  powerLimitWatts: 400,
  throttleReasons: [],
  certainty: 'device',
  unknown: {
    driver: 'not told',
    numaNode: 'not told',
    sharing: 'not told',
    'link.generation': 'not told',
    'link.maxGeneration': 'not told',
  },
};
