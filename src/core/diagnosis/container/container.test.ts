import { describe, expect, it } from 'vitest';
import { makeNodeSnapshot, makeThread } from '../../../testing/builders/diagnosis/make-readings.ts';
import { makeAbsentNode } from '../readings/absent-node.ts';
import { measureWindow } from '../readings/measure-window.ts';
import type { NodeSnapshot } from '../readings/node-snapshot.ts';
import { makeReading, makeUnknown } from '../readings/reading.ts';
import { suspectCauses } from '../order/suspect-causes.ts';
import { readContainer } from './read-container.ts';
import { writeContainer } from './write-container.ts';

const of = makeReading;
const outside = (atMs = 0) => makeAbsentNode(atMs, 'the replica runs on another node', true);

/** What comes out at the other end of the wire. */
const sent = (inside: NodeSnapshot, atMs = 0): NodeSnapshot =>
  readContainer(
    writeContainer(inside).flatMap(({ name, samples }) => samples.map((sample) => ({ ...sample, name, atMs: null }))),
    outside(atMs),
  );

/** A container with a quota of half a core, on a node whose kernel tells everything. */
const inside = (at: number): NodeSnapshot =>
  makeNodeSnapshot({
    atMs: at,
    cores: of(8),
    threads: { list: [makeThread({ cpuMs: of(at * 0.4), waitedMs: of(at * 0.05) })] },
    quota: {
      quotaCores: of(0.5),
      periods: of(at / 100),
      throttledPeriods: of(at / 200),
      throttledMs: of(at / 4),
    },
    pressure: { of: 'replica', cpuSomeMs: of(at * 0.5), ioFullMs: of(0), memoryFullMs: of(at * 0.02) },
    disks: { list: [{ name: 'sda', reads: of(1), readMs: of(1), readBytes: of(at * 1_000), busyMs: of(at * 0.1) }] },
  });

describe('a look from inside a container', () => {
  it('arrives on the other side of the wire as it was', () => {
    const look = inside(10_000);
    const { threads, quota, pressure, memory, cores, disks } = sent(look);
    expect({ threads, quota, pressure, memory, cores }).toEqual({
      threads: look.threads,
      quota: look.quota,
      pressure: look.pressure,
      memory: look.memory,
      cores: look.cores,
    });
    expect(disks).toMatchObject({ list: [{ name: 'sda', readBytes: of(10e6), busyMs: of(1_000) }] });
  });

  it('suspects the quota, by the order that a node of this machine is asked in', () => {
    const parts = { service: null, waterfall: null, generator: null };
    const window = measureWindow(sent(inside(10_000), 10_000), sent(inside(40_000), 40_000), parts);
    expect(window.values).toMatchObject({ throttledPeriodShare: of(0.5), memoryPressureShare: of(0.02) });
    expect(suspectCauses(window).suspected.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining(['cpu-quota', 'memory-pressure']),
    );
  });

  it('says nothing of counters that went back: the container began anew, or they wrapped', () => {
    const parts = { service: null, waterfall: null, generator: null };
    const { values } = measureWindow(sent(inside(40_000), 10_000), sent(inside(10_000), 40_000), parts);
    for (const name of ['throttledPeriodShare', 'memoryPressureShare', 'busiestThreadShare'] as const) {
      expect(values[name]).toEqual({ unknown: expect.stringContaining('it wrapped or began anew') as string });
    }
  });

  it('knows that it has no quota', () => {
    const none = makeUnknown('the group has no quota');
    const quota = { quotaCores: null, periods: none, throttledPeriods: none, throttledMs: none };
    expect(sent(makeNodeSnapshot({ quota })).quota.quotaCores).toBeNull();
  });

  it('says why a number is missing: no PSI, a container without /sys', () => {
    const psi = makeUnknown('the kernel tells no pressure: /proc/pressure/cpu is not there');
    const group = makeUnknown('no control group of cpu is mounted at /sys/fs/cgroup');
    const look = sent(
      makeNodeSnapshot({
        pressure: { of: 'node', cpuSomeMs: psi, ioFullMs: psi, memoryFullMs: psi },
        quota: { quotaCores: group, periods: group, throttledPeriods: group, throttledMs: group },
        threads: { unknown: '/proc/1/task is not there' },
        disks: { unknown: '/proc/diskstats is not there' },
      }),
    );
    expect(look.pressure.ioFullMs).toEqual(psi);
    expect(look.quota).toEqual({ quotaCores: group, periods: group, throttledPeriods: group, throttledMs: group });
    expect(look.threads).toEqual({ unknown: '/proc/1/task is not there' });
    expect(look.disks).toEqual({ unknown: '/proc/diskstats is not there' });
  });

  it('has no list of threads where it has too many of them', () => {
    const list = Array.from({ length: 129 }, (_, tid) => makeThread({ tid }));
    expect(sent(makeNodeSnapshot({ threads: { list } })).threads).toEqual({
      unknown: 'the container has more than 128 threads',
    });
  });
});

describe('a server that tells more than a container has', () => {
  it.each(['busy', 'read_bytes'])('has no list of disks where it tells too many of them (%s)', (of) => {
    const samples = Array.from({ length: 257 }, (_, at) => ({
      ...{ name: `plimsoll_container_node_disk_${of === 'busy' ? 'busy_seconds' : of}_total`, value: 1, atMs: null },
      labels: [['disk', `d${at}`] as const],
    }));
    expect(readContainer(samples, outside()).disks).toEqual({
      unknown: 'the server of the replica tells of more than 256 disks',
    });
    expect(readContainer(samples.slice(1), outside()).disks).toMatchObject({ list: { length: 256 } });
  });

  it('has no list of threads where it tells too many of them', () => {
    const samples = Array.from({ length: 129 }, (_, at) => ({
      ...{ name: 'plimsoll_container_thread_cpu_seconds_total', value: 1, atMs: null },
      labels: [['tid', `${at}`] as const],
    }));
    expect(readContainer(samples, outside()).threads).toEqual({ unknown: 'the container has more than 128 threads' });
  });

  it('has its texts cut to one line, with control characters shown', () => {
    const said = (reason: string) =>
      readContainer(
        [
          {
            name: 'plimsoll_container_unread_info',
            value: 1,
            atMs: null,
            labels: [
              ['field', 'cores'],
              ['reason', reason],
            ],
          },
        ],
        outside(),
      ).cores;
    expect(said('no\n\u001b[31mPSI')).toEqual({ unknown: 'no\\u{a}\\u{1b}[31mPSI' });
    expect(said('x'.repeat(5_000))).toEqual({ unknown: 'x'.repeat(200) });
  });
});

describe('a server that tells nothing of its container', () => {
  it.each([
    ['another server', [], 'the server of the replica tells no counters of its container'],
    ['one that does not answer', { unknown: 'http://r answers 404' }, /its container: http:\/\/r answers 404$/],
  ])('(%s) leaves everything unknown, and says so', (_what, samples, said) => {
    const look = readContainer(samples, outside());
    for (const reading of [look.quota.quotaCores, look.pressure.cpuSomeMs, look.memory.limitHits, look.threads]) {
      expect(reading).toEqual({ unknown: expect.stringMatching(said) as string });
    }
    expect(look.devices).toEqual({ list: [] });
  });
});
