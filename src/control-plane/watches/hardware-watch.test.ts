import { describe, expect, it } from 'vitest';
import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import type { CpuClass } from '../../core/pool/classes/device-class.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { HardwareWatch, type HardwareSource } from './hardware-watch.ts';
import type { WatchNews } from './watch.ts';
import { digestOf } from '../../core/units/digest.ts';

const cpu: CpuClass = { accelerator: 'cpu', arch: 'x64', model: 'AMD EPYC 7763' };
const other: CpuClass = { ...cpu, model: 'Intel Xeon 8480' };
const remedy = 'plimsoll verify';
const nothingSeen = { replicas: [] };
const signal = new AbortController().signal;
type Present = Awaited<ReturnType<HardwareSource['present']>>;

function watched(
  present: Present,
  verified = true,
  recorded: readonly Invalidation[] = [],
  measuredAtMs = 1_000,
  evidence = digestOf('verified'),
) {
  const clock = new FakeClock();
  const state = { present };
  const watch = new HardwareWatch({
    service: 'digits',
    environment: 'prod',
    clock,
    source: {
      verified: async () => (verified ? { classes: [cpu], evidence, measuredAtMs, remedy } : null),
      present: async () => state.present,
    },
    store: { invalidations: async () => recorded },
  });
  /** What one more look, a minute later, tells; recorded, unless the store does not take it. */
  const look = async (isRecorded = true): Promise<readonly WatchNews[]> => {
    await clock.advance(60_000);
    const news = await watch.look(nothingSeen, signal);
    if (isRecorded) watch.recorded();
    return news;
  };
  return { state, look, watch };
}

describe('the watch over the hardware', () => {
  it('says nothing while every device is of a verified class, nor where nothing was verified', async () => {
    expect(await watched([cpu]).look()).toEqual([]);
    expect(await watched([other], false).look()).toEqual([]);
  });

  it('invalidates the hardware evidence when a class leaves the verified set, naming the change and the remedy', async () => {
    const [news] = await watched([other]).look();
    const reason = 'the CPU: model AMD EPYC 7763 -> Intel Xeon 8480';
    expect(news?.invalidation).toMatchObject({ kind: 'hardware', environment: 'prod', reason, remedy });
    expect(news?.event.summary).toBe(`The hardware is no longer what was verified: ${reason}; next: ${remedy}`);
  });

  it('tells a change once, also after a restart, and again when it was verified in between', async () => {
    const first = watched([other]);
    const invalidation = (await first.look())[0]?.invalidation as Invalidation;
    expect(await watched([other], true, [invalidation]).look()).toEqual([]);
    expect(await watched([other], true, [invalidation], 1_000, digestOf('verified again')).look()).toHaveLength(1);
    // What names this evidence was told of it, also before the clock was set back.
    expect(await watched([other], true, [{ ...invalidation, atMs: 999 }]).look()).toEqual([]);
    const { evidence: _, ...ofOlderVersion } = invalidation;
    expect(await watched([other], true, [ofOlderVersion]).look()).toEqual([]);
    expect(await watched([other], true, [{ ...ofOlderVersion, atMs: 999 }]).look()).toHaveLength(1);
    // A date that lies ahead makes nothing new of what was told.
    expect(await watched([other], true, [invalidation], 1e12).look()).toEqual([]);
  });

  it('leaves the evidence alone when the hardware cannot be read, and tells that once', async () => {
    const { state, look } = watched({ unreadable: 'the driver does not answer' });
    const [news] = await look();
    expect(news).toMatchObject({ invalidation: null, event: { kind: 'hardware.unreadable' } });
    expect(news?.event.summary).toContain('the driver does not answer');
    expect(await look()).toEqual([]);
    state.present = [cpu];
    expect(await look()).toEqual([]);
    state.present = { unreadable: 'the driver does not answer' };
    expect(await look(false)).toHaveLength(1);
    expect(await look()).toHaveLength(1);
    expect(await look()).toEqual([]);
  });

  it('looks once a minute', async () => {
    const { look, watch } = watched([other]);
    expect(await look()).toHaveLength(1);
    expect(await watch.look(nothingSeen, signal)).toEqual([]);
  });
});
