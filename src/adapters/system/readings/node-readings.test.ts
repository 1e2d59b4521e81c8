import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { measureWindow } from '../../../core/diagnosis/readings/measure-window.ts';
import type { DeviceSnapshot, ListReading, NodeSnapshot } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { suspectCauses } from '../../../core/diagnosis/order/suspect-causes.ts';
import { makeDevice } from '../../../testing/builders/diagnosis/make-readings.ts';
import { systemClock } from '../clock.ts';
import { nodeRoots, type NodeRoots } from '../node/node-roots.ts';
import { makeNodeReadings } from './node-readings.ts';

interface Look {
  readonly atMs: number;
  readonly files: Readonly<Record<string, string>>;
}

let folder: string;
let roots: NodeRoots;
const signal = new AbortController().signal;
const replica = { role: 'replica', pid: 7 } as const;
const noService = { service: null, waterfall: null, generator: null };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-readings-'));
  roots = { proc: path.join(folder, 'proc'), sys: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function readCapture(name: string): readonly [Look, Look] {
  const file = new URL(`../../../../test/fixtures/node-captures/${name}.json`, import.meta.url);
  const { looks } = JSON.parse(readFileSync(file, 'utf8')) as { readonly looks: readonly [Look, Look] };
  return looks;
}

/** The node as it was at one look, without some of its files. */
async function replay(
  { atMs, files }: Look,
  without = /^$/,
  devices: ListReading<DeviceSnapshot> = { list: [] },
  uuids: readonly string[] | null = null,
): Promise<NodeSnapshot> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files).filter(([each]) => !without.test(each))) {
    const location = path.join(folder, name);
    mkdirSync(path.dirname(location), { recursive: true });
    writeFileSync(location, text);
  }
  const clock = { monotonicMs: () => atMs };
  return makeNodeReadings({ roots, clock, devices: async () => devices }).read([replica], uuids, signal);
}

async function replayWindow(name: string, without?: RegExp) {
  const [first, second] = readCapture(name);
  return measureWindow(await replay(first, without), await replay(second, without), noService);
}

describe('a node of cgroup v1 whose replica is held to 0.2 cores, recorded', () => {
  it('shows the quota and suspects nothing else of the processor, although the thread waits', async () => {
    const window = await replayWindow('cgroup-v1-quota');
    expect(window.engine).toBe('cpu');
    expect(window.values.throttledPeriodShare).toEqual({ value: 1 });
    // 405 ms of processor time in 2,002 ms.
    expect(window.values.busiestThreadShare).toEqual({ value: expect.closeTo(0.202, 3) as number });
    expect(window.values.quotaUseShare).toEqual({ value: expect.closeTo(1.02, 1) as number });
    expect(window.values.threadWaitShare).toEqual({ value: expect.closeTo(0.794, 3) as number });
    expect(suspectCauses(window).suspected.map(({ cause }) => cause)).toEqual(['cpu-quota']);
  });

  it('leaves unknown what the speed of a virtual interface would tell', async () => {
    const { values } = await replayWindow('cgroup-v1-quota');
    expect(values.interfaceUseShare).toEqual({ unknown: 'the speed of eth0 is not told' });
  });
});

describe('a container of cgroup v2', () => {
  it('reads quota, pressure of its own group, faults of all its processes, disks and network', async () => {
    const { values, words } = await replayWindow('cgroup-v2-container');
    expect(values).toMatchObject({
      throttledPeriodShare: { value: 0.08 },
      cpuPressureShare: { value: 0.3 },
      ioPressureShare: { value: 0.06 },
      memoryPressureShare: { value: 0.02 },
      // Two processes with 1,000 faults and 20 MB each in 10 s.
      majorFaultsPerSecond: { value: 200 },
      replicaReadBytesPerSecond: { value: 4e6 },
      refaultedPagesPerSecond: { value: 200 },
      memoryUseShare: { value: 0.75 },
      // 5,000 of 10,000 ms; its partition is no disk.
      diskBusyShare: { value: 0.5 },
      retransmittedShare: { value: 0.01 },
      // 1 MB/s of 1.25 GB/s
      interfaceUseShare: { value: 0.0008 },
      // 500 of 10,000 ms by ticks: there is no schedstat.
      busiestThreadShare: { value: 0.5 },
    });
    expect(values.threadWaitShare).toMatchObject({
      unknown: expect.stringMatching(/schedstat is not there/) as string,
    });
    expect(words.busiestDisk).toBe('nvme0n1');
    expect(words.busiestThread).toBe('tritonserver (x) of the replica (process 7)');
  });

  it('tells on which NUMA nodes the replica may run', async () => {
    const [first] = readCapture('cgroup-v2-container');
    expect((await replay(first)).replicaNumaNodes).toEqual({ list: [0] });
  });

  it('falls back to the pressure of the node, and says where there is none', async () => {
    const { values } = await replayWindow('cgroup-v2-container', /pressure/);
    expect(values.cpuPressureShare).toMatchObject({ unknown: expect.stringMatching(/tells no pressure/) as string });
  });

  it('knows nothing of groups, NUMA and speeds without /sys, and goes on with /proc', async () => {
    const { values } = await replayWindow('cgroup-v2-container', /^sys/);
    expect(values.throttledPeriodShare).toMatchObject({
      unknown: expect.stringMatching(/no control group of cpu/) as string,
    });
    expect(values.devicesOnOtherNumaNode).toMatchObject({ unknown: expect.any(String) as string });
    expect(values.majorFaultsPerSecond).toEqual({ value: 200 });
  });

  it('clears nothing of a node that tells nothing', async () => {
    const window = await replayWindow('cgroup-v2-container', /./);
    expect(suspectCauses(window).suspected).toEqual([]);
    expect(Object.values(window.values).filter((reading) => 'value' in reading)).toEqual([
      // The test says that there is no accelerator; nothing else is known.
    ]);
  });
});

describe('accelerators of a replica', () => {
  it('are those that it has, and none that the driver does not list', async () => {
    const [first] = readCapture('cgroup-v2-container');
    const devices = { list: [makeDevice(), makeDevice({ uuid: 'GPU-2', index: 1 })] };
    expect((await replay(first, /^$/, devices, ['GPU-2'])).devices).toEqual({ list: [devices.list[1]] });
    expect((await replay(first, /^$/, devices, ['GPU-9'])).devices).toEqual({
      unknown: 'the driver does not list the accelerator GPU-9 of the replica',
    });
    expect((await replay(first, /^$/, { unknown: 'no driver' }, [])).devices).toEqual({ list: [] });
  });
});

describe('this machine', () => {
  it('tells of this process what a kernel tells of any', async () => {
    const readings = makeNodeReadings({ roots: nodeRoots, clock: systemClock, devices: async () => ({ list: [] }) });
    const look = await readings.read([{ role: 'replica', pid: process.pid }], null, signal);
    expect(look.threads).toMatchObject({
      list: expect.arrayContaining([expect.objectContaining({ pid: process.pid, isMain: true })]) as unknown,
    });
    expect(look.cores).toMatchObject({ value: expect.any(Number) as number });
  });

  it('says that a process is gone', async () => {
    const readings = makeNodeReadings({ roots: nodeRoots, clock: systemClock, devices: async () => ({ list: [] }) });
    const look = await readings.read([{ role: 'replica', pid: 2 ** 22 + 1 }], null, signal);
    expect(look.threads).toEqual({ unknown: 'no process of the service runs on this node' });
  });
});
