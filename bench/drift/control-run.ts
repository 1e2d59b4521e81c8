import {
  acknowledgeAlarm,
  emptyBudget,
  stepBudget,
  type Alarm,
} from '../../src/core/monitoring/alarms/alarm-budget.ts';
import { splitWeights } from '../../src/core/monitoring/alarms/alarm-weights.ts';
import {
  answersAggregate,
  beginControl,
  controlTerms,
  observeControlRow,
  takeEvidence,
  type ControlPlan,
} from '../../src/core/monitoring/detectors/concurrent-control.ts';
import { delayOfShift } from '../../src/core/monitoring/detectors/control-power.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import type { Null } from './nulls.ts';

export interface ControlWorld {
  readonly stream: Null;
  readonly rows: number;
  /** Rows for which the budget gives out the capital of one alarm. */
  readonly rowsPerAlarm: number;
  readonly features: number;
  readonly replicas: number;
  /** Added to the first feature of the last replica, from `shiftAt` on. */
  readonly shift: number;
  readonly shiftAt: number;
  /** `random`: the draw of the random share. `in-turn`: what a gateway without a random share does. */
  readonly routing: 'random' | 'in-turn';
  readonly stopAtAlarm: boolean;
}

export interface ControlOutcome {
  readonly promised: number;
  readonly alarms: readonly (Alarm & { readonly row: number })[];
}

const armsOf = (replicas: number): readonly string[] =>
  Array.from({ length: replicas }, (_, index) => `replica-${index + 1}`);
const rowsPerTick = 10;
const group = (index: number): string => `group ${index % 4}`;

/** Every sixth feature is a category. */
export function planOf(features: number): ControlPlan {
  return {
    features: Array.from({ length: features }, (_, index) => ({
      name: `feature ${index}`,
      group: group(index),
      kind: index % 6 === 5 ? 'category' : 'numeric',
    })),
    aggregates: [0, 1, 2, 3].map((each) => ({
      name: group(each),
      features: Array.from({ length: features }, (_, index) => index)
        .filter((index) => group(index) === group(each))
        .map((index) => `feature ${index}`),
    })),
  };
}

const weightsOf = (plan: ControlPlan) =>
  splitWeights([answersAggregate, ...plan.aggregates.map(({ name }) => name)], plan.features);

/** One run of detector and budget; each alarm is acknowledged at once. One row is one millisecond. */
export function runControl(world: ControlWorld, seed: number): ControlOutcome {
  const random = seededRandom(seed);
  const plan = planOf(world.features);
  const arms = armsOf(world.replicas);
  const eligible = arms.map((arm) => ({ arm, propensityShare: 1 / arms.length }));
  const terms = controlTerms(plan, weightsOf(plan), arms, arms.length);
  const streams = plan.features.map(() => world.stream.begin(random));
  const rate = { count: 1, perMs: world.rowsPerAlarm };
  const alarms: (Alarm & { row: number })[] = [];
  let state = beginControl(plan);
  let budget = emptyBudget;
  for (let row = 0; row < world.rows; row += 1) {
    const drawn = arms[world.routing === 'random' ? random.nextBelow(arms.length) : row % arms.length] ?? '';
    const isOff = row >= world.shiftAt && drawn === arms.at(-1);
    const values = Object.fromEntries(
      plan.features.map(({ name, kind }, index) => {
        const value = (streams[index]?.() ?? 0) + (index === 0 && isOff ? world.shift : 0);
        return [name, kind === 'category' ? categoryOf(value) : value];
      }),
    );
    state = observeControlRow(state, { eligible, drawn, outcome: 'answered', values });
    if ((row + 1) % rowsPerTick !== 0) continue;
    const taken = takeEvidence(state);
    state = taken.state;
    const step = stepBudget(budget, { elapsedMs: rowsPerTick, rate, terms, evidence: taken.evidence });
    budget = acknowledgeAlarm(step.budget, 'all');
    if (step.alarm === null) continue;
    alarms.push({ ...step.alarm, row: row + 1 });
    if (world.stopAtAlarm && row >= world.shiftAt) break;
  }
  return { promised: budget.injected, alarms };
}

/** Rows that `delayOfShift` expects for the first feature of a run, with errors of standard deviation `error`. */
export function expectedRows(world: ControlWorld, error: number): number {
  const { features, shift, rowsPerAlarm } = world;
  const arms = armsOf(world.replicas);
  const plan = planOf(features);
  const weight = controlTerms(plan, weightsOf(plan), arms, arms.length).find(
    ({ name }) => name === 'feature 0',
  )?.weight;
  const question = { arms: arms.length, rowsPerHour: 3_600_000, rate: { count: 1, perMs: rowsPerAlarm } };
  return delayOfShift({ ...question, shift: shift / error, weight: weight ?? 0 })?.rows ?? Infinity;
}

const categoryOf = (value: number): string => (value < -0.7 ? 'low' : value > 0.7 ? 'high' : 'middle');
