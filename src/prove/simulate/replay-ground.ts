import { setImmediate } from 'node:timers/promises';
import type { BlockPlan, ReplayBlock } from '../../core/cost/marginal/plan-blocks.ts';
import type { Replay, ReplayRun } from '../../core/cost/marginal/paired-replays.ts';
import { plimsollPolicy } from '../../core/scaling/own/plimsoll.ts';
import type { SimulatedGround } from '../../core/scaling/simulation/score/scaling-report.ts';
import { totalSeconds } from '../../core/scaling/simulation/score/score.ts';
import { simulate } from '../../core/scaling/simulation/simulate.ts';
import type { Arrivals } from '../../core/scaling/simulation/world.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import type { ProvingPorts } from '../ports.ts';
import { makeSimulatedWorld } from './simulated-world.ts';

/** Longer than any simulation: nobody looks at the timelines. */
const notRecordedMs = 1e12;

/** What stays the same for every contract that is replayed. */
export interface ReplayedBlocks extends BlockPlan {
  readonly arrivals: Arrivals;
  /** `tokens`: the arrivals have them as their units. */
  readonly unit: 'tokens' | null;
  /** Devices of one replica. */
  readonly devices: number;
}

/**
 * Returns what Plimsoll's own scaler would have done with one contract: a run for each block and seed, by the simulator of
 * `plimsoll scale simulate`. The seed alone draws the starts: the n-th start of a run takes as long whatever the contract says.
 * @param stepped is called after each run
 */
export async function replayGround(
  { signal }: Pick<ProvingPorts, 'signal'>,
  ground: Omit<SimulatedGround, 'scoreFromMs' | 'endMs'>,
  { blocks, seeds, arrivals, unit, devices }: ReplayedBlocks,
  stepped: () => void,
): Promise<Replay> {
  const replay: ReplayRun[][] = [];
  for (const [at, block] of blocks.entries()) {
    const world = makeSimulatedWorld(
      { ...ground, ...scoredTime(block) },
      { arrivals: arrivalsOf(arrivals, block), unit },
    );
    const runs: ReplayRun[] = [];
    for (let draw = 0; draw < seeds; draw += 1) {
      await setImmediate();
      signal.throwIfAborted();
      const seed = at * seeds + draw + 1;
      const result = simulate(world, plimsollPolicy, seededRandom(seed), { recordEveryMs: notRecordedMs });
      const { requests, late, dropped, acceleratorSeconds } = result;
      runs.push({ seed, requests, late: late + dropped, deviceSeconds: devices * totalSeconds(acceleratorSeconds) });
      stepped();
    }
    replay.push(runs);
  }
  return replay;
}

const scoredTime = ({ fromMs, scoreFromMs, endMs }: ReplayBlock) => ({
  scoreFromMs: scoreFromMs - fromMs,
  endMs: endMs - fromMs,
});

/** Arrivals from the beginning of a block on, which the simulation ends by itself. */
const arrivalsOf = (arrivals: Arrivals, { fromMs }: ReplayBlock): Arrivals =>
  function* () {
    const all = arrivals();
    for (let next = all.next(); next.done !== true; next = all.next()) {
      const { atMs } = next.value;
      if (atMs >= fromMs) yield { ...next.value, atMs: atMs - fromMs };
    }
  };
