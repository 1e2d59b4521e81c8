import type { Experiment, Suspicion } from '../../../src/core/diagnosis/cause.ts';
import type { Finding } from '../../../src/core/diagnosis/finding/finding.ts';
import { suspectCauses } from '../../../src/core/diagnosis/order/suspect-causes.ts';
import { measureWindow } from '../../../src/core/diagnosis/readings/measure-window.ts';
import { drawWaterfall, measureService } from '../../../src/core/diagnosis/waterfall/waterfall.ts';
import { seededRandom, type Random } from '../../../src/core/statistics/random.ts';
import { makeShowCause } from '../../../src/prove/diagnosis/show-cause.ts';
import { memoryUndoJournal } from '../../../src/testing/fakes/memory/memory-undo-journal.ts';
import { SelfMovingClock } from '../../../src/testing/fakes/self-moving-clock.ts';
import { between, drawHealthy } from './board.ts';
import type { DeviceFault } from './device-faults.ts';
import { lookAt, type Sources } from './looks.ts';

const windowMs = 8_000;
/** Two blocks of one kind differ by so much, as a share, on a quiet node. */
const blockNoise = 0.1;

export interface Replayed {
  readonly sources: Sources;
  readonly suspected: readonly Suspicion[];
  readonly finding: Finding;
}

/**
 * Replays one run: counters of two looks are made, read and judged by the functions that run live, and the experiments of `plimsoll
 * diagnose` are played on a service that answers more while the fault is taken away.
 */
export async function replay(faults: readonly DeviceFault[], seed: number): Promise<Replayed> {
  const random = seededRandom(seed);
  const truth = faults.reduce((state, fault) => fault.apply(state, random), drawHealthy(random));
  const isOfDriver = faults.some((fault) => fault.isOfDriver === true);
  const sources: Sources = isOfDriver || random.nextShare() < 0.5 ? 'driver' : 'dcgm';
  const [before, after] = [lookAt(truth, 1_000, sources, random), lookAt(truth, 1_000 + windowMs, sources, random)];
  const service = measureService(before.service, after.service);
  const parts = { service, waterfall: drawWaterfall(service), generator: null };
  const { suspected } = suspectCauses(measureWindow(before.node, after.node, parts));
  return { sources, suspected, finding: await playExperiments(faults, random)(suspected) };
}

function playExperiments(faults: readonly DeviceFault[], random: Random) {
  const factors = new Map(
    faults.flatMap(({ helps }) =>
      helps === undefined ? [] : [[helps.experiment, between(random, helps.from, helps.to)]],
    ),
  );
  const clock = new SelfMovingClock();
  let applied: Experiment | null = null;
  return makeShowCause({
    clock,
    random: { next: random.nextShare, hex: () => '' },
    signal: new AbortController().signal,
    journal: memoryUndoJournal(),
    identity: { self: () => 'bench', of: async () => 'replica', isDead: async () => false },
    restore: async () => ({ kind: 'restored', how: '' }),
    prepare: async (experiment) => ({
      ...{ restoration: null, settleMs: 60 },
      apply: async () => void (applied = experiment),
      undo: async () => void (applied = null),
    }),
    measure: async (durationMs, signal) => {
      await clock.sleep(durationMs, signal);
      const factor = applied === null ? 1 : (factors.get(applied) ?? 1);
      return { value: 100 * factor * Math.exp(between(random, -blockNoise / 2, blockNoise / 2)), answerMs: 20 };
    },
    target: { pid: 1, identity: 'replica' },
    terms: { accelerators: 2, loadedShare: 1, pricePerHour: null },
    ...{ replica: 'spare', isLiveAllowed: false },
  });
}
