import type { HardwareSection } from '../../../core/contract/contract.ts';
import type { ImageFacts } from '../../../core/evidence/lock/image-facts.ts';
import type { ModelHardwareFacts } from '../../../core/evidence/lock/model-facts.ts';
import type { ServiceDemands } from '../../../core/hardware/compatibility.ts';
import type { DeviceFacts, NodeFacts } from '../../../core/pool/node-facts.ts';
import type { PoolSnapshot } from '../../../core/pool/snapshot/pool-snapshot.ts';
import { digestOf } from '../../../core/units/digest.ts';

export const GiB = 2 ** 30;
export const MiB = 2 ** 20;

/** One A100 of 80 GiB on a driver of the 550 branch, read from the device itself. */
export function buildDevice(changes: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    index: 0,
    uuid: null,
    product: 'NVIDIA A100-SXM4-80GB',
    brand: 'nvidia',
    architecture: 'Ampere',
    pciDeviceId: '0x20B210DE',
    pciBusId: null,
    computeCapability: '8.0',
    memoryBytes: 81920 * MiB,
    reservedBytes: null,
    driver: '550.54.15',
    driverCuda: '12.4',
    mig: { capable: true, enabled: false, instances: [] },
    sharing: 'exclusive',
    eccEnabled: true,
    numaNode: null,
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    certainty: 'device',
    unknown: {},
    ...changes,
  };
}

/** The boards that tests speak of; everything else of a device is as `buildDevice` has it. */
export const boards = {
  a100: {},
  h100: {
    product: 'NVIDIA H100 80GB HBM3',
    architecture: 'Hopper',
    pciDeviceId: '0x233010DE',
    computeCapability: '9.0',
    memoryBytes: 81559 * MiB,
  },
  l4: {
    product: 'NVIDIA L4',
    architecture: 'Ada Lovelace',
    pciDeviceId: '0x27B810DE',
    computeCapability: '8.9',
    memoryBytes: 23034 * MiB,
    mig: { capable: false, enabled: false, instances: [] },
  },
  t4: {
    product: 'Tesla T4',
    architecture: 'Turing',
    pciDeviceId: '0x1EB810DE',
    computeCapability: '7.5',
    memoryBytes: 15360 * MiB,
    mig: { capable: false, enabled: false, instances: [] },
  },
} as const satisfies Readonly<Record<string, Partial<DeviceFacts>>>;

export function buildNode(name: string, devices: readonly DeviceFacts[], changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name,
    source: 'nvidia-smi',
    takenAtMs: null,
    labels: {},
    allocatable: {},
    cpu: null,
    memoryBytes: null,
    kernel: null,
    containerToolkit: null,
    devices: devices.map((device, index) => ({ ...device, index })),
    unknown: {},
    ...changes,
  };
}

export function buildPool(nodes: readonly NodeFacts[], changes: Partial<PoolSnapshot> = {}): PoolSnapshot {
  return { pool: 'h100-eu', takenAtMs: 1_000_000, sources: ['nodes.xml'], nodes, declared: [], ...changes };
}

/** A CUDA 12.4 image with kernels for 8.0 and 9.0, and no cuda-compat. */
export function buildImageFacts(changes: Partial<ImageFacts> = {}): ImageFacts {
  return {
    digest: digestOf('image'),
    platform: { os: 'linux', architecture: 'amd64' },
    env: { CUDA_VERSION: '12.4.1', NVIDIA_REQUIRE_CUDA: 'cuda>=12.4' },
    labels: {},
    cuda: { version: '12.4.127', from: 'usr/local/cuda/lib64/libcudart.so.12.4.127' },
    components: {},
    python: [],
    compat: null,
    libraries: [
      {
        path: 'opt/model/libkernels.so',
        bytes: 1_000_000,
        cubins: [
          { capability: '8.0', suffix: '' },
          { capability: '9.0', suffix: '' },
        ],
        ptx: [],
      },
    ],
    cpuLevel: null,
    unknown: {},
    ...changes,
  };
}

export function buildModelFacts(changes: Partial<ModelHardwareFacts> = {}): ModelHardwareFacts {
  return {
    format: 'onnx',
    weightsBytes: 400_000,
    kvBytesPerToken: null,
    leftOut: {},
    engine: null,
    unknown: {},
    ...changes,
  };
}

export function buildHardware(changes: Partial<HardwareSection> = {}): HardwareSection {
  return {
    accelerator: 'nvidia',
    devices: 1,
    runtime: {},
    sharing: ['exclusive'],
    allow: ['native', 'minor-version', 'forward'],
    ...changes,
  };
}

export function buildDemands(changes: Partial<ServiceDemands> = {}): ServiceDemands {
  return {
    service: 'digits',
    environment: 'prod',
    hardware: buildHardware(),
    image: buildImageFacts(),
    model: buildModelFacts(),
    runtime: {},
    selector: {},
    ...changes,
  };
}
