import type { Source } from '../source.ts';

/** First glibc that starts threads by `clone3`. */
export const glibcWithClone3 = '2.34';
/** First Docker whose list of calls allows it; an older one refuses with an error after which glibc does not try `clone`. */
export const dockerWithClone3 = '20.10.10';
/** First version of the NVIDIA container toolkit that knows control groups of version 2. */
export const toolkitWithCgroups2 = '1.8.0';
/** First version of it that hands in `libnvdxgdmal.so.1` under WSL, which drivers of Windows from this branch on need (error 500). */
export const toolkitWithWslLibrary = '1.14.4';
export const wslLibraryFrom = 555;
/** First glibc that opens no library which asks for an executable stack, and the setting that allows it again. */
export const glibcWithoutExecStack = '2.41';
export const execStackTunable = { name: 'GLIBC_TUNABLES', holds: String.raw`\bglibc\.rtld\.execstack=2\b` } as const;
/** Published wheels that ask for one. */
export const execStackWheels: readonly {
  readonly of: string;
  readonly from: string;
  readonly to: string;
  readonly source: Source;
}[] = [
  {
    of: 'ctranslate2',
    from: '0',
    to: '4.5',
    source: {
      title: 'CTranslate2 issues 1698 and 1849, pull request 1852; reaspeech issue 184: 4.6.3 loads',
      url: 'https://github.com/OpenNMT/CTranslate2/issues/1849',
      date: '2025-02-04',
    },
  },
  {
    of: 'intel-extension-for-pytorch',
    from: '2.5',
    to: '2.6',
    source: {
      title: 'intel-extension-for-pytorch issue 794: 2.5 and 2.6 do not load with glibc 2.41',
      url: 'https://github.com/intel/intel-extension-for-pytorch/issues/794',
      date: '2025-03-11',
    },
  },
];

/**
 * Drivers of Linux since R450 have numbers that 5 divides (`550.54.14`); those of Windows mostly have others (`552.22`), and under WSL
 * the driver is that of Windows.
 */
export const linuxBranchStep = 5;
export const linuxBranchesFrom = 450;
/** NCCL up to here was told to fail over several devices under WSL; of newer versions nobody told. */
export const ncclFailsUnderWsl = '2.20';

/** Virtual GPUs that have no CUDA, by their names: `GRID P40-8A`, `GRID M60-4Q`, `GRID K260Q`. */
export const profilesWithoutCuda: readonly { readonly product: string; readonly says: string }[] = [
  { product: String.raw`-\d{1,3}A$`, says: 'for applications' },
  // Of Maxwell the one that is a whole board has CUDA.
  { product: String.raw`\bM(?:6|10|60)-(?!8Q$)\d{1,3}[BQ]$`, says: 'that is a part of a Maxwell board' },
  { product: String.raw`\bGRID K[12]\d0Q?$`, says: 'of a Kepler board' },
];
/** Virtual GPUs for desktops, which may have none: `GRID T4-2B`. */
export const profilesForDesktops = String.raw`-\d{1,3}B$`;
/** Clients that a server of MPS takes for a device: of every driver since Volta, and of the newest. */
export const mpsClients = { always: 48, most: 60 } as const;

/** First branch of drivers of Windows for everybody that bring libraries for WSL. */
export const wslDriverFrom = 465;

export const containerHostSources: Readonly<
  Record<
    | 'clone3'
    | 'cgroups2'
    | 'noToolkit'
    | 'brokenToolkit'
    | 'closedFiles'
    | 'otherRuntime'
    | 'foreignLibrary'
    | 'wslLibrary'
    | 'cdiSpec'
    | 'cdiMissing'
    | 'execStack'
    | 'driverFiles'
    | 'wslFiles'
    | 'wslDriver'
    | 'wslNccl'
    | 'nvSwitches'
    | 'sharedMps'
    | 'sharedSlices'
    | 'visible'
    | 'profiles'
    | 'mpsClients',
    Source
  >
> = {
  clone3: {
    title:
      'Docker Engine release notes, 20.10.10; moby issue 42680 and pull request 42836: clone3 in the default profile',
    url: 'https://github.com/moby/moby/pull/42836',
    date: '2021-10-25',
  },
  cgroups2: {
    title: 'libnvidia-container, release 1.8.0: supports both versions of control groups; nvidia-docker issue 1447',
    url: 'https://github.com/NVIDIA/libnvidia-container/releases/tag/v1.8.0',
    date: '2022-02-04',
  },
  noToolkit: {
    title:
      'moby, daemon/nvidia_linux.go: Docker knows devices of NVIDIA where nvidia-container-runtime-hook is on its PATH; nvdiffrast issue 26, BundleSDF issue 184: could not select device driver',
    url: 'https://github.com/NVlabs/nvdiffrast/issues/26',
    date: '2025-01-23',
  },
  brokenToolkit: {
    title:
      'gpu-operator issues 58, 72, 755 and 1113: GLIBC_2.27 not found, required by libnvidia-container.so.1, on CentOS 7 and Amazon Linux 2; Conf-net issue 5, nvidia-docker issue 587: ldconfig.real is not there',
    url: 'https://github.com/NVIDIA/gpu-operator/issues/72',
    date: '2024-11-13',
  },
  closedFiles: {
    title:
      'libnvidia-container, nvc.c: without a user it asks the driver as that of /proc/sys/kernel/overflowuid; LXD issue 5625, nvidia-docker issue 1547: files of root:video with mode 660',
    url: 'https://github.com/canonical/lxd/issues/5625',
    date: '2021-09-15',
  },
  otherRuntime: {
    title:
      'k8s-device-plugin issues 107, 314 and 1552: pods that containerd starts by another runtime get no device, unless CDI hands it in; gpu-operator issue 346',
    url: 'https://github.com/NVIDIA/k8s-device-plugin/issues/314',
    date: '2025-12-04',
  },
  foreignLibrary: {
    title:
      'CUDA on WSL User Guide: the driver of Windows is mapped in, and no driver for Linux must be installed; nvidia-docker issue 1508',
    url: 'https://docs.nvidia.com/cuda/wsl-user-guide',
    date: '2026-11',
  },
  wslLibrary: {
    title:
      'nvidia-container-toolkit issue 520: drivers of Windows from 555 on need libnvdxgdmal.so.1, which 1.14.4 and 1.15.0 hand in; Docker Desktop 4.31',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/520',
    date: '2024-05-29',
  },
  cdiMissing: {
    title:
      'k8s-device-plugin issue 1203, nvidia-container-toolkit issue 1239: in the mode cdi devices of no specification are unresolvable',
    url: 'https://github.com/NVIDIA/k8s-device-plugin/issues/1203',
    date: '2025-03-14',
  },
  cdiSpec: {
    title:
      'NVIDIA Container Toolkit, "Support for Container Device Interface": generate it anew after the driver changes; issue 450',
    url: 'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/cdi-support.html',
    date: '2026-11',
  },
  execStack: {
    title: 'glibc 2.41, NEWS: dlopen no longer makes the stack executable; CTranslate2 issue 1849',
    url: 'https://sourceware.org/glibc/wiki/Release/2.41',
    date: '2025-01-30',
  },
  driverFiles: {
    title:
      'nvidia-docker issues 856 and 1488: ldconfig gives libcuda.so.1 to the newest file, which is that of the image',
    url: 'https://github.com/NVIDIA/nvidia-docker/issues/1488',
    date: '2021-04-13',
  },
  wslDriver: {
    title:
      'WSL issues 6014, 6702 and 6772, cuDF issue 11573: previews of 455, 460 and 465 work in WSL; 461.79 and 461.92 for desktops bring no library',
    url: 'https://github.com/microsoft/WSL/issues/6702',
    date: '2021-04-07',
    // The first driver for everybody is not named there.
    inferred: true,
  },
  wslFiles: {
    title:
      'nvidia-container-toolkit issues 176 and 289: under WSL libnvidia-ml.so.1 of the image is in the way (file exists)',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/289',
    date: '2023-12-04',
  },
  wslNccl: {
    title: 'vLLM issues 4411 and 5161, WSL issue 12467, NCCL issue 511: one device works under WSL, and several do not',
    url: 'https://github.com/vllm-project/vllm/issues/5161',
    date: '2024-05-31',
  },
  nvSwitches: {
    title:
      'NVIDIA Fabric Manager User Guide, "NVSwitch and NVLink Initialization": CUDA waits for it (error 802); lisa issue 2823',
    url: 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide',
    date: '2025-05-06',
  },
  sharedMps: {
    title: 'k8s-device-plugin pull requests 574 and 1762, issue 1208: under MPS a request of more than one is refused',
    url: 'https://github.com/NVIDIA/k8s-device-plugin/issues/1208',
    date: '2026-05-13',
  },
  sharedSlices: {
    title: 'gpu-operator issue 386, k8s-device-plugin issue 491: two time slices may be of one board',
    url: 'https://github.com/NVIDIA/gpu-operator/issues/386',
    date: '2022-08-06',
  },
  visible: {
    title:
      'CUDA C++ Programming Guide, "CUDA Environment Variables": devices before the first invalid index are visible, no others',
    url: 'https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#env-vars',
    date: '2026-11',
  },
  profiles: {
    title:
      'NVIDIA vGPU User Guide, "OpenCL and CUDA Application Support": of Maxwell the 8Q type alone; vgpu_unlock issue 70: CUDA enabled: 0x0 of a P40-8A; NiceHashMiner issue 133: none on a K260Q',
    url: 'https://github.com/DualCoder/vgpu_unlock/issues/70',
    date: '2021-08-22',
  },
  mpsClients: {
    title: 'NVIDIA MPS, "Client-Server Connection Limits": 60 contexts for each device (48 before); impactx issue 1084',
    url: 'https://docs.nvidia.com/deploy/mps/latest/when-to-use-mps.html',
    date: '2026-07-29',
  },
};
