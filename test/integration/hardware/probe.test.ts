import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readContainerToolkit } from '../../../src/adapters/nvidia/container-toolkit.ts';
import { nvidiaDeviceReaders } from '../../../src/adapters/nvidia/device-readers.ts';
import { readNvidiaSmi } from '../../../src/adapters/nvidia/read-nvidia-smi.ts';
import { readNvml } from '../../../src/adapters/nvidia/read-nvml.ts';
import { makeNodeProbe } from '../../../src/adapters/system/node/node-probe.ts';
import { nodeRoots } from '../../../src/adapters/system/node/node-roots.ts';
import { acceleratorClassOf, digestOfClass } from '../../../src/core/pool/classes/device-class.ts';
import { nodeFactsOfNvidiaSmi } from '../../../src/formats/nvidia-smi-xml/node-facts-of-nvidia-smi.ts';
import type { NodeProbe } from '../../../src/ports/nodes/node-probe.ts';
import { FakeClock } from '../../../src/testing/fakes/fake-clock.ts';
import { deviceFactsWithoutReason } from '../../../src/testing/contracts/node-facts-contract.ts';
import { nodeProbeContract } from '../../../src/testing/contracts/node-probe-contract.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const fixtures = path.join(root, 'src/formats/nvidia-smi-xml/fixtures');
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-probe-'));
const signal = new AbortController().signal;
const mebibyte = 1024 * 1024;

/** The C compiler, or null: then everything that needs a library is skipped. */
const compiler = spawnSync('cc', ['--version']).status === 0 ? 'cc' : null;
const library = path.join(folder, 'libnvidia-ml.so.1');
const oldLibrary = path.join(folder, 'old', 'libnvidia-ml.so.1');

beforeAll(() => {
  if (compiler === null) return;
  mkdirSync(path.dirname(oldLibrary));
  for (const [file, ...flags] of [[library], [oldLibrary, '-DFAKE_NVML_OLD']] as const) {
    const source = path.join(import.meta.dirname, 'nvml/fake-nvml.c');
    const built = spawnSync(compiler, ['-shared', '-fPIC', '-w', ...flags, '-o', file, source], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
  }
});
afterEach(() => {
  delete process.env['FAKE_NVML'];
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(compiler === null)('NVML by its C interface (skipped without a C compiler)', () => {
  const read = async (file = library) => {
    const reading = await readNvml(file, signal);
    if (reading.kind === 'failed') throw new Error(reading.reason);
    return reading;
  };

  test('tells a board with its MIG instances; what one function refuses is missing alone', async () => {
    const { devices, missing, placementsNeedRoot } = await read();
    expect(missing).toBe('GPU 1: nvmlDeviceGetHandleByIndex_v2 answers GPU_IS_LOST');
    expect(placementsNeedRoot).toBe(true);
    expect(devices).toEqual([
      {
        index: 0,
        uuid: 'GPU-11111111-2222-3333-4444-555555555555',
        product: 'NVIDIA A100-SXM4-40GB',
        brand: 'nvidia',
        architecture: 'Ampere',
        pciDeviceId: '0x20B010DE',
        pciBusId: '00000000:06:00.0',
        computeCapability: '8.0',
        memoryBytes: 40960 * mebibyte,
        reservedBytes: 518 * mebibyte,
        driver: '570.148.08',
        driverCuda: '12.8',
        mig: {
          capable: true,
          enabled: true,
          instances: [
            instance('3g.20gb', 'aaaaaaaa', 42, 19968),
            instance('1g.5gb', 'bbbbbbbb', 14, 4864),
            instance('1g.5gb+me', 'cccccccc', 14, 4864),
          ],
        },
        sharing: 'mig',
        eccEnabled: true,
        numaNode: null,
        link: { generation: 1, maxGeneration: 4, width: 16, maxWidth: null },
        powerLimitWatts: null,
        throttleReasons: ['gpu_idle', 'sw_power_cap', 'hw_thermal_slowdown'],
        state: { fabric: 'completed', recovery: 'none', rowRemapping: 'none', nvlink: 'active' },
        certainty: 'device',
        unknown: {
          numaNode: 'NVML does not tell it',
          powerLimitWatts: 'nvmlDeviceGetEnforcedPowerLimit answers NOT_SUPPORTED',
          'link.maxWidth': "this driver's NVML has no nvmlDeviceGetMaxPcieLinkWidth",
          'mig.instances.placement': 'nvmlDeviceGetGpuInstanceById answers NO_PERMISSION',
        },
      },
    ]);
    expect(devices.flatMap(deviceFactsWithoutReason)).toEqual([]);
  });

  test('tells root where each instance lies', async () => {
    process.env['FAKE_NVML'] = 'root';
    const { devices, placementsNeedRoot } = await read();
    expect(placementsNeedRoot).toBe(false);
    expect(devices[0]?.mig?.instances.map(({ placement }) => placement)).toEqual([
      { start: 4, size: 4 },
      { start: 0, size: 1 },
      { start: 2, size: 1 },
    ]);
  });

  test('tells what is not as usual of a board', async () => {
    process.env['FAKE_NVML'] = 'sick';
    expect((await read()).devices[0]?.state).toEqual({
      fabric: 'completed',
      fabricHealth: 'degraded',
      recovery: 'gpu-reset',
      rowRemapping: 'pending',
      nvlink: 'active',
      computeMode: 'exclusive-process',
      eccPending: 'off',
      persistence: 'off',
    });
  });

  test('tells the licence of a virtual board', async () => {
    process.env['FAKE_NVML'] = 'virtual';
    expect((await read()).devices[0]?.state?.licence).toBe('licensed');
  });

  test('an older driver: the functions that it has, by the names that they had', async () => {
    const { devices } = await read(oldLibrary);
    expect(devices[0]).toMatchObject({
      memoryBytes: 40960 * mebibyte,
      reservedBytes: null,
      throttleReasons: ['gpu_idle'],
    });
    expect(devices[0]?.state?.fabric).toBe('failed');
    expect(devices[0]?.unknown['reservedBytes']).toBe("this driver's NVML has no nvmlDeviceGetMemoryInfo_v2");
  });

  test.each([
    ['mismatch', "nvmlInit_v2 answers LIB_RM_VERSION_MISMATCH: the driver's libraries were upgraded"],
    ['crash', 'NVML gave no answer: the process was killed'],
  ])('a driver that answers with %s is a reason', async (mode, reason) => {
    process.env['FAKE_NVML'] = mode;
    expect(await readNvml(library, signal)).toMatchObject({ kind: 'failed', reason: expect.stringContaining(reason) });
  });

  test('a driver that hangs is waited for as long as told, and left', async () => {
    process.env['FAKE_NVML'] = 'hang';
    const reading = await readNvml(library, signal, { timeoutMs: 1500 });
    expect(reading).toEqual({ kind: 'failed', reason: 'NVML: it gave no answer in 1.5 s' });
  });

  test('a library that prints lines of its own is still understood', async () => {
    process.env['FAKE_NVML'] = 'noisy';
    expect((await read()).devices).toHaveLength(1);
  });

  test('NVML and nvidia-smi give one device class for one board', async () => {
    const xml = whole('a100')
      .replace('<current_mig>Disabled<', '<current_mig>Enabled<')
      .replace(/>\s*None\s*</, instances);
    const list = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-00000000-0000-0000-0000-000000000000)\n${listed}`;
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const bySmi = nodeFactsOfNvidiaSmi({ xml: bytes(xml), list: bytes(list), name: 'n', takenAtMs: 0 }).devices?.[0];
    const byNvml = (await read()).devices[0];
    if (bySmi === undefined || byNvml === undefined) throw new Error('a device is missing');
    // Each tells a state of its own; what is healthy is no part of the digest.
    const { state: _bySmi, ...facts } = acceleratorClassOf(bySmi);
    const { state: _byNvml, ...others } = acceleratorClassOf(byNvml);
    expect(facts).toEqual(others);
    expect(bySmi.state).toEqual({ recovery: 'none', rowRemapping: 'none' });
    expect(digestOfClass(acceleratorClassOf(bySmi))).toBe(digestOfClass(acceleratorClassOf(byNvml)));
  });
});

test('no library is a reason, and so is one that is none', async () => {
  const absent = path.join(folder, 'absent.so.1');
  expect(await readNvml(absent, signal)).toEqual({ kind: 'failed', reason: `there is no ${absent}` });
  const broken = path.join(folder, 'broken.so.1');
  writeFileSync(broken, 'no library');
  expect(await readNvml(broken, signal)).toMatchObject({ reason: expect.stringContaining('cannot be loaded') });
});

describe('nvidia-smi as a program', () => {
  test('its three outputs become facts', async () => {
    const reading = await readNvidiaSmi(withSmi('whole', smiOf('h100')), signal);
    expect(reading).toMatchObject({ kind: 'read', incomplete: null });
    expect(reading.kind === 'read' ? reading.devices?.map(({ computeCapability }) => computeCapability) : []).toEqual(
      Array.from({ length: 8 }, () => '9.0'),
    );
  });

  test.each([
    [
      'a driver that does not answer',
      'echo "NVIDIA-SMI has failed because it couldn\'t"; exit 9',
      'nvidia-smi says: NVIDIA-SMI has',
    ],
    ['nothing', 'exit 3', 'nvidia-smi says: nothing, and it failed'],
    ['another program of that name', 'echo hello', 'it begins with "hello'],
    ['output without end', 'cat /dev/zero', 'it printed more than'],
  ])('%s is a reason', async (name, script, reason) => {
    const reading = await readNvidiaSmi(withSmi(name.replaceAll(' ', '-'), script), signal);
    expect(reading).toMatchObject({ kind: 'failed', reason: expect.stringContaining(reason) });
  });

  test('one that hangs is waited for as long as told', async () => {
    const reading = await readNvidiaSmi(withSmi('hangs', 'exec sleep 1000'), signal, { timeoutMs: 300 });
    expect(reading).toEqual({ kind: 'failed', reason: 'nvidia-smi: it gave no answer in 0.3 s' });
  });

  test('one that is not there is a reason', async () => {
    expect(await readNvidiaSmi(folder, signal)).toEqual({ kind: 'failed', reason: 'nvidia-smi is not on PATH' });
  });
});

describe('the container toolkit', () => {
  test.each([
    [
      'nvidia-ctk',
      'NVIDIA Container Toolkit CLI version 1.17.4',
      { version: '1.17.4', noCgroups: false, hasUser: false },
    ],
    ['nvidia-container-cli', 'cli-version: 1.17.4', { version: '1.17.4' }],
  ])('%s tells its version', async (name, line, told) => {
    const bin = withProgram(`toolkit-${name}`, name, `echo '${line}'; echo 'commit: abc'`);
    expect(await readContainerToolkit(bin, signal)).toEqual(told);
  });

  test('what says no version is a reason', async () => {
    const bin = withProgram('toolkit-silent', 'nvidia-ctk', 'exit 1');
    expect(await readContainerToolkit(bin, signal)).toEqual({ reason: 'nvidia-ctk --version tells no version' });
    expect(await readContainerToolkit(folder, signal)).toMatchObject({ reason: expect.stringContaining('on PATH') });
  });
});

const probeWith = (nvmlLibrary: string, searchPath: string): NodeProbe =>
  makeNodeProbe({
    roots: nodeRoots,
    hostName: 'node-1',
    clock: new FakeClock(1000),
    deviceReaders: nvidiaDeviceReaders({ nvmlLibrary, searchPath }),
    containerToolkit: (abort) => readContainerToolkit(searchPath, abort),
  });

nodeProbeContract('this machine without a driver', () => probeWith(path.join(folder, 'absent.so.1'), folder));
nodeProbeContract('nvidia-smi', () => probeWith(path.join(folder, 'absent.so.1'), withSmi('contract', smiOf('t4'))));
if (compiler !== null) nodeProbeContract('NVML', () => probeWith(library, folder));

test.skipIf(compiler === null)('NVML goes before nvidia-smi, and its failure leads there', async () => {
  const bin = withSmi('both', smiOf('t4'));
  expect((await probeWith(library, bin).probe(signal)).facts).toMatchObject({ source: 'nvml' });
  process.env['FAKE_NVML'] = 'mismatch';
  const second = await probeWith(library, bin).probe(signal);
  expect(second.facts).toMatchObject({ source: 'nvidia-smi', devices: [{ product: 'Tesla T4' }] });
});

test.skipIf(compiler === null)('what root would tell is listed', async () => {
  const { withPrivilege } = await probeWith(library, folder).probe(signal);
  expect(withPrivilege).toEqual(['where each MIG instance lies on its board: root']);
});

function instance(profile: string, uuid: string, multiprocessors: number, mebibytes: number) {
  const memoryBytes = mebibytes * mebibyte;
  return { profile, uuid: `MIG-${uuid}-0000-0000-0000-000000000000`, memoryBytes, multiprocessors, placement: null };
}

const instances = `>${[
  [0, 42, 19968],
  [1, 14, 4864],
  [2, 14, 4864],
]
  .map(
    ([index, multiprocessors, mebibytes]) =>
      `<mig_device><index>${index}</index><device_attributes><shared><multiprocessor_count>${multiprocessors}` +
      `</multiprocessor_count></shared></device_attributes><fb_memory_usage><total>${mebibytes} MiB</total>` +
      '</fb_memory_usage></mig_device>',
  )
  .join('')}<`;

const listed = ['3g.20gb', '1g.5gb', '1g.5gb+me']
  .map((profile, index) => `  MIG ${profile}  Device  ${index}: (UUID: MIG-${index}0000000-0000)`)
  .join('\n');

function whole(name: string): string {
  return spawnSync('cat', [path.join(fixtures, `${name}.xml`)], { encoding: 'utf8' }).stdout;
}

/** A program in a folder of its own, which is then PATH together with that of the shell's tools. */
function withProgram(at: string, name: string, script: string): string {
  const bin = path.join(folder, at);
  mkdirSync(bin, { recursive: true });
  const file = path.join(bin, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return bin;
}

const withSmi = (at: string, script: string): string => withProgram(at, 'nvidia-smi', script);

/** Prints a capture for -q -x, and fails for what it has no capture of. */
function smiOf(capture: string): string {
  cpSync(path.join(fixtures, `${capture}.xml`), path.join(folder, `${capture}.xml`));
  return `if [ "$1" = -q ]; then cat '${path.join(folder, `${capture}.xml`)}'; else exit 2; fi`;
}
