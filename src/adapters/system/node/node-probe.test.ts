import { mkdirSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cpuClassOf, digestOfClass } from '../../../core/pool/classes/device-class.ts';
import type { DeviceFacts } from '../../../core/pool/node-facts.ts';
import { board } from '../../../testing/builders/pools/probed-board.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { factsWithoutReason } from '../../../testing/contracts/node-facts-contract.ts';
import { nodeProbeContract } from '../../../testing/contracts/node-probe-contract.ts';
import { machineFacts } from './machine.ts';
import { makeNodeProbe, type DeviceReader } from './node-probe.ts';
import { nodeRoots, type NodeRoots } from './node-roots.ts';
import { roundShm } from './shared-memory.ts';

let folder: string;
let roots: NodeRoots;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-node-'));
  roots = { proc: path.join(folder, 'proc'), sys: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(file: string, text: string): void {
  const location = path.join(folder, file);
  mkdirSync(path.dirname(location), { recursive: true });
  writeFileSync(location, text);
}

/** As the kernel shows a server with two AMD processors' worth of threads. */
function plainMachine(): void {
  const processor = (n: number): string =>
    `processor\t: ${n}\nmodel name\t: AMD EPYC 9654 96-Core Processor\nflags\t\t: fpu avx2 avx512f\n\n`;
  write('proc/cpuinfo', processor(0) + processor(1));
  write('proc/meminfo', 'MemTotal:       24684084 kB\nMemFree:        1 kB\n');
  write('proc/sys/kernel/osrelease', '6.8.0-45-generic\n');
  mkdirSync(path.join(roots.sys, 'bus/pci/devices'), { recursive: true });
}

interface OnBus {
  readonly class?: string;
  readonly vendor?: string;
  readonly numa?: string;
  readonly driver?: string;
}

function onBus(busId: string, { vendor = '0x10de', numa = '1', driver, ...other }: OnBus = {}): void {
  const files = {
    vendor,
    device: '0x20b0',
    class: other.class ?? '0x030200',
    numa_node: numa,
    current_link_speed: '2.5 GT/s PCIe',
    max_link_speed: '16.0 GT/s PCIe',
    current_link_width: '16',
    max_link_width: '63',
  };
  for (const [name, text] of Object.entries(files)) write(`sys/bus/pci/devices/${busId}/${name}`, `${text}\n`);
  if (driver !== undefined)
    symlinkSync(`../../../bus/pci/drivers/${driver}`, path.join(roots.sys, 'bus/pci/devices', busId, 'driver'));
}

const failed =
  (reason: string): DeviceReader =>
  () =>
    Promise.resolve({ kind: 'failed', reason });
const noDriver = [failed('there is no libnvidia-ml.so.1'), failed('nvidia-smi is not on PATH')];

const tells =
  (devices: readonly DeviceFacts[], incomplete: string | null = null): DeviceReader =>
  () =>
    Promise.resolve({ kind: 'read', source: 'nvml', devices, incomplete, withPrivilege: [] });

const probeOf = (deviceReaders: readonly DeviceReader[]) =>
  makeNodeProbe({
    roots,
    hostName: 'node-1',
    clock: new FakeClock(1000),
    deviceReaders,
    containerToolkit: () => Promise.resolve({ reason: 'not on PATH' }),
  });
const probe = async (...deviceReaders: readonly DeviceReader[]) =>
  (await probeOf(deviceReaders.length === 0 ? noDriver : deviceReaders).probe(new AbortController().signal)).facts;

describe('a machine without a GPU', () => {
  test('tells CPU, memory and kernel, and that there is none', async () => {
    plainMachine();
    onBus('0000:00:1f.0', { vendor: '0x8086' });
    expect(await probe()).toEqual({
      name: 'node-1',
      source: 'proc',
      takenAtMs: 1000,
      labels: {},
      allocatable: {},
      cpu: {
        architecture: process.arch,
        model: 'AMD EPYC 9654 96-Core Processor',
        cores: 2,
        features: ['avx2', 'avx512f', 'fpu'],
      },
      memoryBytes: 24684084 * 1024,
      kernel: '6.8.0-45-generic',
      containerToolkit: null,
      devices: [],
      unknown: { containerToolkit: 'not on PATH' },
    });
  });

  test('sound and switches of the same vendor are no accelerators', async () => {
    plainMachine();
    onBus('0000:06:00.1', { class: '0x040300' });
    onBus('0000:07:00.0', { class: '0x068000' });
    expect((await probe()).devices).toEqual([]);
  });

  test.each([
    [
      'no PCI bus to look at',
      () => rmSync(path.join(roots.sys, 'bus'), { recursive: true }),
      'bus/pci/devices is not there',
    ],
    ['a device file of the driver', () => write('dev/nvidiactl', ''), 'nvidiactl is there'],
    ['the GPU of a Windows host', () => write('dev/dxg', ''), 'dxg is there'],
    ['a Tegra', () => write('proc/device-tree/compatible', 'nvidia,p3737\0nvidia,tegra234\0'), 'Tegra'],
    [
      'a kernel module',
      () =>
        write('proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.148.08  Sun May 4\n'),
      'the NVIDIA driver 570.148.08 is loaded and cannot be asked',
    ],
  ])('%s: whether there is none is not known', async (_, prepare, reason) => {
    plainMachine();
    prepare();
    const facts = await probe();
    expect(facts.devices).toBeNull();
    expect(facts.unknown['devices']).toContain(reason);
    expect(factsWithoutReason(facts)).toEqual([]);
  });

  test('a board that no driver holds is told', async () => {
    plainMachine();
    onBus('0000:06:00.0');
    onBus('0000:07:00.0', { driver: 'vfio-pci' });
    const { devices, unknown } = await probe();
    expect(devices).toBeNull();
    expect(unknown['devices']?.replaceAll(folder, '')).toBe(
      [
        'no NVIDIA driver is loaded: /proc/driver/nvidia/version is not there',
        'there is no libnvidia-ml.so.1',
        'nvidia-smi is not on PATH',
        'the PCI bus has 2 NVIDIA devices: 0000:06:00.0 (0x20B010DE, no driver holds it), 0000:07:00.0 (0x20B010DE, held by vfio-pci)',
      ].join('; '),
    );
  });

  test('a board that no driver holds, on the machine itself: there is no device, and the board is told', async () => {
    plainMachine();
    write('proc/2/comm', 'kthreadd\n');
    onBus('0000:06:00.0');
    onBus('0000:07:00.0', { driver: 'vfio-pci' });
    const facts = await probe();
    expect(facts).toMatchObject({
      source: 'proc',
      devices: [],
      unlisted: ['0000:06:00.0 (0x20B010DE, no driver holds it)', '0000:07:00.0 (0x20B010DE, held by vfio-pci)'],
    });
    expect(facts.unknown['devices']).toBeUndefined();
  });

  test.each([
    ['a device file of a driver', () => write('dev/nvidiactl', '')],
    [
      'a driver that cannot be asked, as that of a container',
      () =>
        write('proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.148.08  Sun May 4\n'),
    ],
    [
      'a version of a driver that cannot be read',
      () => mkdirSync(path.join(roots.proc, 'driver/nvidia/version'), { recursive: true }),
    ],
  ])('%s: whether the board is driven is not known', async (_, prepare) => {
    plainMachine();
    write('proc/2/comm', 'kthreadd\n');
    onBus('0000:06:00.0');
    prepare();
    const facts = await probe();
    expect(facts.devices).toBeNull();
    expect(facts.unlisted).toBeUndefined();
  });

  test.each([
    ['another place of files than the first process', 'mnt:[1]', null],
    ['the files of the first process', 'mnt:[2]', []],
  ])('a process that sees all processes and has %s', async (_, first, devices) => {
    plainMachine();
    write('proc/2/comm', 'kthreadd\n');
    for (const [id, mounts] of [
      ['1', first],
      ['self', 'mnt:[2]'],
    ] as const) {
      mkdirSync(path.join(roots.proc, id, 'ns'), { recursive: true });
      symlinkSync(mounts, path.join(roots.proc, id, 'ns/mnt'));
    }
    onBus('0000:06:00.0');
    expect((await probe()).devices).toEqual(devices);
  });
});

describe('a machine with a driver', () => {
  test('what the driver does not tell comes from the bus and the kernel module', async () => {
    plainMachine();
    onBus('0000:06:00.0', { driver: 'nvidia' });
    write(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.148.08  Release\n',
    );
    const facts = await probe(failed('NVML'), tells([board]));
    expect(facts).toMatchObject({ source: 'nvml' });
    expect(facts.devices?.[0]).toEqual({
      ...board,
      driver: '570.148.08',
      numaNode: 1,
      link: { generation: 1, maxGeneration: 4, width: 16, maxWidth: 16 },
      state: { kernelModule: 'open', iommu: 'off' },
      unknown: { sharing: expect.stringContaining('not every process') },
    });
  });

  test('a device without memory of its own has that of the machine, in whole GiB', async () => {
    plainMachine();
    const spark = { ...board, product: 'NVIDIA GB10', memoryBytes: null, unknown: { memoryBytes: 'Not Supported' } };
    const [device] = (await probe(tells([spark]))).devices ?? [];
    expect(device).toMatchObject({ memoryBytes: 23 * 2 ** 30, state: { hostMemory: 'shared' } });
    expect(device?.unknown['memoryBytes']).toBeUndefined();
  });

  test.each([
    [
      'a board with memory of its own, of which the driver tells none',
      { product: 'NVIDIA GH200 480GB', memoryBytes: null },
    ],
    ['a board whose product is not known', { product: null, memoryBytes: null }],
    ['a device whose driver tells its memory', { product: 'Orin (nvgpu)', memoryBytes: 5 * 2 ** 30 }],
  ])('%s keeps what was told', async (_what, facts) => {
    plainMachine();
    const [device] = (await probe(tells([{ ...board, ...facts }]))).devices ?? [];
    expect(device?.memoryBytes).toBe(facts.memoryBytes);
    expect(device?.state?.hostMemory).toBeUndefined();
  });

  test('the machine around it is told with each device', async () => {
    plainMachine();
    onBus('0000:06:00.0', { driver: 'nvidia' });
    write('proc/modules', 'nvidia 1 2 - Live 0x0\n');
    write('proc/self/limits', 'Max locked memory         65536                65536                bytes\n');
    const [device] = (await probe(tells([board]))).devices ?? [];
    expect(device?.state).toMatchObject({ uvm: 'missing', memlockBytes: 65_536 });
  });

  test('the size of /dev/shm is that of its file system, and left out where there is none', async () => {
    plainMachine();
    onBus('0000:06:00.0', { driver: 'nvidia' });
    const before = await probe(tells([board]));
    expect(before.devices?.[0]?.state?.shmBytes).toBeUndefined();
    mkdirSync(path.join(roots.dev, 'shm'), { recursive: true });
    const { bsize, blocks } = statfsSync(path.join(roots.dev, 'shm'));
    const after = await probe(tells([board]));
    expect(after.devices?.[0]?.state?.shmBytes).toBe(roundShm(bsize * blocks));
  });

  test.each([
    [67_108_864, 67_108_864],
    [67_108_863, 66_060_288],
    [1_073_741_823, 1_072_693_248],
    [134_999_999_999, 134_217_728_000],
  ])('%i bytes at /dev/shm count as %i', (bytes, rounded) => {
    expect(roundShm(bytes)).toBe(rounded);
  });

  test.each([
    ['the firmware assigned none', () => onBus('0000:06:00.0', { numa: '-1' })],
    ['the PCI bus does not list the device', () => onBus('0000:99:00.0')],
  ])('a NUMA node that is not known: %s', async (reason, prepare) => {
    plainMachine();
    prepare();
    const facts = await probe(tells([board]));
    expect(facts.devices?.[0]?.numaNode).toBeNull();
    expect(facts.devices?.[0]?.unknown['numaNode']).toBe(reason);
    expect(factsWithoutReason(facts)).toEqual([]);
  });

  test.each([
    ['the cores of this process are on another NUMA node than the board', '0-1', 'remote'],
    ['one of its cores is on the NUMA node of the board', '1-2', undefined],
    ['its cores are not told', '', undefined],
  ])('%s', async (_what, cores, numa) => {
    plainMachine();
    onBus('0000:06:00.0', { numa: '1' });
    write('sys/devices/system/node/node0/cpulist', '0-1\n');
    write('sys/devices/system/node/node1/cpulist', '2-3\n');
    write(`proc/${process.pid}/status`, `Name:\tnode\nCpus_allowed_list:\t${cores}\n`);
    const [device] = (await probe(tells([board]))).devices ?? [];
    expect(device?.state?.numa).toBe(numa);
  });

  test('fewer boards than on the bus are told beside those that are there', async () => {
    plainMachine();
    onBus('0000:06:00.0', { driver: 'nvidia' });
    onBus('0000:07:00.0', { driver: 'nvidia' });
    const facts = await probe(tells([board], 'GPU 1: lost'));
    expect(facts.devices).toHaveLength(1);
    expect(facts.unknown['devices']).toMatch(/^GPU 1: lost; the driver lists 1 here, and the PCI bus has 2/);
  });

  test('a driver that lists nothing beside a board on the bus does not say that there is none', async () => {
    plainMachine();
    onBus('0000:06:00.0', { driver: 'nvidia' });
    expect((await probe(tells([]))).devices).toBeNull();
  });
});

describe('a driver that lists fewer boards than the bus of the machine itself', () => {
  const ownMachine = (): void => {
    plainMachine();
    write('proc/2/comm', 'kthreadd\n');
    onBus('0000:06:00.0', { driver: 'nvidia' });
    onBus('0000:07:00.0', { driver: 'nouveau' });
  };

  test('tells the others apart', async () => {
    ownMachine();
    const facts = await probe(tells([board]));
    expect(facts.devices).toHaveLength(1);
    expect(facts.unlisted).toEqual(['0000:07:00.0 (0x20B010DE, held by nouveau)']);
    expect(facts.unknown['devices']).toBeUndefined();
  });

  test('lists none, so that there is none', async () => {
    ownMachine();
    const facts = await probe(tells([]));
    expect(facts.devices).toEqual([]);
    expect(facts.unlisted).toHaveLength(2);
  });

  test('does not list all that it has, so that the others are not known', async () => {
    ownMachine();
    const facts = await probe(tells([board], 'GPU 1: lost'));
    expect(facts.unlisted).toBeUndefined();
    expect(facts.unknown['devices']).toMatch(/^GPU 1: lost/);
  });

  test('tells no other where all are listed', async () => {
    ownMachine();
    const facts = await probe(tells([board, { ...board, pciBusId: '0000:07:00.0' }]));
    expect(facts.unlisted).toBeUndefined();
  });
});

describe('a driver whose libraries were updated beside its loaded module', () => {
  const mismatched: DeviceReader = () =>
    Promise.resolve({ kind: 'failed', reason: 'nvmlInit_v2 answers LIB_RM_VERSION_MISMATCH', mismatch: true });
  const folderOf = (place: string): string => `proc/driver/nvidia/gpus/${place}/information`;
  const updated = (information = 'Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ:   \t\t 178\nGPU UUID: \t GPU-1f\n'): void => {
    plainMachine();
    write('proc/2/comm', 'kthreadd\n');
    onBus('0000:06:00.0', { driver: 'nvidia' });
    write('proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.90.07  Release\n');
    write(folderOf('0000:06:00.0'), information);
  };

  test('tells the boards that the kernel module lists, each with that state', async () => {
    updated();
    write(folderOf('0000:07:00.0'), 'Model: \t\t NVIDIA A100-SXM4-40GB\nGPU UUID: \t GPU-2f\n');
    const facts = await probe(mismatched, failed('nvidia-smi'));
    expect(facts.source).toBe('proc');
    expect(facts.devices).toHaveLength(2);
    expect(facts.devices?.[0]).toMatchObject({
      index: 0,
      product: 'NVIDIA A100-SXM4-40GB',
      uuid: 'GPU-1f',
      pciBusId: '0000:06:00.0',
      pciDeviceId: '0x20B010DE',
      driver: '550.90.07',
      computeCapability: null,
      state: { driverLibrary: 'mismatch' },
    });
    expect(facts.devices?.[1]).toMatchObject({ index: 1, uuid: 'GPU-2f', pciBusId: '0000:07:00.0' });
    expect(facts.devices?.[0]?.unknown['computeCapability']).toBe(
      'nvmlInit_v2 answers LIB_RM_VERSION_MISMATCH; nvidia-smi',
    );
    expect(facts.unknown['devices']).toContain('the NVIDIA driver 550.90.07 is loaded and cannot be asked');
    expect(factsWithoutReason(facts)).toEqual([]);
  });

  test('leaves out what the kernel module does not tell of a board', async () => {
    updated('IRQ:   \t\t 178\nGPU UUID: \t GPU-????????-????\n');
    const [device] = (await probe(mismatched)).devices ?? [];
    expect(device).toMatchObject({ product: null, uuid: null });
    expect(device?.unknown).toMatchObject({ product: expect.any(String), uuid: expect.any(String) });
  });

  test.each([
    ['in a container, whose libraries are its own', () => rmSync(path.join(roots.proc, '2'), { recursive: true })],
    ['where no board is listed', () => rmSync(path.join(roots.proc, 'driver/nvidia/gpus'), { recursive: true })],
    ['where a board is listed that tells nothing', () => mkdirSync(path.join(roots.proc, 'driver/nvidia/gpus/x'))],
    ['where no module is loaded', () => rmSync(path.join(roots.proc, 'driver/nvidia/version'))],
  ])('tells no board %s', async (_what, change) => {
    updated();
    change();
    expect((await probe(mismatched)).devices).toBeNull();
  });

  test('tells no board where a driver fails for another reason', async () => {
    updated();
    expect((await probe(failed('NVML'))).devices).toBeNull();
  });
});

test('a library of CUDA is missing on the machine itself, and not in a container', async () => {
  plainMachine();
  const bare = tells([{ ...board, state: { driverLibrary: 'missing', recovery: 'none' } }]);
  expect((await probe(bare)).devices?.[0]?.state).toEqual({ recovery: 'none' });
  write('proc/2/comm', 'kthreadd\n');
  expect((await probe(bare)).devices?.[0]?.state).toMatchObject({ recovery: 'none', driverLibrary: 'missing' });
});

test('specifications of CDI are looked for where the container toolkit names folders, else in the usual ones', async () => {
  plainMachine();
  write('proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.148.08  Sun May 4\n');
  const [usual, own] = ['usual', 'own'].map((name) => path.join(folder, name));
  write('own/nvidia.yaml', 'kind: nvidia.com/gpu\nhostPath: /usr/lib/libcuda.so.570.148.08\n');
  write('usual/nvidia.yaml', 'kind: nvidia.com/gpu\nhostPath: /usr/lib/libcuda.so.550.54.14\n');
  const specOf = async (cdiFolders?: readonly string[]) => {
    const toolkit = { version: '1.17.8', mode: 'cdi' as const, ...(cdiFolders === undefined ? {} : { cdiFolders }) };
    const { facts } = await makeNodeProbe({
      ...{ roots, hostName: 'node-1', clock: new FakeClock(1000), deviceReaders: [tells([board])] },
      cdiFolders: [usual ?? ''],
      containerToolkit: () => Promise.resolve(toolkit),
    }).probe(new AbortController().signal);
    return facts.devices?.[0]?.state?.cdiSpec;
  };
  expect(await specOf()).toBe('stale');
  expect(await specOf([own ?? ''])).toBe('current');
});

describe('how boards are handed out', () => {
  const seesEverything = (): void => {
    plainMachine();
    write('proc/1/comm', 'systemd\n');
    mkdirSync(path.join(roots.proc, 'self/ns'), { recursive: true });
    symlinkSync('pid:[4026531836]', path.join(roots.proc, 'self/ns/pid'));
  };
  const sharingOf = async (device = board) => {
    const [read] = (await probe(tells([device]))).devices ?? [];
    return [read?.sharing, read?.unknown['sharing']];
  };

  test('exclusive, where every process is seen and none shares them', async () => {
    seesEverything();
    write('proc/4711/comm', 'python3\n');
    expect(await sharingOf()).toEqual(['exclusive', undefined]);
  });

  test.each(['kubelet', 'k3s-agent', 'slurmd', 'nvidia-cuda-mps-control'])('not known beside %s', async (name) => {
    seesEverything();
    write('proc/4711/comm', `${name}\n`);
    expect(await sharingOf()).toEqual([
      null,
      `${name} runs here and may hand out the devices shared; the driver does not tell`,
    ]);
  });

  test.each([
    ['in a container', () => rmSync(path.join(roots.proc, 'self'), { recursive: true })],
    ['where processes of others are hidden', () => rmSync(path.join(roots.proc, '1'), { recursive: true })],
  ])('not known %s', async (_, hide) => {
    seesEverything();
    hide();
    expect(await sharingOf()).toEqual([null, expect.stringContaining('not every process of the machine is seen')]);
  });

  test('a board in MIG mode, or of a mode that is not known, is left as the driver tells it', async () => {
    seesEverything();
    const partitioned = { ...board, sharing: 'mig', mig: { capable: true, enabled: true, instances: [] } } as const;
    expect((await sharingOf(partitioned))[0]).toBe('mig');
    expect(await sharingOf({ ...board, mig: null })).toEqual([null, 'not told']);
  });
});

describe('a kernel that tells nothing', () => {
  test('is told fact by fact', async () => {
    const facts = await probe();
    expect(facts).toMatchObject({ memoryBytes: null, kernel: null, devices: null });
    expect(facts.cpu).toMatchObject({ cores: null, features: null });
    expect(factsWithoutReason(facts)).toEqual([]);
  });
});

nodeProbeContract('this machine', () =>
  makeNodeProbe({
    roots: nodeRoots,
    hostName: 'node-1',
    clock: new FakeClock(1000),
    deviceReaders: [
      (signal) => (signal.aborted ? Promise.reject(signal.reason as Error) : failed('no driver')(signal)),
    ],
    containerToolkit: () => Promise.resolve({ reason: 'not on PATH' }),
  }),
);

test('the CPU class of the probe is the one that evidence of this machine is bound to', async () => {
  roots = nodeRoots;
  const deviceClass = cpuClassOf(await probe());
  if (deviceClass === null) throw new Error('this machine names no CPU model');
  expect(digestOfClass(deviceClass)).toBe(machineFacts().deviceClass.digest);
});
