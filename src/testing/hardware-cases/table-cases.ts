import { brands } from '../../core/hardware/tables/brands.ts';
import { capabilities } from '../../core/hardware/tables/capabilities.ts';
import { cudaDrivers, cudaToldFrom } from '../../core/hardware/tables/cuda-drivers.ts';
import {
  publishedCompressions,
  zstdBranch,
  zstdToolkit,
} from '../../core/hardware/tables/engines/compressed-builds.ts';
import { brokenPeers, nvLinkProducts, nvSwitchProducts } from '../../core/hardware/tables/device-states.ts';
import { earlierForward, forwardStatements, forwardTable } from '../../core/hardware/tables/forward-compatibility.ts';
import { gpuOf } from '../../core/hardware/tables/gpus.ts';
import { migBoards } from '../../core/hardware/tables/mig-profiles.ts';
import { ncclOnInstances, sharingFloors } from '../../core/hardware/tables/sharing-floors.ts';
import { tritonCompilers, tritonEngines, wheelFloors } from '../../core/hardware/tables/engines/wheel-floors.ts';
import { hostTableCases } from './hosts/host-table-cases.ts';
import { modelTypeTableCases } from './models/model-type-table-cases.ts';
import { programTableCases } from './packages/program-table-cases.ts';
import { packageTableCases } from './packages/package-table-cases.ts';
import { versionTableCases } from './packages/version-table-cases.ts';
import { engineTableCases } from './engines/engine-table-cases.ts';
import type { TableCase } from './engines/table-case.ts';
import { torchKernels, torchRows } from '../../core/hardware/tables/engines/runtimes.ts';
import { tensorRtRows, tensorRtWheels } from '../../core/hardware/tables/engines/tensorrt.ts';

const lines = (...all: readonly string[]): string => all.join('\n');

/** Largest number, memory in MiB (nominal where no board was read), starts and size on the memory axis. */
const migLines: Readonly<Record<string, string>> = {
  '0x20B010DE 0x20B110DE 0x20F110DE 0x20F610DE':
    '8 | 1g.5gb x7 4864 0123456:1 | 1g.5gb+me x1 4864 0123456:1 | 1g.10gb x4 9856 0246:2 | 2g.10gb x3 9856 024:2 | 3g.20gb x2 19968 04:4 | 4g.20gb x1 19968 0:4 | 7g.40gb x1 40192 0:8',
  '0x20B210DE 0x20B510DE 0x20F310DE 0x20F510DE':
    '8 | 1g.10gb x7 9856 0123456:1 | 1g.10gb+me x1 9856 0123456:1 | 1g.20gb x4 19968 0246:2 | 2g.20gb x3 19968 024:2 | 3g.40gb x2 40192 04:4 | 4g.40gb x1 40192 0:4 | 7g.80gb x1 80384 0:8',
  '0x233010DE 0x233110DE 0x232210DE 0x232410DE':
    '8 | 1g.10gb x7 9984 0123456:1 | 1g.10gb+me x1 9984 0123456:1 | 1g.20gb x4 20091 0246:2 | 2g.20gb x3 20091 024:2 | 3g.40gb x2 40448 04:4 | 4g.40gb x1 40448 0:4 | 7g.80gb x1 81152 0:8',
  '0x232110DE 0x233A10DE':
    '8 | 1g.12gb x7 12288 0123456:1 | 1g.12gb+me x1 12288 0123456:1 | 1g.24gb x4 24576 0246:2 | 2g.24gb x3 24576 024:2 | 3g.47gb x2 48128 04:4 | 4g.47gb x1 48128 0:4 | 7g.94gb x1 96256 0:8',
  '0x234210DE 0x233D10DE 0x20B610DE 0x232910DE':
    '8 | 1g.12gb x7 12288 0123456:1 | 1g.12gb+me x1 12288 0123456:1 | 1g.24gb x4 24576 0246:2 | 2g.24gb x3 24576 024:2 | 3g.48gb x2 49152 04:4 | 4g.48gb x1 49152 0:4 | 7g.96gb x1 98304 0:8',
  '0x233510DE 0x233B10DE':
    '8 | 1g.18gb x7 18432 0123456:1 | 1g.18gb+me x1 18432 0123456:1 | 1g.35gb x4 35840 0246:2 | 2g.35gb x3 35840 024:2 | 3g.71gb x2 72704 04:4 | 4g.71gb x1 72704 0:4 | 7g.141gb x1 144384 0:8',
  '0x234810DE':
    '8 | 1g.18gb x7 18432 0123456:1 | 1g.18gb+me x1 18432 0123456:1 | 1g.36gb x4 36864 0246:2 | 2g.36gb x3 36864 024:2 | 3g.72gb x2 73728 04:4 | 4g.72gb x1 73728 0:4 | 7g.144gb x1 147456 0:8',
  '0x290110DE':
    '8 | 1g.23gb x7 23552 0123456:1 | 1g.23gb+me x1 23552 0123456:1 | 1g.45gb x4 46080 0246:2 | 2g.45gb x3 46080 024:2 | 3g.90gb x2 92160 04:4 | 4g.90gb x1 92160 0:4 | 7g.180gb x1 184320 0:8',
  '0x294110DE':
    '8 | 1g.24gb x7 24576 0123456:1 | 1g.24gb+me x1 24576 0123456:1 | 1g.47gb x4 48128 0246:2 | 2g.47gb x3 48128 024:2 | 3g.95gb x2 97280 04:4 | 4g.95gb x1 97280 0:4 | 7g.189gb x1 193536 0:8',
  '0x20B710DE':
    '4 | 1g.6gb x4 6144 0123:1 | 1g.6gb+me x1 6144 0123:1 | 2g.12gb x2 12288 02:2 | 2g.12gb+me x1 12288 02:2 | 4g.24gb x1 24576 0:4',
  '0x2BB510DE': '4 | 1g.24gb x4 24576 0123:1 | 2g.48gb x2 49152 02:2 | 4g.96gb x1 98304 0:4',
};

/** [product as the driver names it, capability, MIG instances, architecture of a CPU that it is soldered to]. */
const productLines = lines(
  'NVIDIA GB300 10.3 7 arm64',
  'NVIDIA GB200 10.0 7 arm64',
  'NVIDIA GH200 480GB 9.0 7 arm64',
  'NVIDIA GB10 12.1 0 arm64',
  'NVIDIA B300 SXM6 AC 10.3 7 -',
  'NVIDIA B200 10.0 7 -',
  'NVIDIA H200 NVL 9.0 7 -',
  'NVIDIA H100 80GB HBM3 9.0 7 -',
  'NVIDIA H100 80GB HBM3-MIG-1g.10gb 9.0 7 -',
  'NVIDIA H20 9.0 7 -',
  'NVIDIA A100-SXM4-40GB 8.0 7 -',
  'A100-PCIE-40GB 8.0 7 -',
  'NVIDIA A30 8.0 4 -',
  'NVIDIA A10 8.6 0 -',
  'NVIDIA A10G 8.6 0 -',
  'NVIDIA A16 8.6 0 -',
  'NVIDIA A40 8.6 0 -',
  'NVIDIA A2 8.6 0 -',
  'NVIDIA L4 8.9 0 -',
  'NVIDIA L40S 8.9 0 -',
  'NVIDIA L40 8.9 0 -',
  'Tesla T4 7.5 0 -',
  'NVIDIA T4G 7.5 0 -',
  'Tesla V100-SXM2-16GB 7.0 0 -',
  'Tesla P100-PCIE-16GB 6.0 0 -',
  'Tesla P40 6.1 0 -',
  'Tesla P4 6.1 0 -',
  'NVIDIA RTX PRO 6000 Blackwell Server Edition 12.0 4 -',
  'NVIDIA RTX 6000 Ada Generation 8.9 0 -',
  'NVIDIA RTX A6000 8.6 0 -',
  'NVIDIA GeForce RTX 5090 12.0 0 -',
  'NVIDIA GeForce RTX 4090 8.9 0 -',
  'NVIDIA GeForce RTX 3090 8.6 0 -',
);
const heldProduct = (line: string): string => {
  const product = line.split(' ').slice(0, -3).join(' ');
  const gpu = gpuOf(product);
  return `${product} ${gpu?.capability} ${gpu?.migInstances} ${gpu?.hostArchitecture ?? '-'}`;
};

export const tableCases: readonly TableCase[] = [
  ...Object.entries(migLines).map(([ids, printed]) => ({
    name: `MIG profiles of ${ids}`,
    printed,
    held: () => {
      const board = migBoards.find(({ pciDeviceIds }) => pciDeviceIds.join(' ') === ids);
      const profiles = board?.profiles.map(
        ({ profile, maxInstances, memoryMib, starts, size }) =>
          `${profile} x${maxInstances} ${memoryMib} ${starts.join('')}:${size}`,
      );
      return [board?.slices, ...(profiles ?? [])].join(' | ');
    },
  })),
  { name: 'boards with MIG', printed: '11', held: () => String(migBoards.length) },
  { name: 'products', printed: productLines, held: () => lines(...productLines.split('\n').map(heldProduct)) },
  {
    name: 'drivers of toolkits',
    printed:
      '7.0 346 346.46 -, 7.5 352 352.31 -, 8.0 367 367.48 375.26, 9.0 384 384.81 -, 9.1 387 387.26 390.46, 9.2 396 396.26 396.37, 10.0 410 410.48 -, 10.1 418 418.39 -, 10.2 440 440.33 -, 11.0 450 450.51.05 450.51.06, 11.1 455 455.23 455.32, 11.2 460 460.27.03 460.32.03, 11.3 465 465.19.01 -, 11.4 470 470.42.01 470.82.01, 11.5 495 495.29.05 -, 11.6 510 510.39.01 510.47.03, 11.7 515 515.43.04 515.48.07, 11.8 520 520.61.05 -, 12.0 525 525.60.13 525.85.12, 12.1 530 530.30.02 -, 12.2 535 535.54.03 535.104.05, 12.3 545 545.23.06 545.23.08, 12.4 550 550.54.14 550.54.15, 12.5 555 555.42.02 555.42.06, 12.6 560 560.28.03 560.35.05, 12.8 570 570.26 570.124.06, 12.9 575 575.51.03 575.57.08, 13.0 580 580.65.06 580.95.05, 13.1 590 590.44.01 -, 13.2 595 - -, 13.3 610 - -, 13.4 615 - -',
    held: () =>
      cudaDrivers
        .map(
          ({ cuda, branch, firstDriver, lastDriver }) => `${cuda} ${branch} ${firstDriver ?? '-'} ${lastDriver ?? '-'}`,
        )
        .join(', '),
  },
  {
    name: 'cuda-compat by driver branch 535 570 580 590 595 610 615',
    printed: lines(
      '13.4 C C C C C C -',
      '13.3 C C C C C - X',
      '13.2 C C C C - X X',
      '13.1 C C C - X X X',
      '13.0 C C - X X X X',
      '12.9 C C X X X X X',
      '12.8 C - X X X X X',
      '12.6 C X X X X X X',
      '12.5 C X X X X X X',
      '12.4 C X X X X X X',
      '12.3 C X X X X X X',
      '12.2 - X X X X X X',
    ),
    held: () => {
      const letters = { works: 'C', 'not-needed': '-', none: 'X' } as const;
      const branches = [535, 570, 580, 590, 595, 610, 615];
      const cell = (row: (typeof forwardTable)[number], branch: number): string =>
        letters[row.branches[branch] ?? 'none'];
      return lines(...forwardTable.map((row) => [row.cuda, ...branches.map((branch) => cell(row, branch))].join(' ')));
    },
  },
  {
    name: 'cuda-compat by branches that the table no longer has',
    printed:
      '10.0 384 only, 10.1 384 396 410 only, 10.2 384 396 410 418 only, 11.0 418 440, 11.2 418 440 450, 11.4 418 440 450, 11.6 418 450 470, 11.7 450 470 510, 11.8 450 470 510 515, 12.0 450 470 510 515, 12.1 450 470 510 515 525; CUDA told from 410',
    held: () =>
      `${earlierForward
        .map(({ cuda, branches, only }) => [cuda, ...branches, ...(only === true ? ['only'] : [])].join(' '))
        .join(', ')}; CUDA told from ${cudaToldFrom.branch}`,
  },
  {
    name: 'three statements on 12.9',
    printed: '535 550 560 565 570 575, 535 550 560 565 570, 535 570',
    held: () => forwardStatements.map(({ branches }) => branches.join(' ')).join(', '),
  },
  {
    name: 'brands as NVML numbers them',
    printed:
      '1 quadro some, 2 tesla yes, 3 nvs no, 4 grid some, 5 geforce no, 6 titan no, 7 nvidia-vapps some, 8 nvidia-vpc some, 9 nvidia-vcs some, 10 nvidia-vws some, 11 nvidia-cloud-gaming some, 12 quadro-rtx some, 13 nvidia-rtx some, 14 nvidia yes, 15 geforce-rtx no, 16 titan-rtx no',
    held: () => brands.map(({ number, name, forward }) => `${number} ${name} ${forward}`).join(', '),
  },
  {
    name: 'capabilities: first CUDA, last driver branch, Tegra',
    printed:
      '3.0 6.0 470, 3.5 6.0 470, 3.7 6.0 470, 5.0 6.5 580, 5.2 6.5 580, 5.3 6.5 580 tegra, 6.0 8.0 580, 6.1 8.0 580, 6.2 8.0 580 tegra, 7.0 9.0 580, 7.2 9.2 580 tegra, 7.5 10.0, 8.0 11.0, 8.6 11.1, 8.7 11.4 tegra, 8.9 11.8, 9.0 11.8, 10.0 12.8, 10.1 12.8 tegra, 10.3 12.9, 11.0 13.0 tegra, 12.0 12.8, 12.1 12.9',
    held: () =>
      capabilities
        .map(({ capability, firstCuda, lastDriverBranch, tegra }) =>
          [capability, firstCuda, lastDriverBranch, tegra ? 'tegra' : null].filter((word) => word !== null).join(' '),
        )
        .join(', '),
  },
  {
    name: 'last CUDA major of capabilities that ended',
    printed: '3.0 10, 3.5 11, 3.7 11, 5.0 12, 5.2 12, 5.3 12, 6.0 12, 6.1 12, 6.2 12, 7.0 12, 7.2 12',
    held: () =>
      capabilities
        .filter(({ lastCudaMajor }) => lastCudaMajor !== null)
        .map(({ capability, lastCudaMajor }) => `${capability} ${lastCudaMajor}`)
        .join(', '),
  },
  {
    name: 'variants of torch wheels',
    printed:
      '2.1-2.3 11.8 12.1, 2.4-2.5 11.8 12.1 12.4, 2.6-2.6 11.8 12.4 12.6, 2.7-2.7 11.8 12.6 12.8, 2.8-2.8 12.6 12.8 12.9, 2.9-2.11 12.6 12.8 13.0, 2.12-2.14 12.6 13.0 13.2',
    held: () => torchRows.map(({ from, to, variants }) => `${from}-${to} ${variants.join(' ')}`).join(', '),
  },
  {
    name: 'kernels of torch wheels',
    printed:
      '12.6 2.6-2.14 5.0 6.0 7.0 7.5 8.0 8.6 9.0 +, 12.8 2.8-2.10 7.0 7.5 8.0 8.6 9.0 10.0 12.0 +, 12.8 2.7-2.7 7.5 8.0 8.6 9.0 10.0 12.0 +, 12.8 2.11-2.11 7.5 8.0 8.6 9.0 10.0 12.0 +, 12.9 2.8-2.8 7.0 7.5 8.0 8.6 9.0 10.0 12.0 +12.0, 13.0 2.9-2.14 7.5 8.0 8.6 9.0 10.0 12.0 +12.0, 13.2 2.12-2.14 7.5 8.0 8.6 9.0 10.0 12.0 +12.0',
    held: () =>
      torchKernels
        .map(({ variant, from, to, cubins, ptx }) => `${variant} ${from}-${to} ${cubins.join(' ')} +${ptx.join(' ')}`)
        .join(', '),
  },
  {
    name: 'CUDA of TensorRT',
    printed:
      '5.0-5.0.999 9.0-9.0 10.0-10.0 3.0 to 7.5, 5.1-5.1.999 9.0-9.0 10.0-10.0 10.1-10.1 3.0 to 7.5, 6.0-6.0.999 9.0-9.0 10.0-10.0 10.1-10.1 10.2-10.2 3.0 to 7.5, 7.0-7.0.999 10.0-10.0 10.2-10.2 3.0 to 7.5, 7.1-7.1.999 10.2-10.2 11.0-11.0 3.0 to 8.0, 7.2-7.2.999 10.2-10.2 11.0-11.2 3.5 to 8.6, 8.0-8.0.999 10.2-10.2 11.0-11.3 3.5 to 8.7, 8.2-8.4.999 10.2-10.2 11.0-11.5 3.5 to 8.7, 8.5-8.5.999 10.2-10.2 11.0-11.8 3.5 to 9.0, 8.6-8.6.999 11.4-11.8 12.0-12.1 6.0 to 9.0, 9.1-9.3.999 11.8-11.8 12.0-12.4 6.0 to 9.0, 10.0-10.0.999 11.8-11.8 12.4-12.4 7.0 to 9.0, 10.1-10.4.999 11.8-11.8 12.0-12.4 7.0 to 9.0, 10.5-10.7.999 11.8-11.8 12.0-12.9 7.5 to 9.0, 10.8-10.13.1 11.8-11.8 12.0-12.9 7.5, 10.13.2-10.15.0 12.0-12.9 13.0-13.0 7.5, 10.15.1-10.999 12.0-12.9 13.0-13.1 7.5, 11.0-11.2.999 13.0-13.3 7.5, 11.3-11.4.999 13.0-13.4 7.5, 11.5-11.5.999 13.0-13.5 7.5; tensorrt-cu11 11, tensorrt-cu12 12, tensorrt-cu13 13',
    held: () =>
      `${tensorRtRows
        .map(
          ({ from, to, cuda, capability, newest }) =>
            `${from}-${to} ${cuda.map(([lowest, highest]) => `${lowest}-${highest}`).join(' ')} ${capability}${newest === undefined ? '' : ` to ${newest}`}`,
        )
        .join(
          ', ',
        )}; ${tensorRtWheels.map(({ distribution, cudaMajor }) => `${distribution} ${cudaMajor}`).join(', ')}`,
  },
  ...engineTableCases,
  ...packageTableCases,
  ...programTableCases,
  ...modelTypeTableCases,
  ...versionTableCases,
  ...hostTableCases,
  {
    name: 'boards that hang as peers',
    printed: '525.105.17: NVIDIA GeForce RTX 4090',
    held: () =>
      brokenPeers
        .map(
          ({ product, beforeDriver }) =>
            `${beforeDriver}: ${['NVIDIA GeForce RTX 4090', 'NVIDIA GeForce RTX 3090', 'NVIDIA RTX 4000 Ada Generation'].filter((one) => new RegExp(product).test(one)).join(' ')}`,
        )
        .join(', '),
  },
  {
    name: 'glibc of wheels',
    printed:
      'flash-attn 2.8- 2.32 unless flash_attn_2_cuda.so, mamba-ssm 2.2.5- 2.32 unless selective_scan_cuda.so, vllm 0.5.2-0.5.2 2.32 named unless vllm/_C.abi3.so, vllm 0.9-0.19 2.29 named unless vllm/_C.abi3.so, vllm 0.20-0.20 2.34 named unless vllm/_C.abi3.so',
    held: () =>
      wheelFloors
        .map(
          ({ distribution, from, to, glibc, library, named }) =>
            `${distribution} ${from}-${to ?? ''} ${glibc}${named === true ? ' named' : ''} unless ${['flash_attn_2_cuda.so', 'selective_scan_cuda.so', 'vllm/_C.abi3.so', 'vllm/_moe_C.abi3.so', 'torch/_C.abi3.so'].filter((path) => new RegExp(library).test(`/${path}`)).join(' ')}`,
        )
        .join(', '),
  },
  {
    name: 'capabilities that Triton compiles for, from 10.0 on',
    printed:
      '0-1 from 6.0, 2-3.2 from 7.0, 3.3-3.5 from 7.0 10.0 10.1 12.0, 3.6- from 7.0 10.0 10.1 10.3 11.0 12.0 12.1; vllm 0.5-, sglang 0-',
    held: () =>
      `${tritonCompilers.map(({ from, to, least, knows }) => [`${from}-${to ?? ''} from ${least}`, ...knows].join(' ')).join(', ')}; ${tritonEngines.map(({ engine, from }) => `${engine} ${from}-`).join(', ')}`,
  },
  {
    name: 'devices that can be shared',
    printed: 'mps 7.0 boards, time-slicing 6.0 instances too; NCCL 2.32',
    held: () =>
      `${sharingFloors.map(({ sharing, capability, onInstances }) => `${sharing} ${capability} ${onInstances ? 'instances too' : 'boards'}`).join(', ')}; NCCL ${ncclOnInstances.version}`,
  },
  {
    name: 'published builds by compression',
    printed: '/usr/lib/libggml-cuda.so unknown -, /x/torch/lib/libtorch_cuda.so no 13.0; from 12.8 on; branch 550',
    held: () =>
      `${['/usr/lib/libggml-cuda.so', '/x/torch/lib/libtorch_cuda.so']
        .map((path) => {
          const row = publishedCompressions.find((one) => new RegExp(one.path).test(path));
          return `${path} ${row?.zstd} ${row?.beforeCuda ?? '-'}`;
        })
        .join(', ')}; from ${zstdToolkit} on; branch ${zstdBranch}`,
  },
  {
    name: 'boards behind NVSwitches, and boards with NVLink',
    printed: lines(
      'NVIDIA H100 80GB HBM3: NVSwitch NVLink',
      'NVIDIA H100 PCIe: - -',
      'NVIDIA H100 NVL: - NVLink',
      'NVIDIA H800: NVSwitch NVLink',
      'NVIDIA H200: NVSwitch NVLink',
      'NVIDIA H200 NVL: - NVLink',
      'NVIDIA B200: NVSwitch NVLink',
      'NVIDIA B300 SXM6 AC: NVSwitch NVLink',
      'NVIDIA GB200: NVSwitch NVLink',
      'NVIDIA GB300: NVSwitch NVLink',
      'NVIDIA GH200 480GB: - NVLink',
      'NVIDIA A100-SXM4-80GB: - NVLink',
      'NVIDIA A100 80GB PCIe: - -',
      'Tesla V100-SXM2-16GB: - NVLink',
      'NVIDIA L40S: - -',
    ),
    held: () =>
      lines(
        ...[
          'NVIDIA H100 80GB HBM3',
          'NVIDIA H100 PCIe',
          'NVIDIA H100 NVL',
          'NVIDIA H800',
          'NVIDIA H200',
          'NVIDIA H200 NVL',
          'NVIDIA B200',
          'NVIDIA B300 SXM6 AC',
          'NVIDIA GB200',
          'NVIDIA GB300',
          'NVIDIA GH200 480GB',
          'NVIDIA A100-SXM4-80GB',
          'NVIDIA A100 80GB PCIe',
          'Tesla V100-SXM2-16GB',
          'NVIDIA L40S',
        ].map(
          (product) =>
            `${product}: ${new RegExp(nvSwitchProducts).test(product) ? 'NVSwitch' : '-'} ${new RegExp(nvLinkProducts).test(product) ? 'NVLink' : '-'}`,
        ),
      ),
  },
];
