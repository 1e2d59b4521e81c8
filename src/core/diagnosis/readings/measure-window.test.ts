import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeDevice, makeNodeSnapshot, makeThread } from '../../../testing/builders/diagnosis/make-readings.ts';
import { measureWindow } from './measure-window.ts';
import type { DeviceSnapshot, NodeSnapshot } from './node-snapshot.ts';
import { isRead, makeReading, makeUnknown, type Reading } from './reading.ts';
import type { ReadingName } from './window-readings.ts';

const no = makeUnknown('this kernel does not tell it');
const of = (value: number): Reading => makeReading(value);
const nodeOnly = { service: null, waterfall: null, generator: null };
const look = (before: Partial<NodeSnapshot>, after: Partial<NodeSnapshot>) =>
  measureWindow(makeNodeSnapshot(before), makeNodeSnapshot({ atMs: 10_000, ...after }), nodeOnly);
const valueOf = (name: ReadingName, before: Partial<NodeSnapshot>, after: Partial<NodeSnapshot>): number | string => {
  const reading = look(before, after).values[name];
  return isRead(reading) ? reading.value : reading.unknown;
};
const unknownOf = (changed: Reading, first = of(0)) =>
  ({
    periods: first,
    throttledPeriods: changed,
    throttledMs: of(0),
    quotaCores: of(1),
  }) satisfies NodeSnapshot['quota'];

describe('measureWindow, of the kernel', () => {
  it('reads throttled periods of a quota: 30 of 100', () => {
    const [before, after] = [unknownOf(of(10), of(200)), unknownOf(of(40), of(300))];
    expect(valueOf('throttledPeriodShare', { quota: before }, { quota: after })).toBe(0.3);
  });

  it('knows that a group without a quota was never held back', () => {
    const quota = { quotaCores: null, periods: no, throttledPeriods: no, throttledMs: no };
    expect(valueOf('throttledPeriodShare', { quota }, { quota })).toBe(0);
  });

  it('calls a counter that went back unknown', () => {
    const [before, after] = [unknownOf(of(50), of(200)), unknownOf(of(3), of(300))];
    expect(valueOf('throttledPeriodShare', { quota: before }, { quota: after })).toMatch(/went back from 50 to 3/);
  });

  it('reads pressure as a share of the window: 2,500 of 10,000 ms', () => {
    const pressureOf = (cpuSomeMs: Reading) => ({ of: 'node' as const, cpuSomeMs, ioFullMs: no, memoryFullMs: no });
    const [before, after] = [{ pressure: pressureOf(of(1_000)) }, { pressure: pressureOf(of(3_500)) }];
    expect(valueOf('cpuPressureShare', before, after)).toBe(0.25);
    expect(valueOf('ioPressureShare', before, after)).toBe('this kernel does not tell it');
  });

  it('holds no pressure of the replica against one of the node', () => {
    const pressureOf = (scope: 'node' | 'replica') => ({
      of: scope,
      cpuSomeMs: of(1),
      ioFullMs: of(1),
      memoryFullMs: of(1),
    });
    expect(valueOf('cpuPressureShare', { pressure: pressureOf('node') }, { pressure: pressureOf('replica') })).toMatch(
      /at one look/,
    );
  });

  it('says nothing of a share of few segments', () => {
    const network = (sent: number) => ({
      sentSegments: of(sent),
      retransmittedSegments: of(sent / 10),
      interfaces: { list: [] },
    });
    expect(valueOf('retransmittedShare', { network: network(0) }, { network: network(50) })).toMatch(/only 50/);
    expect(valueOf('retransmittedShare', { network: network(0) }, { network: network(1_000) })).toBe(0.1);
  });

  it('calls the use of an interface unknown that carries more than its speed', () => {
    const network = (bytes: number) => ({
      ...{ sentSegments: no, retransmittedSegments: no },
      interfaces: {
        list: [{ name: 'eth0', receivedBytes: of(0), sentBytes: of(bytes), bytesPerSecondAtMost: of(1e6) }],
      },
    });
    expect(valueOf('interfaceUseShare', { network: network(0) }, { network: network(5e6) })).toBe(0.5);
    expect(valueOf('interfaceUseShare', { network: network(0) }, { network: network(50e6) })).toMatch(/told wrongly/);
  });
});

describe('measureWindow, of a measured disk', () => {
  const disk = (bytes: number, atMost: Reading): Partial<NodeSnapshot> => ({
    disks: { list: [{ name: 'vda', reads: no, readBytes: of(bytes), readMs: no, busyMs: no }] },
    measured: { takenAtMs: 5, storageBytesPerSecond: atMost, cachedBytesPerSecond: atMost },
  });

  it('holds what is read against the cold read of the preflight, with its date: 600 MB/s of 1 GB/s', () => {
    expect(valueOf('storageUseShare', disk(0, of(1e9)), disk(6e9, of(1e9)))).toBe(0.6);
    expect(look(disk(0, of(1e9)), disk(6e9, of(1e9))).ceilingsAtMs).toBe(5);
  });

  it('knows no use without a measured read, nor of a disk that is faster than it', () => {
    expect(valueOf('storageUseShare', disk(0, no), disk(6e9, no))).toBe('this kernel does not tell it');
    expect(valueOf('storageUseShare', disk(0, of(1e8)), disk(6e9, of(1e8)))).toMatch(/faster than the file/);
  });
});

describe('measureWindow, of threads', () => {
  const threads = (...list: readonly ReturnType<typeof makeThread>[]) => ({ threads: { list } });

  it('finds the busiest thread, the first of its process where the processor is the engine', () => {
    const before = threads(makeThread(), makeThread({ tid: 8, name: 'worker', isMain: false }));
    const after = threads(
      makeThread({ cpuMs: of(4_000), waitedMs: of(500) }),
      makeThread({ tid: 8, name: 'worker', isMain: false, cpuMs: of(9_900), waitedMs: of(100) }),
    );
    expect(look(before, after).values.busiestThreadShare).toEqual({ value: 0.4 });
    expect(look(before, after).words.busiestThread).toBe('server of the replica (process 7)');
    expect(look(before, after).values.threadWaitShare).toEqual({ value: 0.05 });
    const onDevice = { devices: { list: [makeDevice()] } };
    expect(look(before, { ...after, ...onDevice }).values.busiestThreadShare).toEqual({ value: 0.99 });
  });

  it('leaves the generator and threads that were not there before out', () => {
    const before = threads(makeThread(), makeThread({ role: 'generator', pid: 9, tid: 9 }));
    const after = threads(
      makeThread({ cpuMs: of(1_000) }),
      makeThread({ role: 'generator', pid: 9, tid: 9, cpuMs: of(9_900) }),
      makeThread({ tid: 12, name: 'new', cpuMs: of(9_900) }),
    );
    expect(look(before, after).values.busiestThreadShare).toEqual({ value: 0.1 });
  });

  it('tells how long the generator waits for a core, where this program makes the load', () => {
    const waiting = (waitedMs: number) =>
      threads(
        makeThread({ waitedMs: of(0) }),
        makeThread({ role: 'generator', pid: 9, tid: 9, waitedMs: of(waitedMs) }),
      );
    const [before, after] = [waiting(0), waiting(4_000)].map((counters, at) =>
      makeNodeSnapshot({ atMs: at * 10_000, ...counters }),
    );
    if (before === undefined || after === undefined) throw new Error('two looks');
    const generator = { delayMs: of(6), achievedShare: of(1) };
    expect(measureWindow(before, after, { ...nodeOnly, generator }).values).toMatchObject({
      generatorWaitShare: of(0.4),
      threadWaitShare: of(0),
    });
    expect(measureWindow(before, after, nodeOnly).values.generatorWaitShare).toMatchObject({
      unknown: expect.stringContaining('clients make the load') as string,
    });
  });

  it('says why where no process could be read', () => {
    const unread = { threads: { unknown: 'the replica runs on another node' } };
    expect(valueOf('busiestThreadShare', unread, unread)).toBe('the replica runs on another node');
  });
});

describe('measureWindow, of accelerators', () => {
  const devices = (...list: readonly ReturnType<typeof makeDevice>[]) => ({ devices: { list } });
  const busy = { smActiveShare: of(0.6), linkGeneration: of(3), linkGenerationAtMost: of(5) };

  it('averages activity over both looks', () => {
    const [before, after] = [makeDevice({ smActiveShare: of(0.2) }), makeDevice({ smActiveShare: of(0.6) })];
    expect(valueOf('smActiveShare', devices(before), devices(after))).toBeCloseTo(0.4, 10);
  });

  it('calls a share in percent unknown', () => {
    const percent = devices(makeDevice({ smActiveShare: of(87) }));
    expect(valueOf('smActiveShare', percent, percent)).toMatch(/87, which is no share/);
  });

  it('refuses two accelerators of one UUID', () => {
    const twins = devices(makeDevice(busy), makeDevice({ ...busy, index: 1 }));
    expect(valueOf('smActiveShare', twins, twins)).toMatch(/two accelerators tell the UUID GPU-1/);
  });

  it('judges the generation of a link under load alone', () => {
    expect(valueOf('linkGenerationShare', devices(makeDevice(busy)), devices(makeDevice(busy)))).toBe(0.6);
    const idle = devices(makeDevice({ ...busy, smActiveShare: of(0.01) }));
    expect(valueOf('linkGenerationShare', idle, idle)).toMatch(/there is no load/);
    const untold = devices(makeDevice({ ...busy, smActiveShare: no }));
    expect(valueOf('linkGenerationShare', untold, untold)).toMatch(/the load is not known/);
  });

  it('holds traffic against a measured ceiling, and disbelieves more than the lanes carry', () => {
    const link = { linkGenerationAtMost: of(4), linkWidthAtMost: of(16), busBytesPerSecondAtMost: of(24e9) };
    const at = (bytes: number) => devices(makeDevice({ ...link, busBytesPerSecond: of(bytes) }));
    expect(valueOf('busUseShare', at(18e9), at(18e9))).toBe(0.75);
    expect(valueOf('busUseShare', at(40e9), at(40e9))).toMatch(/another unit/);
  });

  it('counts no accelerator as throttled for being idle, and one that is for any other reason', () => {
    const idle = devices(makeDevice({ throttleReasons: ['gpu_idle'] }));
    expect(valueOf('harmfullyThrottledDevices', idle, idle)).toBe(0);
    const hot = devices(makeDevice({ throttleReasons: ['gpu_idle', 'hw_thermal_slowdown'] }));
    expect(look(hot, hot)).toMatchObject({
      values: { harmfullyThrottledDevices: { value: 1 } },
      words: { throttleReasons: ['hw_thermal_slowdown'] },
    });
    const untold = devices(makeDevice());
    expect(valueOf('harmfullyThrottledDevices', untold, untold)).toMatch(/could not be read/);
    expect(valueOf('harmfullyThrottledDevices', untold, hot)).toBe(1);
  });

  it('counts no reason that stands at one of the two looks alone: a power limit is met for a moment', () => {
    const [calm, capped] = [[], ['sw_power_cap']].map((throttleReasons) => devices(makeDevice({ throttleReasons })));
    if (calm === undefined || capped === undefined) throw new Error('two looks');
    expect(valueOf('harmfullyThrottledDevices', calm, capped)).toBe(0);
    expect(valueOf('harmfullyThrottledDevices', capped, calm)).toBe(0);
    expect(valueOf('harmfullyThrottledDevices', capped, capped)).toBe(1);
  });

  it('counts accelerators that are to be reset, and those of several that do not reach each other', () => {
    const two = (changes: Partial<DeviceSnapshot>) =>
      devices(makeDevice({ ...changes, uuid: 'GPU-1' }), makeDevice({ ...changes, uuid: 'GPU-2' }));
    const refused = { remapPending: of(0), peersRefused: of(1) };
    expect(valueOf('devicesWithoutPeers', two(refused), two(refused))).toBe(2);
    expect(valueOf('devicesToBeReset', two(refused), two(refused))).toBe(0);
    // One that is alone has no peer.
    const alone = devices(makeDevice(refused));
    expect(valueOf('devicesWithoutPeers', alone, alone)).toBe(0);
    // One that is known counts, and an unknown one says nothing of none.
    const mixed = devices(makeDevice({ remapPending: of(1) }), makeDevice({ uuid: 'GPU-2' }));
    expect(valueOf('devicesToBeReset', mixed, mixed)).toBe(1);
    expect(valueOf('devicesWithoutPeers', mixed, mixed)).toMatch(/does not tell/);
  });

  it('counts accelerators on another NUMA node than the replica', () => {
    const after = { ...devices(makeDevice({ numaNode: of(1) })), replicaNumaNodes: { list: [0] } };
    expect(valueOf('devicesOnOtherNumaNode', after, after)).toBe(1);
    expect(valueOf('devicesOnOtherNumaNode', after, { ...after, replicaNumaNodes: { list: [0, 1] } })).toBe(0);
  });
});

describe('measureWindow', () => {
  it('gives shares between 0 and 1, or unknown, whatever counters do', () => {
    const count = fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }).map(of), fc.constant(no));
    const snapshot = fc
      .record({ a: count, b: count, c: count, d: count, e: count, f: count })
      .map(({ a, b, c, d, e, f }): Partial<NodeSnapshot> => ({
        quota: { quotaCores: of(1), periods: a, throttledPeriods: b, throttledMs: c },
        pressure: { of: 'node', cpuSomeMs: c, ioFullMs: d, memoryFullMs: e },
        disks: { list: [{ name: 'vda', reads: a, readBytes: b, readMs: c, busyMs: d }] },
        network: { sentSegments: e, retransmittedSegments: f, interfaces: { unknown: 'not told' } },
      }));
    fc.assert(
      fc.property(snapshot, snapshot, (before, after) => {
        const { values } = look(before, after);
        const shares = [
          values.throttledPeriodShare,
          values.cpuPressureShare,
          values.ioPressureShare,
          values.memoryPressureShare,
          values.diskBusyShare,
          values.retransmittedShare,
        ];
        for (const share of shares) expect(isRead(share) ? share.value >= 0 && share.value <= 1 : true).toBe(true);
      }),
    );
  });
});
