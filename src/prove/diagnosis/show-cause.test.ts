import { describe, expect, it } from 'vitest';
import type { Cause, Experiment, Suspicion } from '../../core/diagnosis/cause.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import type { Ablation, Restore } from '../../ports/nodes/ablation.ts';
import type { UndoJournal } from '../../ports/nodes/undo-journal.ts';
import type { ProcessIdentity } from '../../ports/serving/process-identity.ts';
import { memoryUndoJournal } from '../../testing/fakes/memory/memory-undo-journal.ts';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';
import { makeShowCause, type ShowCauseParts } from './show-cause.ts';

interface World {
  /** Factor of the answers a second while the experiment takes the cause away. */
  readonly factors: Partial<Record<Experiment, number>>;
  readonly seed?: number;
  readonly noise?: number;
  readonly answerMs?: number;
  readonly refused?: Partial<Record<Experiment, string>>;
  readonly replica?: 'spare' | 'live';
  readonly restore?: Restore;
  /** The replica ends after so many measurements. */
  readonly endsAfter?: number;
  readonly signal?: AbortSignal;
  readonly journal?: UndoJournal;
  readonly onMeasure?: (count: number) => void;
}

/** A service whose answers a second are multiplied while an experiment takes a cause away; on a machine that drifts. */
function worldOf(world: World) {
  const random = seededRandom(world.seed ?? 1);
  const clock = selfAdvancingClock();
  const applied = new Set<Experiment>();
  const calls: string[] = [];
  const journal = world.journal ?? memoryUndoJournal();
  let measured = 0;
  const identity: ProcessIdentity = {
    self: () => 'self',
    of: () => Promise.resolve('replica'),
    isDead: (who) => Promise.resolve(who === 'replica' && measured >= (world.endsAfter ?? Infinity)),
  };
  const parts: ShowCauseParts = {
    clock,
    random: { next: random.nextShare, hex: () => '' },
    signal: world.signal ?? new AbortController().signal,
    journal,
    identity,
    restore: world.restore ?? (() => Promise.resolve({ kind: 'restored', how: '' })),
    target: { pid: 7, identity: 'replica' },
    terms: { accelerators: 1, loadedShare: 1, pricePerHour: null },
    replica: world.replica ?? 'spare',
    isLiveAllowed: false,
    prepare: (experiment) => {
      const refused = world.refused?.[experiment];
      return Promise.resolve(refused === undefined ? ablationOf(experiment) : { refused });
    },
    measure: async (durationMs, signal) => {
      measured += 1;
      world.onMeasure?.(measured);
      signal.throwIfAborted();
      await clock.sleep(durationMs, signal);
      const factor = [...applied].reduce((product, each) => product * (world.factors[each] ?? 1), 1);
      const noise = Math.exp((random.nextShare() - 0.5) * (world.noise ?? 0.1));
      // 1% slower with every second: a machine that warms up.
      return { value: 100 * factor * noise * Math.exp(-clock.monotonicMs() / 100_000), answerMs: world.answerMs ?? 10 };
    },
  };
  const ablationOf = (experiment: Experiment): Ablation => ({
    restoration: { kind: 'affinity', pid: 7, cpus: '0', threads: [{ tid: 7, cpus: '0' }] },
    settleMs: 60,
    apply: async () => {
      calls.push(`apply with ${(await journal.list()).length} entries`);
      applied.add(experiment);
    },
    undo: () => {
      calls.push('undo');
      applied.delete(experiment);
      return Promise.resolve();
    },
  });
  return { show: makeShowCause(parts), applied, calls, journal, clock };
}

const suspect = (cause: Cause, experiment: Experiment | null): Suspicion => ({
  cause,
  strength: 1,
  reason: 'read',
  experiment,
});
const quota = suspect('cpu-quota', 'lifted-quota');
const cores = suspect('cpu-thread', 'other-cores');

describe('showing a cause', () => {
  it('names the one whose experiment helps, and leaves nothing changed', async () => {
    const { show, applied, calls, journal } = worldOf({ factors: { 'lifted-quota': 1.5 } });
    const found = await show([cores, quota]);
    expect(found).toMatchObject({ verdict: 'shown', cause: 'cpu-quota' });
    expect(found.effect?.estimate).toBeCloseTo(0.5, 1);
    expect(found.effect?.lower).toBeGreaterThan(0.4);
    expect(found.effect?.upper).toBeLessThan(0.6);
    expect(found.experiments.map(({ outcome }) => outcome.kind)).toEqual(['excluded', 'shown']);
    expect(applied.size).toBe(0);
    expect(await journal.list()).toEqual([]);
    // Written down before anything is changed.
    expect(new Set(calls)).toEqual(new Set(['apply with 1 entries', 'undo']));
  });

  it('names nothing in 200 diagnoses of a noisy machine without a fault', async () => {
    let named = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const { show } = worldOf({ factors: {}, seed, noise: 0.6 });
      if ((await show([cores, quota, suspect('batching', 'larger-batch')])).verdict === 'shown') named += 1;
    }
    expect(named).toBe(0);
  });

  it('ends within 45 s, with three experiments at most', async () => {
    const { show, clock } = worldOf({ factors: {}, noise: 2, seed: 3 });
    const beganMs = clock.monotonicMs();
    const { experiments } = await show([
      cores,
      quota,
      suspect('batching', 'larger-batch'),
      suspect('preprocessing', 'synthetic-input'),
    ]);
    expect(clock.monotonicMs() - beganMs).toBeLessThanOrEqual(46_000);
    expect(experiments[3]?.outcome).toEqual({ kind: 'not-run', reason: 'only 3 experiments are run at a time' });
  });

  it('runs none on a replica that serves clients, unless that is allowed', async () => {
    const { show, calls } = worldOf({ factors: { 'lifted-quota': 2 }, replica: 'live' });
    const found = await show([quota]);
    expect(found).toMatchObject({ verdict: 'undetermined', likeliest: [quota], deciding: 'lifted-quota' });
    expect(calls).toEqual([]);
  });

  it('is undetermined where the experiment cannot be run, and says why', async () => {
    const { show } = worldOf({ factors: {}, refused: { 'lifted-quota': 'process 7 has no CPU quota' } });
    const found = await show([quota]);
    expect(found.verdict).toBe('undetermined');
    expect(found.experiments[0]?.outcome).toEqual({ kind: 'not-run', reason: 'process 7 has no CPU quota' });
  });

  it('is undetermined where answers are so slow that too few rounds fit', async () => {
    const { show, calls } = worldOf({ factors: { 'lifted-quota': 2 }, answerMs: 5_000 });
    expect((await show([quota])).experiments[0]?.outcome).toMatchObject({
      reason: 'too little time is left for enough rounds',
    });
    expect(calls).toEqual([]);
  });

  it('undoes and says so when the process ends under the experiment', async () => {
    const { show, applied, journal } = worldOf({ factors: { 'lifted-quota': 2 }, endsAfter: 12 });
    const found = await show([quota]);
    expect(found.verdict).toBe('undetermined');
    expect(found.experiments[0]?.outcome).toEqual({
      kind: 'not-run',
      reason: 'the process ended during the experiment',
    });
    expect(applied.size).toBe(0);
    expect(await journal.list()).toEqual([]);
  });

  it('undoes before it rejects when it is interrupted', async () => {
    const stop = new AbortController();
    const { show, applied, journal } = worldOf({
      factors: { 'lifted-quota': 2 },
      signal: stop.signal,
      onMeasure: (count) => {
        if (count === 6) stop.abort(new Error('interrupted'));
      },
    });
    await expect(show([quota])).rejects.toThrow('interrupted');
    expect(applied.size).toBe(0);
    expect(await journal.list()).toEqual([]);
  });

  it('keeps the entry, and says what stands changed, where undoing fails', async () => {
    const restore: Restore = () => Promise.resolve({ kind: 'failed', how: 'cpu.max is max and not 20000' });
    const { show, journal } = worldOf({ factors: { 'lifted-quota': 2 }, restore });
    const { experiments } = await show([quota]);
    expect(experiments[0]?.notUndone).toBe('cpu.max is max and not 20000');
    expect(await journal.list()).toHaveLength(1);
  });

  it('runs no experiment on a process that another program experiments on', async () => {
    const journal = memoryUndoJournal();
    await journal.open({
      format: 1,
      experiment: 'other-cores',
      owner: 'another',
      target: { pid: 7, identity: 'replica' },
      beganAtMs: 0,
      restoration: { kind: 'affinity', pid: 7, cpus: '0', threads: [] },
    });
    const { show, calls } = worldOf({ factors: { 'lifted-quota': 2 }, journal });
    expect((await show([quota])).experiments[0]?.outcome).toMatchObject({ kind: 'not-run' });
    expect(calls).toEqual([]);
    expect(await journal.list()).toHaveLength(1);
  });
});
