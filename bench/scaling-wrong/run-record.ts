import { makeKeda } from '../../src/core/scaling/policies/keda.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import { roomOf } from '../../src/core/scaling/simulation/line/make-service-line.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import { withToldFactor, type ToldWrong } from '../../src/core/scaling/simulation/told-evidence.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';

/** One run, in steps of `stepMs`, so that it can be scored from any moment. */
export interface RunRecord {
  /** Requests by when they arrived, and those of them that were in time. */
  readonly arrived: readonly number[];
  readonly kept: readonly number[];
  /** Replicas that hold an accelerator, at the beginning of each step. */
  readonly held: readonly number[];
  /** When 200 requests were answered while 60% of the slots or more were taken; null for never. */
  readonly saturatedMs: number | null;
}

export interface AskedRun {
  readonly policy: 'own' | 'keda';
  /** Null: right knowledge. */
  readonly told: { readonly wrong: ToldWrong; readonly factor: number; readonly untilMs?: number } | null;
  readonly seed: number;
}

export const stepMs = 10_000;
const [completionsNeeded, occupancyNeeded] = [200, 0.6];

export function recordRun(world: SimulatedWorld, { policy, told, seed }: AskedRun): RunRecord {
  const steps = Math.ceil(world.endMs / stepMs);
  const [arrived, kept, held] = [zeros(steps), zeros(steps), zeros(steps)];
  const all = world.arrivals();
  for (let next = all.next(); next.done !== true && next.value.atMs < world.endMs; next = all.next()) {
    add(arrived, next.value.atMs);
  }
  const chosen = policy === 'own' ? plimsollPolicy : makeKeda();
  const { timeline } = simulate(toldWorld(world, told), chosen as typeof plimsollPolicy, seededRandom(seed), {
    recordEveryMs: stepMs,
    onAnswer: (arrivedAtMs, _, endedAtMs) => {
      if (endedAtMs - arrivedAtMs <= world.terms.latencyMs) add(kept, arrivedAtMs);
    },
  });
  const room = roomOf(world.capacity.curve);
  let [completions, saturatedMs]: [number, number | null] = [0, null];
  for (const [index, point] of timeline.points.entries()) {
    const everyMs = point.atMs - (timeline.points[index - 1]?.atMs ?? 0);
    // Points are further apart where a trace is long.
    for (let at = point.atMs; at < point.atMs + Math.max(stepMs, everyMs) && at < world.endMs; at += stepMs) {
      held[Math.floor(at / stepMs)] = point.starting + point.ready + point.draining;
    }
    const occupied = point.ready > 0 && point.inFlight / (point.ready * room) >= occupancyNeeded;
    if (occupied) completions += (point.completionsPerSecond * everyMs) / 1_000;
    if (saturatedMs === null && completions >= completionsNeeded) saturatedMs = point.atMs;
  }
  return { arrived, kept, held, saturatedMs };
}

function toldWorld(world: SimulatedWorld, told: AskedRun['told']): SimulatedWorld {
  if (told === null) return world;
  const wrong = withToldFactor(world, told.wrong, told.factor);
  if (told.untilMs === undefined || wrong.told === undefined) return wrong;
  return { ...wrong, told: { ...wrong.told, untilMs: told.untilMs } };
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

function add(counts: number[], atMs: number): void {
  const step = Math.floor(atMs / stepMs);
  counts[step] = (counts[step] ?? 0) + 1;
}

/** Share in time and accelerator-seconds of what comes from a moment on; means over the runs. */
export function scoreFrom(runs: readonly RunRecord[], fromMs: number): { attainmentShare: number; seconds: number } {
  const from = Math.ceil(fromMs / stepMs);
  const sum = (list: readonly number[]): number => list.slice(from).reduce((total, value) => total + value, 0);
  const shares = runs.map(({ arrived, kept }) => (sum(arrived) === 0 ? 1 : sum(kept) / sum(arrived)));
  const seconds = runs.map(({ held }) => (sum(held) * stepMs) / 1_000);
  const mean = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0) / list.length;
  return { attainmentShare: mean(shares), seconds: mean(seconds) };
}
