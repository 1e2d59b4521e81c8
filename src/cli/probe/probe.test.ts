import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import { readNodeFacts } from '../../schemas/pool/node-facts.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

const cwd = mkdtempSync(path.join(tmpdir(), 'plimsoll-probe-'));
const fixtures = new URL('../../formats/nvidia-smi-xml/fixtures/', import.meta.url);
for (const name of ['a100', 'h100', 't4']) cpSync(new URL(`${name}.xml`, fixtures), path.join(cwd, `${name}.xml`));
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const device: DeviceFacts = {
  index: 0,
  uuid: 'GPU-1',
  product: 'NVIDIA A100-SXM4-40GB',
  brand: 'nvidia',
  architecture: 'Ampere',
  pciDeviceId: '0x20B010DE',
  pciBusId: '00000000:06:00.0',
  computeCapability: '8.0',
  memoryBytes: 40 * 2 ** 30,
  reservedBytes: 0,
  driver: '570.148.08',
  driverCuda: '12.8',
  mig: {
    capable: true,
    enabled: true,
    instances: [
      {
        profile: '3g.20gb',
        uuid: 'MIG-1',
        memoryBytes: 19968 * 2 ** 20,
        multiprocessors: 42,
        placement: { start: 4, size: 4 },
      },
      {
        profile: '1g.5gb',
        uuid: 'MIG-2',
        memoryBytes: 4864 * 2 ** 20,
        multiprocessors: 14,
        placement: { start: 0, size: 1 },
      },
      { profile: null, uuid: null, memoryBytes: null, multiprocessors: null, placement: null },
    ],
  },
  sharing: 'mig',
  eccEnabled: false,
  numaNode: 1,
  link: { generation: 1, maxGeneration: 4, width: 8, maxWidth: 16 },
  powerLimitWatts: null,
  throttleReasons: ['sw_power_cap', 'hw_thermal_slowdown'],
  certainty: 'device',
  unknown: { powerLimitWatts: 'nvmlDeviceGetEnforcedPowerLimit answers NOT_SUPPORTED' },
};

const node: NodeFacts = {
  name: 'gpu-07',
  source: 'nvml',
  takenAtMs: 1000,
  labels: {},
  allocatable: {},
  cpu: { architecture: 'x64', model: 'AMD EPYC 9654', cores: 192, features: ['fpu', 'avx2', 'avx512f'] },
  memoryBytes: 1536 * 2 ** 30,
  kernel: '6.8.0-45-generic',
  containerToolkit: '1.17.4',
  devices: [device],
  unknown: {},
};

const probing = (facts: NodeFacts, withPrivilege: readonly string[] = []) => ({
  cwd,
  nodeProbe: { probe: () => Promise.resolve({ facts, withPrivilege }) },
});

describe('probe of this machine', () => {
  test('shows the node, its devices with their instances, what is missing, and what root would tell', async () => {
    const result = await runCommandLine(['probe'], probing(node, ['where each MIG instance lies on its board: root']));
    expect(result.exit).toBe(0);
    expect(result.out).toBe(
      [
        'gpu-07, read by NVML',
        '  cpu       AMD EPYC 9654, x64',
        '  cores     192',
        '  features  avx2 avx512f',
        '  memory    1.5TiB',
        '  kernel    6.8.0-45-generic',
        '  toolkit   1.17.4',
        '  driver    570.148.08, CUDA 12.8',
        '',
        'GPU  PRODUCT                CAPABILITY  MEMORY   MIG          ECC  PCIE               NUMA  POWER  CLOCKS LOWERED BY',
        '0    NVIDIA A100-SXM4-40GB  8.0         40GiB    3 instances  off  1.0 x8 of 4.0 x16  1     ?      sw_power_cap hw_thermal_slowdown',
        '       3g.20gb                          19.5GiB  42 SM  ····■■■■',
        '       1g.5gb                           4.8GiB   14 SM  ■·······',
        '       no name                          ?        ? SM',
        '',
        'not known',
        '  GPU 0, powerLimitWatts: nvmlDeviceGetEnforcedPowerLimit answers NOT_SUPPORTED',
        '',
        'more rights would tell',
        '  where each MIG instance lies on its board: root',
        '',
      ].join('\n'),
    );
  });

  test('a machine without a GPU says so', async () => {
    const none = { ...node, source: 'proc', devices: [] } as const;
    const { out, exit } = await runCommandLine(['probe', '--name', 'laptop'], probing(none));
    expect(exit).toBe(0);
    expect(out).toContain('laptop, read by /proc and /sys');
    expect(out).toContain('accelerators: none; the PCI bus has no NVIDIA device, and no NVIDIA driver is loaded');
  });

  test('a machine whose GPU no driver lists says so', async () => {
    const unlisted = ['0000:06:00.0 (0x20B010DE, held by nouveau)'];
    const dead = { ...node, source: 'proc', devices: [], unlisted } as const;
    const { out, exit } = await runCommandLine(['probe', '--name', 'laptop'], probing(dead));
    expect(exit).toBe(0);
    expect(out).toContain('accelerators: none that a driver lists');
    expect(out).toContain('not listed by the driver, so that nothing runs on them: 0000:06:00.0');
    expect(out).not.toContain('the PCI bus has no NVIDIA device');
  });

  test('a machine whose GPU is not known says why', async () => {
    const reason = 'no NVIDIA driver is loaded: /proc/driver/nvidia/version is not there';
    const unclear = { ...node, source: 'proc', devices: null, unknown: { devices: reason } } as const;
    const { out } = await runCommandLine(['probe'], probing(unclear));
    expect(out).toContain('accelerators: not known\n');
    expect(out).toContain(`  devices: ${reason}`);
  });

  test('its JSON reads back as the same facts', async () => {
    const { out } = await runCommandLine(['probe', '--json'], probing(node));
    expect(readNodeFacts(new TextEncoder().encode(out), 'probe')).toEqual(node);
  });
});

describe('probe --from', () => {
  test('reads the XML, and takes the name of the file', async () => {
    const { out, exit } = await runCommandLine(['probe', '--from', 'h100.xml'], { cwd });
    expect(exit).toBe(0);
    expect(out).toContain('h100, read by nvidia-smi');
    expect(out.match(/NVIDIA H100 80GB HBM3/g)).toHaveLength(8);
    expect(out).toContain('cpu, memoryBytes, kernel, containerToolkit: nvidia-smi tells of the devices only');
    expect(out).toContain('every GPU, numaNode: nvidia-smi does not tell it');
  });

  test('tells the three outputs apart, in any order', async () => {
    writeFileSync(path.join(cwd, 't4.csv'), 'pci.bus_id, compute_cap\n00000000:00:1E.0, 7.5\n');
    writeFileSync(path.join(cwd, 't4.list'), 'GPU 0: Tesla T4 (UUID: GPU-00000000-0000-0000-0000-000000000000)\n');
    const files = ['t4.list', 't4.csv', 't4.xml'];
    const { out } = await runCommandLine(['probe', '--json', '--name', 'edge', '--from', ...files], { cwd });
    const facts = readNodeFacts(new TextEncoder().encode(out), 'probe');
    expect(facts).toMatchObject({ name: 'edge', devices: [{ product: 'Tesla T4', computeCapability: '7.5' }] });
  });

  test('takes the word of whoever states how boards are handed out, and no word but that', async () => {
    const files = ['--json', '--from', 't4.xml'];
    const { out } = await runCommandLine(['probe', '--sharing', 'exclusive', ...files], { cwd });
    const [board] = readNodeFacts(new TextEncoder().encode(out), 'probe').devices ?? [];
    expect(board).toMatchObject({ sharing: 'exclusive' });
    expect(Object.keys(board?.unknown ?? {})).toEqual(['numaNode']);
    expect((await runCommandLine(['probe', '--sharing', 'mig', ...files], { cwd })).exit).toBe(2);
    expect((await runCommandLine(['probe', '--sharing', 'mps'], probing(node))).err).toContain('it is read');
  });

  test('reads what probe wrote', async () => {
    const { out } = await runCommandLine(['probe', '--json'], probing(node));
    writeFileSync(path.join(cwd, 'node.json'), out);
    expect((await runCommandLine(['probe', '--from', 'node.json'], { cwd })).out).toContain('gpu-07, read by NVML');
  });

  test.each([
    [['absent.xml'], 'there is no absent.xml'],
    [['a100.xml', 'h100.xml'], 'a100.xml and h100.xml are both of nvidia-smi -q -x'],
    [['t4.csv'], 'none of the files is the XML'],
    [['node.json', 't4.xml'], 'node.json tells everything by itself'],
    [['cut.xml'], 'not the whole output of nvidia-smi -q -x'],
    [['large.xml'], 'no output of nvidia-smi is so large'],
    [['.'], 'is a folder'],
  ])('%j is an error of input with a next step', async (files, message) => {
    writeFileSync(path.join(cwd, 'cut.xml'), '<?xml version="1.0"?><nvidia_smi_log><gpu>');
    writeFileSync(path.join(cwd, 'large.xml'), '<');
    truncateSync(path.join(cwd, 'large.xml'), 100_000_000);
    const { err, exit } = await runCommandLine(['probe', '--from', ...files], { cwd });
    expect(exit).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('next');
  });
});

test.each(['', 'a\nb', 'a\u001b[2J'])('refuses --name %j', async (name) => {
  const { exit, err } = await runCommandLine(['probe', '--name', name]);
  expect(exit).toBe(2);
  expect(err).toContain('plimsoll: --name: ');
});
