import type { Source } from './source.ts';

/** One profile of a board: where its instances may begin on the memory axis, and how many slices each takes. */
export interface MigProfile {
  readonly profile: string;
  readonly memoryMib: number;
  /** True where the size was read off a board; false where it is the nominal size in the profile's name. */
  readonly measured: boolean;
  readonly starts: readonly number[];
  readonly size: number;
  readonly maxInstances: number;
}

/** A name is not unique across boards (`1g.10gb` is 7 on an A100-80 and 4 on an A100-40): the key is the PCI device id. */
export interface MigBoard {
  readonly name: string;
  /** As nvidia-smi writes it: `0x20B010DE`. */
  readonly pciDeviceIds: readonly string[];
  /** Memory slices of the whole board. */
  readonly slices: number;
  readonly profiles: readonly MigProfile[];
  readonly source: Source;
}

const guide = (inferred = false): Source => ({
  title: 'NVIDIA MIG User Guide, "Supported MIG Profiles"; device ids of mig-parted, config-default.yaml',
  url: 'https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html',
  date: '2026-11',
  ...(inferred ? { inferred: true as const } : {}),
});

const nominalMib = (profile: string): number => Number(/\.(\d+)gb/.exec(profile)?.[1] ?? 0) * 1024;
const shape = (
  profile: string,
  starts: readonly number[],
  size: number,
  maxInstances: number,
  measuredMib: number | null = null,
): MigProfile => ({
  profile,
  memoryMib: measuredMib ?? nominalMib(profile),
  measured: measuredMib !== null,
  starts,
  size,
  maxInstances,
});

const anywhere = [0, 1, 2, 3, 4, 5, 6];
/** The shape of every board with seven instances; `names` and `mib` in the order 1g, 1g+me, 1g double, 2g, 3g, 4g, 7g. */
function sevenInstances(
  names: readonly [string, string, string, string, string, string],
  mib: readonly (number | null)[] = [],
): readonly MigProfile[] {
  const [one, double, two, three, four, seven] = names;
  return [
    shape(one, anywhere, 1, 7, mib[0] ?? null),
    shape(`${one}+me`, anywhere, 1, 1, mib[1] ?? null),
    shape(double, [0, 2, 4, 6], 2, 4, mib[2] ?? null),
    shape(two, [0, 2, 4], 2, 3, mib[3] ?? null),
    shape(three, [0, 4], 4, 2, mib[4] ?? null),
    shape(four, [0], 4, 1, mib[5] ?? null),
    shape(seven, [0], 8, 1, mib[6] ?? null),
  ];
}

/** GiB of a captured H100-80: 9.75, 9.75, 19.62, 19.62, 39.50, 39.50, 79.25. */
const h100Mib = [9984, 9984, 20091, 20091, 40448, 40448, 81152];

export const migBoards: readonly MigBoard[] = [
  {
    name: 'A100-40 and A800-40',
    pciDeviceIds: ['0x20B010DE', '0x20B110DE', '0x20F110DE', '0x20F610DE'],
    slices: 8,
    profiles: sevenInstances(
      ['1g.5gb', '1g.10gb', '2g.10gb', '3g.20gb', '4g.20gb', '7g.40gb'],
      [4864, 4864, 9856, 9856, 19968, 19968, 40192],
    ),
    source: guide(),
  },
  {
    name: 'A100-80 and A800-80',
    pciDeviceIds: ['0x20B210DE', '0x20B510DE', '0x20F310DE', '0x20F510DE'],
    slices: 8,
    profiles: sevenInstances(
      ['1g.10gb', '1g.20gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'],
      [9856, 9856, 19968, 19968, 40192, 40192, 80384],
    ),
    source: guide(),
  },
  {
    name: 'H100-80 and H800-80',
    pciDeviceIds: ['0x233010DE', '0x233110DE', '0x232210DE', '0x232410DE'],
    slices: 8,
    profiles: sevenInstances(['1g.10gb', '1g.20gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'], h100Mib),
    source: guide(),
  },
  {
    name: 'H100-94 (NVL) and H800 NVL',
    pciDeviceIds: ['0x232110DE', '0x233A10DE'],
    slices: 8,
    profiles: sevenInstances(['1g.12gb', '1g.24gb', '2g.24gb', '3g.47gb', '4g.47gb', '7g.94gb']),
    source: guide(),
  },
  {
    name: 'H100-96, GH200-96 and H20',
    pciDeviceIds: ['0x234210DE', '0x233D10DE', '0x20B610DE', '0x232910DE'],
    slices: 8,
    profiles: sevenInstances(['1g.12gb', '1g.24gb', '2g.24gb', '3g.48gb', '4g.48gb', '7g.96gb']),
    source: guide(true),
  },
  {
    name: 'H200 and H200 NVL',
    pciDeviceIds: ['0x233510DE', '0x233B10DE'],
    slices: 8,
    profiles: sevenInstances(['1g.18gb', '1g.35gb', '2g.35gb', '3g.71gb', '4g.71gb', '7g.141gb']),
    source: guide(true),
  },
  {
    name: 'GH200-144',
    pciDeviceIds: ['0x234810DE'],
    slices: 8,
    profiles: sevenInstances(['1g.18gb', '1g.36gb', '2g.36gb', '3g.72gb', '4g.72gb', '7g.144gb']),
    source: guide(true),
  },
  {
    name: 'B200',
    pciDeviceIds: ['0x290110DE'],
    slices: 8,
    profiles: sevenInstances(['1g.23gb', '1g.45gb', '2g.45gb', '3g.90gb', '4g.90gb', '7g.180gb']),
    source: guide(),
  },
  {
    name: 'GB200',
    pciDeviceIds: ['0x294110DE'],
    slices: 8,
    profiles: sevenInstances(['1g.24gb', '1g.47gb', '2g.47gb', '3g.95gb', '4g.95gb', '7g.189gb']),
    source: guide(true),
  },
  {
    name: 'A30',
    pciDeviceIds: ['0x20B710DE'],
    slices: 4,
    profiles: [
      shape('1g.6gb', [0, 1, 2, 3], 1, 4),
      shape('1g.6gb+me', [0, 1, 2, 3], 1, 1),
      shape('2g.12gb', [0, 2], 2, 2),
      shape('2g.12gb+me', [0, 2], 2, 1),
      shape('4g.24gb', [0], 4, 1),
    ],
    source: guide(),
  },
  {
    name: 'RTX PRO 6000 Blackwell',
    pciDeviceIds: ['0x2BB510DE'],
    slices: 4,
    profiles: [shape('1g.24gb', [0, 1, 2, 3], 1, 4), shape('2g.48gb', [0, 2], 2, 2), shape('4g.96gb', [0], 4, 1)],
    source: guide(true),
  },
];

export const migBoardOf = (pciDeviceId: string | null): MigBoard | null =>
  pciDeviceId === null
    ? null
    : (migBoards.find(({ pciDeviceIds }) => pciDeviceIds.includes(`0x${pciDeviceId.slice(2).toUpperCase()}`)) ?? null);

/** A process sees one MIG instance and no more, so that a replica of several devices cannot be made of instances. */
export const oneInstancePerProcess: Source = {
  title: 'NVIDIA MIG User Guide, "CUDA Device Enumeration": a single MIG instance',
  url: 'https://docs.nvidia.com/datacenter/tesla/mig-user-guide/',
  date: '2026-11',
};
