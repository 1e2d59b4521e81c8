import type { ServiceCurve } from '../../core/capacity/service-curve.ts';
import { makeStatic } from '../../core/scaling/policies/static.ts';
import { simulate } from '../../core/scaling/simulation/simulate.ts';
import type { Arrival, SimulatedWorld } from '../../core/scaling/simulation/world.ts';
import { seededRandom, type Random } from '../../core/statistics/random.ts';
import {
  bulkSojournMs,
  erlangLossShare,
  erlangWaitMs,
  impatientShare,
  pollaczekWaitMs,
  sharingSojournMs,
} from './queueing-forms.ts';
import { makeWorld, oneAtATime } from '../rigs/scaling/simulated-worlds.ts';

/** A queue with a closed form: Poisson arrivals on replicas that are always ready. */
export interface QueueingCase {
  readonly name: string;
  /** What is compared, with its formula's authors. */
  readonly what: string;
  readonly measured: 'wait' | 'sojourn' | 'dropped' | 'kept';
  readonly arrivalsPerMs: number;
  readonly drawWork: (random: Random) => number;
  readonly replicas: number;
  readonly changes: Partial<SimulatedWorld> & { readonly curve: ServiceCurve };
  /** Milliseconds, or a share. */
  readonly expected: number;
}

const meanWorkMs = 100;
const constant = (): number => meanWorkMs;
const exponential = (random: Random): number => -Math.log(1 - random.nextShare()) * meanWorkMs;
/** Lognormal with a squared coefficient of variation of 2: E[S^2] = 3 mean^2. Box and Muller 1958. */
const lognormal = (random: Random): number => {
  const normal = Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
  return meanWorkMs * Math.exp(Math.sqrt(Math.log(3)) * normal - Math.log(3) / 2);
};
const single = { curve: oneAtATime };
const sharing: ServiceCurve = {
  kind: 'slots',
  slots: 500,
  speeds: Array.from({ length: 500 }, (_, index) => 1 / (index + 1)),
  meanWorkMs,
};
const bulkMs = [60, 70, 80, 90, 100, 110, 120, 130];

export const queueingCases: readonly QueueingCase[] = [
  {
    name: 'M/M/1',
    what: 'mean wait (Erlang)',
    measured: 'wait',
    arrivalsPerMs: 0.008,
    drawWork: exponential,
    replicas: 1,
    changes: single,
    expected: erlangWaitMs(1, 0.008, meanWorkMs),
  },
  {
    name: 'M/M/1',
    what: 'share within 1 s (exponential sojourn)',
    measured: 'kept',
    arrivalsPerMs: 0.008,
    drawWork: exponential,
    replicas: 1,
    changes: single,
    expected: 1 - Math.exp(-(1 / meanWorkMs - 0.008) * 1_000),
  },
  {
    name: 'M/M/8',
    what: 'mean wait (Erlang C)',
    measured: 'wait',
    arrivalsPerMs: 0.056,
    drawWork: exponential,
    replicas: 8,
    changes: single,
    expected: erlangWaitMs(8, 0.056, meanWorkMs),
  },
  {
    name: 'M/D/1',
    what: 'mean wait (Pollaczek, Khinchine)',
    measured: 'wait',
    arrivalsPerMs: 0.008,
    drawWork: constant,
    replicas: 1,
    changes: single,
    expected: pollaczekWaitMs(0.008, meanWorkMs, meanWorkMs ** 2),
  },
  {
    name: 'M/G/1 lognormal',
    what: 'mean wait (Pollaczek, Khinchine)',
    measured: 'wait',
    arrivalsPerMs: 0.006,
    drawWork: lognormal,
    replicas: 1,
    changes: single,
    expected: pollaczekWaitMs(0.006, meanWorkMs, 3 * meanWorkMs ** 2),
  },
  {
    name: 'M/G/1-PS lognormal',
    what: 'mean sojourn (Sakata et al.)',
    measured: 'sojourn',
    arrivalsPerMs: 0.007,
    drawWork: lognormal,
    replicas: 1,
    changes: { curve: sharing },
    expected: sharingSojournMs(0.007, meanWorkMs),
  },
  {
    name: 'M/D^(1,8)/1',
    what: 'mean sojourn (Bailey, Neuts)',
    measured: 'sojourn',
    arrivalsPerMs: 0.045,
    drawWork: () => 1,
    replicas: 1,
    changes: { curve: { kind: 'batch', batchMs: bulkMs, maxDelayMs: 0 } },
    expected: bulkSojournMs(0.045, bulkMs),
  },
  {
    name: 'M/G/10/10 lognormal',
    what: 'share lost (Erlang B)',
    measured: 'dropped',
    arrivalsPerMs: 0.08,
    drawWork: lognormal,
    replicas: 10,
    changes: { ...single, queueLimit: 0 },
    expected: erlangLossShare(10, 8),
  },
  {
    name: 'M/M/1+D',
    what: 'share that gives up after 200 ms (Barrer)',
    measured: 'dropped',
    arrivalsPerMs: 0.009,
    drawWork: exponential,
    replicas: 1,
    changes: { ...single, dropAfterMs: 200 },
    expected: impatientShare(0.009, meanWorkMs, 200),
  },
];

export interface Comparison {
  readonly simulated: number;
  readonly lower: number;
  readonly upper: number;
}

/** Student's t for 19 degrees of freedom, two-sided 99.9%. */
const tQuantile = 3.883;
const replications = 20;

/** Mean of 20 independent simulations with its 99.9% interval; the first twentieth of each is not scored. */
export function compareQueue(queue: QueueingCase, requests: number, seed: number): Comparison {
  const values = Array.from({ length: replications }, (_, index) => measure(queue, requests, 1_000 * seed + index));
  const mean = values.reduce((sum, value) => sum + value, 0) / replications;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (replications - 1);
  const half = tQuantile * Math.sqrt(variance / replications);
  return { simulated: mean, lower: mean - half, upper: mean + half };
}

function measure(queue: QueueingCase, requests: number, seed: number): number {
  const endMs = requests / queue.arrivalsPerMs;
  const world = makeWorld([], {
    ...queue.changes,
    arrivals: () => poissonArrivals(queue, seed),
    initialReplicas: queue.replicas,
    metricPeriodMs: 600_000,
    endMs,
    scoreFromMs: endMs / 20,
  });
  let [waitMs, sojournMs, answered] = [0, 0, 0];
  const result = simulate(world, makeStatic(queue.replicas), seededRandom(seed), {
    onAnswer: (arrivedAtMs, takenAtMs, endedAtMs) => {
      waitMs += takenAtMs - arrivedAtMs;
      sojournMs += endedAtMs - arrivedAtMs;
      answered += 1;
    },
  });
  switch (queue.measured) {
    case 'wait':
      return waitMs / answered;
    case 'sojourn':
      return sojournMs / answered;
    case 'dropped':
      return result.dropped / result.requests;
    case 'kept':
      return result.attainmentShare;
  }
}

function* poissonArrivals(queue: QueueingCase, seed: number): Generator<Arrival, void> {
  const random = seededRandom(seed);
  for (let atMs = 0; ;) {
    atMs -= Math.log(1 - random.nextShare()) / queue.arrivalsPerMs;
    yield { atMs, workMs: queue.drawWork(random) };
  }
}
