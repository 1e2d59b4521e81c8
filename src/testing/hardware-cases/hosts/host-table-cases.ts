import {
  dockerWithClone3,
  execStackTunable,
  execStackWheels,
  glibcWithClone3,
  glibcWithoutExecStack,
  linuxBranchesFrom,
  linuxBranchStep,
  mpsClients,
  ncclFailsUnderWsl,
  toolkitWithCgroups2,
  toolkitWithWslLibrary,
  wslDriverFrom,
  wslLibraryFrom,
  profilesForDesktops,
  profilesWithoutCuda,
} from '../../../core/hardware/tables/host/container-hosts.ts';
import { gridBoards } from '../../../core/hardware/tables/device-states.ts';
import { jetsonReleases } from '../../../core/hardware/tables/cuda-drivers.ts';
import {
  defaultCapabilities,
  driverGlibcs,
  injectedLibraries,
  isInjectedLibrary,
  stemOfLibrary,
} from '../../../core/hardware/tables/host/injected-libraries.ts';
import { jetsonBases, tegraFolder, tegraWheel } from '../../../core/hardware/tables/host/jetson-bases.ts';
import { memoryTakers } from '../../../core/hardware/tables/host/memory-takers.ts';
import { boardMultiprocessors, mpsShare } from '../../../core/hardware/tables/host/mps-shares.ts';
import {
  driverCallFloors,
  mappingsRefusedBelow,
  memoryServiceUsers,
  poolsFromCuda,
  wholeOfBoard,
} from '../../../core/hardware/tables/host/memory-services.ts';
import type { TableCase } from '../engines/table-case.ts';

const virtualNames = [
  ...[
    'GRID T4-8A',
    'GRID T4-2B',
    'GRID T4-4Q',
    'GRID M60-2B',
    'GRID M60-4Q',
    'GRID M60-8Q',
    'GRID M10-1Q',
    'GRID M6-2Q',
  ],
  ...['GRID K260Q', 'GRID K100', 'GRID K2', 'NVIDIA GRID K520', 'GRID K1', 'GRID K340', 'GRID K5200', 'GRID M600-2C'],
];

function profileOf(name: string): string | null {
  if (profilesWithoutCuda.some(({ product }) => new RegExp(product).test(name))) return `${name} no`;
  if (new RegExp(profilesForDesktops).test(name)) return `${name} maybe`;
  return new RegExp(gridBoards).test(name) ? `${name} board` : null;
}

/** Tables of what hosts of containers and drivers refuse. */
export const hostTableCases: readonly TableCase[] = [
  {
    name: 'programs that ask the driver for more than plain memory',
    printed:
      'torch 2.1- mappings PYTORCH_CUDA_ALLOC_CONF|PYTORCH_ALLOC_CONF, torch 2.0- pools PYTORCH_CUDA_ALLOC_CONF|PYTORCH_ALLOC_CONF, lmdeploy 0- pools unless pytorch, ctranslate2 2.0- pools CT2_CUDA_ALLOCATOR, xgboost 3.0-3.2 mappings; 11.2 10.0 0.9',
    held: () =>
      `${memoryServiceUsers
        .map(
          ({ of, from, to, service, variable, unlessBackend }) =>
            `${of} ${from}-${to ?? ''} ${service}${variable === undefined ? '' : ` ${variable.names.join('|')}`}${unlessBackend === undefined ? '' : ` unless ${unlessBackend}`}`,
        )
        .join(', ')}; ${poolsFromCuda} ${mappingsRefusedBelow} ${wholeOfBoard}`,
  },
  {
    name: 'programs that call what older drivers lack',
    printed:
      'lmdeploy 0-0.2 fails to 11.4, runs from 11.7, max 26.3- fails to 12.9, runs from 13.0 without MODULAR_NVPTX_COMPILER_PATH, max 26.3- fails to 12.2, runs from 12.6 with MODULAR_NVPTX_COMPILER_PATH',
    held: () =>
      driverCallFloors
        .map(
          ({ of, from, to, failsTo, runsFrom, variable }) =>
            `${of} ${from}-${to ?? ''} fails to ${failsTo}, runs from ${runsFrom}${variable === undefined ? '' : ` ${variable.isSet ? 'with' : 'without'} ${variable.name}`}`,
        )
        .join(', '),
  },
  {
    name: 'versions from which hosts and loaders refuse',
    printed:
      'clone3 2.34 by Docker before 20.10.10; groups 1.8.0; WSL 1.14.4 from 555; stack 2.41 unless GLIBC_TUNABLES, ctranslate2 0-4.5, intel-extension-for-pytorch 2.5-2.6; Linux 450 by 5; NCCL 2.20; GRID T4-8A no, GRID T4-2B maybe, GRID M60-2B no, GRID M60-4Q no, GRID M10-1Q no, GRID M6-2Q no, GRID K260Q no, GRID K100 no, GRID K2 board, NVIDIA GRID K520 board, GRID K1 board, GRID K340 board; MPS 48 60; drivers for WSL 465',
    held: () =>
      `clone3 ${glibcWithClone3} by Docker before ${dockerWithClone3}; groups ${toolkitWithCgroups2}; WSL ${toolkitWithWslLibrary} from ${wslLibraryFrom}; stack ${glibcWithoutExecStack} unless ${execStackTunable.name}, ${execStackWheels.map(({ of, from, to }) => `${of} ${from}-${to}`).join(', ')}; Linux ${linuxBranchesFrom} by ${linuxBranchStep}; NCCL ${ncclFailsUnderWsl}; ${virtualNames.flatMap((name) => profileOf(name) ?? []).join(', ')}; MPS ${mpsClients.always} ${mpsClients.most}; drivers for WSL ${wslDriverFrom}`,
  },
  {
    name: 'multiprocessors that MPS shares',
    printed:
      'A2 10, A16 10, T4 40, GB10 48, A30 56, L4 58, A10 72, H20 78, V100 80, RTX 3090 82, A40 84, RTX A6000 84, A100 108, H100 114; runs from 1.8667, fails to 1.8182',
    held: () =>
      `${boardMultiprocessors.map(({ board, count }) => `${board} ${count}`).join(', ')}; runs from ${mpsShare.runs.toFixed(4)}, fails to ${mpsShare.fails.toFixed(4)}`,
  },
  {
    name: 'libraries of a driver by capability',
    printed:
      'video: libnvcuvid libnvidia-encode libnvidia-opticalflow libvdpau_nvidia, utility: libnvidia-ml libnvidia-cfg, graphics or display: libnvoptix libnvidia-rtcore libGLX_nvidia libEGL_nvidia libnvidia-eglcore libnvidia-glcore, ngx: libnvidia-ngx; compute utility without any; yes yes no no no',
    held: () =>
      `${injectedLibraries
        .map(({ capabilities, libraries }) => `${capabilities.join(' or ')}: ${libraries.join(' ')}`)
        .join(', ')}; ${defaultCapabilities.join(' ')} without any; ${[
        'libnvcuvid.so.1',
        'libnvidia-ml.so.550.54.14',
        'libcuda.so.1',
        'libnvcuvid2.so.1',
        'xlibnvcuvid.so.1',
      ]
        .map((name) => (isInjectedLibrary(name) ? 'yes' : 'no'))
        .join(' ')}`,
  },
  {
    name: 'names of libraries',
    printed: 'libnvcuvid libnvidia-ml plain',
    held: () => ['libnvcuvid.so.1', 'libnvidia-ml.so', 'plain'].map((name) => stemOfLibrary(name)).join(' '),
  },
  {
    name: 'drivers of systems on chip',
    printed: 'releases below 100; 540 needs 2.34',
    held: () =>
      `releases below ${jetsonReleases.below}; ${driverGlibcs.map(({ branch, glibc }) => `${branch} needs ${glibc}`).join(', ')}`,
  },
  {
    name: 'images of Jetson by the releases that refuse them',
    printed:
      'JetPack 5 or older below 11.7 and 2.34 on 36 540, JetPack 4 below 11.0 and 2.31 on 34 35; usr/lib/aarch64-linux-gnu/tegra; 2.0.0+nv23.5',
    held: () =>
      `${jetsonBases
        .map(
          ({ base, cudaBelow, glibcBelow, hosts }) =>
            `${base} below ${cudaBelow} and ${glibcBelow} on ${hosts.join(' ')}`,
        )
        .join(', ')}; ${tegraFolder}; ${['2.0.0+nv23.5', '2.0.0+cu118', '2.1.0a0+32f93b1', '2.0.0+nv23.5.local']
        .filter((version) => new RegExp(tegraWheel).test(version))
        .join(' ')}`,
  },
  {
    name: 'programs that take a share of the memory of a board when they start',
    printed:
      'tensorflow 1 TF_FORCE_GPU_ALLOW_GROWTH=true beside tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, tensorflow-gpu 1 TF_FORCE_GPU_ALLOW_GROWTH=true beside tensorflow tensorflow-gpu tensorrt tensorrt-cu11 tensorrt-cu12 tensorrt-cu13 transformers, jax 0.75 XLA_CLIENT_MEM_FRACTION XLA_PYTHON_CLIENT_MEM_FRACTION XLA_PYTHON_CLIENT_PREALLOCATE=false|0 XLA_PYTHON_CLIENT_ALLOCATOR=platform beside jax, vllm 0.9 --gpu-memory-utilization',
    held: () =>
      memoryTakers
        .map(({ of, share, arguments: names, shares, unless, beside }) =>
          [
            of,
            share,
            ...names,
            ...shares,
            ...unless.map(({ name, values }) => `${name}=${values.join('|')}`),
            ...(beside === undefined ? [] : [`beside ${beside.join(' ')}`]),
          ].join(' '),
        )
        .join(', '),
  },
];
