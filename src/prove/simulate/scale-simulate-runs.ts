import { setImmediate } from 'node:timers/promises';
import { judgeAttainment } from '../../core/evidence/kinds/scaling/scaling-evidence.ts';
import type { SimulatedRun } from '../../core/evidence/kinds/scaling/scaling-measurements.ts';
import { lowerBound } from '../../core/scaling/bounds/lower/lower-bound.ts';
import { planOffline } from '../../core/scaling/bounds/offline/plan-offline.ts';
import { makeStatic } from '../../core/scaling/policies/static.ts';
import type { Policy } from '../../core/scaling/policy.ts';
import type { Clairvoyant, ParetoPoint, SimulatedPolicy } from '../../core/scaling/simulation/score/scaling-report.ts';
import { paretoFront, scoreOf, totalSeconds } from '../../core/scaling/simulation/score/score.ts';
import { simulate } from '../../core/scaling/simulation/simulate.ts';
import { sweepCells, type SweptPolicy } from '../../core/scaling/simulation/score/error-sweep.ts';
import { withToldFactor, type ToldWrong } from '../../core/scaling/simulation/told-evidence.ts';
import type { Timeline } from '../../core/scaling/simulation/score/timeline.ts';
import type { SimulatedWorld, SimulationResult } from '../../core/scaling/simulation/world.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import { stepProgress } from '../progress.ts';
import { choicesOf, isFixed, policyOf, staticName } from './scale-simulate-policies.ts';
import type { SimulateOptions } from './scale-simulate-options.ts';
import type { ProvingPorts } from '../ports.ts';

/** Requests that the plan is tried on, over all of its simulations: about half a minute of one core. */
const plannedRequestsAtMost = 4e7;
const [leastPlans, mostPlans] = [20, 250];
const choicesAtMost = 6;
/** Draws of each factor of a sweep: what wrong evidence does is far larger than what luck does. */
const sweptDrawsAtMost = 1;
/** Of one sweep of the bound; a large demand gets a coarser grid, and a bound that is less tight. */
const boundStepsAtMost = 1_000_000;

/** Longer than any simulation: a plan's trials are looked at by nobody. */
const notRecordedMs = 1e12;

export interface ScoredRuns {
  readonly policy: SimulatedPolicy;
  readonly runs: readonly SimulatedRun[];
}

/** Simulations of one world, one after the other: Ctrl-C ends them at any moment, and people are told how far it is. */
export class Simulations {
  readonly #context: Pick<ProvingPorts, 'compute' | 'signal'>;
  readonly #world: SimulatedWorld;
  readonly #seeds: readonly number[];
  readonly #said: (done: number) => void;
  readonly #plans: number;
  #done = 0;

  constructor(
    context: Pick<ProvingPorts, 'clock' | 'compute' | 'signal' | 'terminal'>,
    world: SimulatedWorld,
    requests: number,
    asked: Pick<SimulateOptions, 'seeds' | 'policies' | 'pareto' | 'sweep'>,
  ) {
    this.#context = context;
    this.#world = world;
    this.#seeds = Array.from({ length: asked.seeds }, (_, index) => index + 1);
    this.#plans = Math.min(mostPlans, Math.max(leastPlans, Math.floor(plannedRequestsAtMost / Math.max(1, requests))));
    const points = asked.pareto ? asked.policies.length * (choicesAtMost + 1) : 0;
    const compared = [world.terms.toZero, world.terms.sleep !== undefined].filter(Boolean).length * asked.seeds;
    this.#said = stepProgress(
      context,
      'simulating',
      this.#plans + asked.policies.length * asked.seeds + points + compared + this.#sweptRuns(asked),
    );
  }

  async #once(policy: Policy, seed: number, world = this.#world): Promise<SimulationResult & { timeline: Timeline }> {
    await setImmediate();
    this.#context.signal.throwIfAborted();
    const result = this.#context.compute(() => simulate(world, policy, seededRandom(seed)));
    this.#done += 1;
    this.#said(this.#done);
    return result;
  }

  /** What is possible for whoever knows all that comes. */
  async clairvoyant(): Promise<Clairvoyant> {
    await setImmediate();
    this.#context.signal.throwIfAborted();
    return this.#context.compute(() => this.#clairvoyant());
  }

  #clairvoyant(): Clairvoyant {
    const world = this.#world;
    const plan = planOffline(
      world,
      (policy) => {
        this.#done += 1;
        this.#said(this.#done);
        return simulate(world, policy, seededRandom(1), { recordEveryMs: notRecordedMs });
      },
      { simulationsAtMost: this.#plans, periodsAtMost: 8_192 },
    );
    const finite = (seconds: number): number | null => (Number.isFinite(seconds) ? seconds : null);
    const boundSeconds = finite(lowerBound(world, 'expected', boundStepsAtMost).acceleratorSeconds);
    const planSeconds = plan.attains ? totalSeconds(plan.result.acceleratorSeconds) : null;
    return {
      boundLeastSeconds: finite(lowerBound(world, 'least', boundStepsAtMost).acceleratorSeconds),
      boundSeconds,
      planSeconds,
      planAttainmentShare: plan.result.attainmentShare,
      gapShare: overShare(planSeconds, boundSeconds),
      simulations: plan.simulations,
    };
  }

  /** A policy over all seeds. */
  async scored(name: string, clairvoyant: Clairvoyant): Promise<ScoredRuns> {
    if (name !== staticName) return this.#score(name, policyOf(name), clairvoyant);
    const count = await this.#smallestStatic();
    return this.#score(`static ${count}`, makeStatic(count), clairvoyant);
  }

  /** The own policy with the last replica kept. */
  async withoutZero(clairvoyant: Clairvoyant): Promise<ScoredRuns> {
    const { terms } = this.#world;
    const kept = { ...terms, toZero: false, minReplicas: Math.max(1, terms.minReplicas) };
    return this.#score('plimsoll without zero', policyOf('plimsoll'), clairvoyant, { ...this.#world, terms: kept });
  }

  /** The own policy with replicas that are stopped where they might sleep. */
  async withoutSleep(clairvoyant: Clairvoyant): Promise<ScoredRuns> {
    const { sleep: _, ...terms } = this.#world.terms;
    return this.#score('plimsoll without sleep', policyOf('plimsoll'), clairvoyant, { ...this.#world, terms });
  }

  async #score(label: string, policy: Policy, clairvoyant: Clairvoyant, world = this.#world): Promise<ScoredRuns> {
    const results: SimulationResult[] = [];
    let timeline: Timeline | null = null;
    for (const seed of this.#seeds) {
      const { timeline: told, ...result } = await this.#once(policy, seed, world);
      timeline ??= told;
      results.push(result);
    }
    const score = scoreOf(results);
    const runs = results.map((result, at) => runOf(this.#seeds[at] ?? 0, result));
    const { verdict } = judgeAttainment(runs, world.terms.attainmentShare, world.terms.latencyMs);
    const seconds = score.acceleratorSeconds.mean;
    // The bound and the plan know no sleep.
    const bounded = score.byState.asleep === 0 && score.wakes === 0;
    const regret = {
      overBoundShare: bounded ? overShare(seconds, clairvoyant.boundSeconds) : null,
      overPlanShare: bounded ? overShare(seconds, clairvoyant.planSeconds) : null,
    };
    const empty = { points: [], decisions: [], decisionsLeftOut: 0 };
    return { policy: { ...score, label, verdict, regret, timeline: timeline ?? empty }, runs };
  }

  /** By doubling and halving with the first seed; the most that there may be where none attains. */
  async #smallestStatic(): Promise<number> {
    const { maxReplicas, minReplicas, attainmentShare } = this.#world.terms;
    const attains = async (count: number): Promise<boolean> =>
      (await this.#once(makeStatic(count), 1)).attainmentShare >= attainmentShare;
    let [low, high] = [Math.max(1, minReplicas), Math.max(1, minReplicas)];
    while (high < maxReplicas && !(await attains(high))) [low, high] = [high + 1, Math.min(maxReplicas, 2 * high)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (await attains(middle)) high = middle;
      else low = middle + 1;
    }
    return high;
  }

  /**
   * What wrong evidence would do: each policy that rests on the told capacity, and the own one, which alone rests on told starts.
   *
   * @param factors told over real
   */
  async sweep({ policies, sweep: factors }: SweepAsked): Promise<readonly SweptPolicy[]> {
    const swept: SweptPolicy[] = [];
    const seeds = this.#seeds.slice(0, sweptDrawsAtMost);
    for (const { policy, wrong } of factors.length === 0 ? [] : sweptOf(policies)) {
      const runs: Parameters<typeof sweepCells>[0][number][] = [];
      for (const toldFactor of factors) {
        const world = withToldFactor(this.#world, wrong, toldFactor);
        const results: SimulationResult[] = [];
        for (const seed of seeds) results.push(await this.#once(policyOf(policy), seed, world));
        runs.push({ toldFactor, results });
      }
      swept.push({ policy, wrong, draws: seeds.length, cells: sweepCells(runs) });
    }
    return swept;
  }

  #sweptRuns({ policies, sweep }: SweepAsked): number {
    return sweptOf(policies).length * sweep.length * Math.min(sweptDrawsAtMost, this.#seeds.length);
  }

  /** A few choices of each policy's own knobs, each with the first seed. */
  async pareto(names: readonly string[]): Promise<readonly ParetoPoint[]> {
    const points: Omit<ParetoPoint, 'onFront'>[] = [];
    const add = async (policy: string, label: string, rule: Policy): Promise<void> => {
      const { attainmentShare, acceleratorSeconds } = await this.#once(rule, 1);
      points.push({ policy, label, attainmentShare, acceleratorSeconds: totalSeconds(acceleratorSeconds) });
    };
    for (const name of names) {
      for (const { label, policy } of choicesOf(name, choicesAtMost)) await add(name, label, policy);
      if (name === staticName) {
        const count = await this.#smallestStatic();
        for (const each of new Set([count - 2, count - 1, count, count + 1, count + 2])) {
          if (each >= 1 && each <= this.#world.terms.maxReplicas) await add(name, `${each}`, makeStatic(each));
        }
      }
    }
    const front = new Set(paretoFront(points));
    return points.map((point) => ({ ...point, onFront: front.has(point) }));
  }
}

type SweepAsked = Pick<SimulateOptions, 'policies' | 'sweep'>;

function sweptOf(policies: readonly string[]): readonly { readonly policy: string; readonly wrong: ToldWrong }[] {
  const told = policies.filter((name) => !isFixed(name)).map((policy) => ({ policy, wrong: 'capacity' as const }));
  return policies.includes('plimsoll') ? [...told, { policy: 'plimsoll', wrong: 'start' }] : told;
}

const runOf = (seed: number, { requests, late, dropped, acceleratorSeconds }: SimulationResult): SimulatedRun => ({
  seed,
  requests,
  inTime: requests - late - dropped,
  acceleratorSeconds: totalSeconds(acceleratorSeconds),
});

function overShare(seconds: number | null, ofSeconds: number | null): number | null {
  return seconds === null || ofSeconds === null || !(ofSeconds > 0) ? null : seconds / ofSeconds - 1;
}
