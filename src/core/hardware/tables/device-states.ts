import type { Source } from './source.ts';

/** Products behind NVSwitches on HGX and DGX boards, as the driver names them; CUDA starts only once the fabric is up. */
export const nvSwitchProducts = String.raw`^(?:NVIDIA )?(?:H100 80GB HBM3|H800$|H20$|H200$|B200$|B300 SXM|GB[23]00)`;
/** Products that may stand behind NVSwitches and tell no state of the fabric: HGX A100 and HGX-2. */
export const olderSwitchProducts = String.raw`\b(?:A100-SXM4|A800-SXM4|V100-SXM3)\b`;
/**
 * Boards of one baseboard. A node that holds them all holds its NVSwitches too, and starts the fabric itself; virtual machines with
 * fewer get partitions that their host started (NVIDIA Fabric Manager User Guide, "Virtualization Models").
 */
export const boardsOfBaseboard = 8;
/** Products that reach their peers by NVLink, so that PCIe and the IOMMU are not between them. */
export const nvLinkProducts = String.raw`\b(?:SXM\d|HBM3e?|H800|H20|H200|GH200|B200|B300|GB[23]00|NVL)\b`;
/**
 * Products without memory of their own, whose driver tells no size of it (NVML, "Not Supported"): all memory of the machine is theirs. A Jetson
 * and a GB10 are such; Grace Hopper is not.
 */
export const productsOnHostMemory = String.raw`^(?:NVIDIA )?(?:GB10|Thor|(?:Jetson )?(?:AGX )?(?:Orin|Xavier))\b`;
/** Products that know confidential computing (NVIDIA, "Confidential Computing", supported GPUs, 2026-11). */
export const confidentialProducts = String.raw`\b(?:H100|H200|H800|H20|B200|B300|GB[23]00|RTX PRO 6000 Blackwell Server)\b`;
/** Virtual GPUs by the brand that the driver tells, and by the name of their profile. */
export const vgpuBrands: readonly string[] = [
  'grid',
  'nvidia-vapps',
  'nvidia-vpc',
  'nvidia-vcs',
  'nvidia-vws',
  // As nvidia-smi writes them.
  'nvidia-virtual-applications',
  'nvidia-virtual-pc',
  'nvidia-virtual-compute-server',
  'nvidia-rtx-virtual-workstation',
];
/** Whole boards whose name begins as that of a virtual GPU does, and whose brand is that of one. */
export const gridBoards = String.raw`^(?:NVIDIA )?GRID K(?:1|2|340|520)$`;
/** `GRID A100X-1-10C`, `NVIDIA L40S-48Q`: the profile ends the name. */
export const vgpuProducts = String.raw`^(?:NVIDIA )?GRID |-\d+[ABCQ](?:ME)?$`;
/** Blackwell and later run with open kernel modules alone. */
export const openModulesFrom = '10.0';
/** So do boards of Grace Hopper, whose capability others share. */
export const openModuleProducts = String.raw`\bGH\d{3}\b`;
export const openModuleProductsOf = '9.0';
/** Before Turing only proprietary ones run. */
export const openModulesNotBelow = '7.5';

/** First NCCL that makes a memory pool for each communicator, which needs unified memory; 2.18 made none. */
export const ncclWithPools = '2.23';

/** Boards whose driver says that they reach each other over PCIe, and that hang when they do so. */
export const brokenPeers: readonly {
  readonly product: string;
  readonly beforeDriver: string;
  readonly source: Source;
}[] = [
  {
    product: String.raw`\bGeForce RTX 40\d0`,
    beforeDriver: '525.105.17',
    source: {
      title: 'nccl-tests issue 117: several RTX 4090 hang, until the driver no longer offers them peer access',
      url: 'https://github.com/NVIDIA/nccl-tests/issues/117',
      date: '2023-01-31',
      // The first driver is that of the notes on 525.105.17.
      inferred: true,
    },
  },
];

export const stateSources: Readonly<
  Record<
    | 'fabric'
    | 'kernelModule'
    | 'openOnly'
    | 'licence'
    | 'peerAccess'
    | 'recovery'
    | 'runtime'
    | 'computeMode'
    | 'confidential'
    | 'unifiedMemory'
    | 'hostMemory'
    | 'link'
    | 'numa',
    Source
  >
> = {
  computeMode: {
    title: 'nvidia-smi, "Compute Mode"; Triton Inference Server issue 1321: devices are busy or unavailable',
    url: 'https://github.com/triton-inference-server/server/issues/1321',
    date: '2020-04-16',
  },
  confidential: {
    title:
      'NVIDIA nvtrust issues 37 and 56: a confidential GPU takes no work until it is set ready (nvidia-smi conf-compute -srs 1); NVML, NVML_CC_ACCEPTING_CLIENT_REQUESTS_FALSE',
    url: 'https://github.com/NVIDIA/nvtrust/issues/56',
    date: '2024-08-21',
  },
  unifiedMemory: {
    title:
      'NVIDIA AI Enterprise, "Unified Virtual Memory (UVM)": disabled by default on virtual GPUs; NCCL issue 2101: cudaMemPoolCreate is then not supported',
    url: 'https://docs.nvidia.com/ai-enterprise/release-8/latest/infra-software/vgpu/features/uvm.html',
    date: '2026-11',
  },
  hostMemory: {
    title:
      'NVIDIA DGX Spark, "Known Issues": nvidia-smi reports memory usage Not Supported; dra-driver-nvidia-gpu issue 1073',
    url: 'https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu/issues/1073',
    date: '2026-05-05',
  },
  numa: {
    title: 'CUDA C++ Best Practices Guide, "NUMA Best Practices"; Linux, "NUMA Memory Policy"',
    url: 'https://docs.nvidia.com/cuda/cuda-c-best-practices-guide/index.html',
    date: '2026-11',
  },
  link: {
    title:
      'nvidia-smi, "GPU Link information": width and generation as they are now; an idle link is older, not narrower',
    url: 'https://docs.nvidia.com/deploy/nvidia-smi/index.html',
    date: '2026-11',
  },
  fabric: {
    title: 'NVIDIA Fabric Manager User Guide, "NVSwitch and NVLink Initialization": error 802 until it is done',
    url: 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide',
    date: '2025-05-06',
  },
  kernelModule: {
    title: 'NVIDIA Driver Installation Guide, "Kernel Modules": proprietary for Maxwell, Pascal and Volta',
    url: 'https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/kernel-modules.html',
    date: '2026-11',
  },
  openOnly: {
    title:
      'NVIDIA, "Transitions Fully Towards Open-Source GPU Kernel Modules": Grace Hopper and Blackwell need the open ones',
    url: 'https://developer.nvidia.com/blog/nvidia-transitions-fully-towards-open-source-gpu-kernel-modules/',
    date: '2024-07-17',
  },
  licence: {
    title: 'NVIDIA vGPU, Client Licensing User Guide: what a virtual GPU without a licence does not do',
    url: 'https://docs.nvidia.com/vgpu/latest/grid-licensing-user-guide/index.html',
    date: '2026-11',
  },
  peerAccess: {
    title: 'NCCL User Guide, "Troubleshooting", PCI Access Control Services: IO virtualization can hang peers',
    url: 'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html',
    date: '2026-11',
  },
  recovery: {
    title: 'NVIDIA GPU Debug Guidelines, "GPU recovery action" and "Row Remapping"',
    url: 'https://docs.nvidia.com/deploy/gpu-debug-guidelines/index.html',
    date: '2026-11',
  },
  runtime: {
    title: 'nvidia-container-toolkit issue 1470: legacy mode checks the require string, jit-cdi does not',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/1470',
    date: '2025-11',
  },
};
