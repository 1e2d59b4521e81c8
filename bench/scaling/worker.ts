import { parentPort } from 'node:worker_threads';
import { lowerBound } from '../../src/core/scaling/bounds/lower/lower-bound.ts';
import { planOffline } from '../../src/core/scaling/bounds/offline/plan-offline.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import type { SimulationResult } from '../../src/core/scaling/simulation/world.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { policyOf, type PolicyReference } from './policies.ts';
import { makeWorld, trainingHalf, workloads } from './worlds.ts';

export interface Task {
  readonly workload: string;
  readonly startSeconds: number;
  readonly work:
    | {
        readonly kind: 'run';
        readonly policy: PolicyReference;
        readonly seeds: readonly number[];
        readonly training: boolean;
      }
    | { readonly kind: 'references'; readonly seed: number };
}

export type Answer =
  | { readonly kind: 'run'; readonly results: readonly SimulationResult[] }
  | {
      readonly kind: 'references';
      readonly boundLeast: number;
      readonly boundExpected: number;
      readonly plan: SimulationResult;
      readonly planAttains: boolean;
    };

const known = workloads();

function answer({ workload: name, startSeconds, work }: Task): Answer {
  const workload = known.find((each) => each.name === name);
  if (workload === undefined) throw new Error(`no workload ${name}`);
  const whole = makeWorld(workload, startSeconds);
  if (work.kind === 'references') {
    const plan = planOffline(whole, (policy) => bare(simulate(whole, policy, seededRandom(work.seed))));
    return {
      kind: 'references',
      boundLeast: lowerBound(whole, 'least').acceleratorSeconds,
      boundExpected: lowerBound(whole, 'expected').acceleratorSeconds,
      plan: plan.result,
      planAttains: plan.attains,
    };
  }
  const world = work.training ? trainingHalf(whole) : whole;
  const results = work.seeds.map((seed) => bare(simulate(world, policyOf(work.policy), seededRandom(seed))));
  return { kind: 'run', results };
}

function bare<Whole extends SimulationResult & { readonly timeline: unknown }>({ timeline: _, ...result }: Whole) {
  return result as SimulationResult;
}

parentPort?.on('message', ({ id, task }: { readonly id: number; readonly task: Task }) => {
  parentPort?.postMessage({ id, answer: answer(task) });
});
