import type { Source } from '../source.ts';

/** Libraries of a driver that a container gets where `NVIDIA_DRIVER_CAPABILITIES` names one of these capabilities, or `all`. */
export interface InjectedLibraries {
  readonly capabilities: readonly [string, ...string[]];
  /** Names as a library is linked to them, without `.so` and what follows. */
  readonly libraries: readonly string[];
}

/** What a container gets where the variable is not set, or empty. */
export const defaultCapabilities: readonly string[] = ['compute', 'utility'];

export const injectedLibraries: readonly InjectedLibraries[] = [
  {
    capabilities: ['video'],
    libraries: ['libnvcuvid', 'libnvidia-encode', 'libnvidia-opticalflow', 'libvdpau_nvidia'],
  },
  { capabilities: ['utility'], libraries: ['libnvidia-ml', 'libnvidia-cfg'] },
  {
    capabilities: ['graphics', 'display'],
    libraries: [
      'libnvoptix',
      'libnvidia-rtcore',
      'libGLX_nvidia',
      'libEGL_nvidia',
      'libnvidia-eglcore',
      'libnvidia-glcore',
    ],
  },
  { capabilities: ['ngx'], libraries: ['libnvidia-ngx'] },
];

export const injectedSources: Readonly<Record<'capabilities' | 'libraries', Source>> = {
  capabilities: {
    title:
      'NVIDIA Container Toolkit, "Driver Capabilities": without compute no libcuda.so.1 is handed in; LocalAI issue 11973',
    url: 'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html',
    date: '2026-09-11',
  },
  libraries: {
    title:
      'libnvidia-container, src/nvc_info.c: libraries of utility, compute, video, graphics and ngx; nvidia-docker issues 1001 and 1103',
    url: 'https://github.com/NVIDIA/libnvidia-container/blob/main/src/nvc_info.c',
    date: '2026-11',
  },
};

/** `libnvcuvid` of `libnvcuvid.so.1`. */
export const stemOfLibrary = (name: string): string => name.split('.so')[0] ?? name;

/** Whether a library is one that the container runtime hands in by a capability of its own. */
export const isInjectedLibrary = (name: string): boolean =>
  injectedLibraries.some(({ libraries }) => libraries.includes(stemOfLibrary(name)));

/** Drivers of systems on chip whose libraries are linked to a newer glibc than images of that time may have. */
export const driverGlibcs: readonly { readonly branch: number; readonly glibc: string; readonly source: Source }[] = [
  {
    // JetPack 6, which is Ubuntu 22.04.
    branch: 540,
    glibc: '2.34',
    source: {
      title:
        'nvidia-container-toolkit issue 543: driver files of newer Tegra systems need GLIBC_2.34; jetson-containers issues 628 and 725: images of JetPack 5 do not use CUDA on JetPack 6',
      url: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/543',
      date: '2024-06-14',
      // That it is JetPack 6 is concluded from its distribution and from the second report.
      inferred: true,
    },
  },
];
