import type { Sharing } from '../../contract/contract.ts';
import type { Source } from './source.ts';

/** What a device must be for a way of sharing it. Ways that are not here work on every device. */
export interface SharingFloor {
  readonly sharing: Sharing;
  /** Lowest compute capability. */
  readonly capability: string;
  readonly onInstances: boolean;
  readonly source: Source;
}

export const sharingFloors: readonly SharingFloor[] = [
  {
    sharing: 'mps',
    capability: '7.0',
    onInstances: false,
    source: {
      title: 'NVIDIA k8s-device-plugin, cmd/mps-control-daemon/mps/device.go, and README, "With CUDA MPS"',
      url: 'https://github.com/NVIDIA/k8s-device-plugin/blob/main/cmd/mps-control-daemon/mps/device.go',
      date: '2024-04',
    },
  },
  {
    sharing: 'time-slicing',
    capability: '6.0',
    onInstances: true,
    source: {
      title: 'NVIDIA Pascal Tuning Guide, "Compute Preemption": kernels give way from Pascal on',
      url: 'https://docs.nvidia.com/cuda/pascal-tuning-guide/index.html',
      date: '2026-11',
    },
  },
];

/** First NCCL whose ranks may lie on several MIG instances. */
export const ncclOnInstances: { readonly version: string; readonly source: Source } = {
  version: '2.32',
  source: {
    title: 'NCCL User Guide 2.32, "Using MIG instances"; NCCL issue 1716',
    url: 'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/usage/communicators.html#using-mig-instances',
    date: '2026-08-23',
  },
};
