import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../statistics/random.ts';
import { acknowledgeAlarm, emptyBudget, stepBudget, type Alarm } from '../alarms/alarm-budget.ts';
import { splitWeights } from '../alarms/alarm-weights.ts';
import {
  answersAggregate,
  beginControl,
  controlTerms,
  observeControlRow,
  rowsUntilBets,
  takeEvidence,
  type ControlPlan,
  type ControlRow,
  type ControlState,
} from './concurrent-control.ts';
import { delayOfShift } from './control-power.ts';

const plan: ControlPlan = {
  features: [
    { name: 'score', group: 'outputs', kind: 'numeric' },
    { name: 'class', group: 'outputs', kind: 'category' },
  ],
  aggregates: [{ name: 'outputs', features: ['score', 'class'] }],
};
const two = ['r1', 'r2'];
const three = ['r1', 'r2', 'r3'];
const weights = splitWeights([answersAggregate, 'outputs'], plan.features);
const eligible = (arms: readonly string[]) => arms.map((arm) => ({ arm, propensityShare: 1 / arms.length }));

/** Sum of twelve uniform numbers: near enough to normal, and quick. */
function drawNormal(random: Random): number {
  let sum = -6;
  for (let each = 0; each < 12; each += 1) sum += random.nextShare();
  return sum;
}

type Answer = (drawn: string, at: number, random: Random) => Partial<ControlRow>;

const healthy: Answer = (_, __, random) => ({
  values: { score: drawNormal(random), class: random.nextShare() < 0.7 ? 'cat' : 'dog' },
});

const rowOf = (arms: readonly string[], drawn: string, answer: Partial<ControlRow>): ControlRow => ({
  eligible: eligible(arms),
  drawn,
  outcome: 'answered',
  values: {},
  ...answer,
});

/** Runs rows through detector and budget, one tick for five rows; each row is worth 1 / `rowsPerAlarm` of capital. */
function run(
  rows: number,
  arms: readonly string[],
  answer: Answer,
  seed: number,
  rowsPerAlarm = 500,
  draw?: (at: number) => number,
) {
  const random = seededRandom(seed);
  let state = beginControl(plan);
  let budget = emptyBudget;
  const alarms: (Alarm & { row: number })[] = [];
  for (let at = 0; at < rows; at += 1) {
    const drawn = arms[draw?.(at) ?? random.nextBelow(arms.length)] ?? '';
    const row = rowOf(arms, drawn, answer(drawn, at, random));
    state = observeControlRow(state, row);
    if (at % 5 !== 4) continue;
    const taken = takeEvidence(state);
    state = taken.state;
    const terms = controlTerms(plan, weights, arms, arms.length);
    const step = stepBudget(budget, {
      elapsedMs: 5,
      rate: { count: 1, perMs: rowsPerAlarm },
      terms,
      evidence: taken.evidence,
    });
    if (step.alarm !== null) alarms.push({ ...step.alarm, row: at + 1 });
    budget = acknowledgeAlarm(step.budget, 'all');
  }
  return { alarms, budget, state };
}

const alternating: Answer = (_, at, random) => ({
  values: { score: (at % 2 === 0 ? 3 : -3) + 0.1 * drawNormal(random), class: at % 2 === 0 ? 'cat' : 'dog' },
});

describe('randomised concurrent control', () => {
  it('keeps the promise on healthy replicas, whatever the inputs do', () => {
    let wander = 0;
    const dependent: Answer = (_, __, random) => {
      wander = 0.977 * wander + 0.213 * drawNormal(random);
      return { values: { score: wander, class: wander > 0 ? 'cat' : 'dog' } };
    };
    for (const answer of [healthy, alternating, dependent]) {
      const { alarms, budget } = run(4_000, two, answer, 5);
      expect(alarms.length).toBeLessThanOrEqual(budget.injected + 2 * Math.sqrt(budget.injected));
    }
  });

  it('needs the draw to be random: alternating inputs that take turns alarm at once', () => {
    expect(run(400, two, alternating, 5, 20_000, (at) => at % 2).alarms[0]?.row).toBeLessThan(150);
  });

  it('names the replica and the feature of a shift, about as soon as the power formula says', () => {
    const shifted: Answer = (drawn, __, random) => ({
      values: { score: drawNormal(random) + (drawn === 'r2' ? 1 : 0), class: 'cat' },
    });
    const firsts = [1, 2, 3, 4, 5].map((seed) => run(1_500, three, shifted, seed, 20_000).alarms[0]);
    for (const first of firsts) expect(first).toMatchObject({ kind: 'feature', name: 'score', arm: 'r2' });
    const mean = firsts.reduce((sum, first) => sum + (first?.row ?? 0), 0) / firsts.length;
    const weight =
      controlTerms(plan, weights, three, 3).find(({ id }) => id === 'control/feature/score/r2')?.weight ?? 0;
    const told = delayOfShift({ shift: 1, arms: 3, rowsPerHour: 3_600_000, rate: { count: 1, perMs: 20_000 }, weight });
    expect(mean / (told?.rows ?? 0)).toBeGreaterThan(0.6);
    expect(mean / (told?.rows ?? 0)).toBeLessThan(1.4);
  });

  it('finds a spread, a class share, values that are missing, and answers that others gave', () => {
    const only =
      (change: Answer): Answer =>
      (drawn, at, random) => ({
        ...healthy(drawn, at, random),
        ...(drawn === 'r3' ? change(drawn, at, random) : {}),
      });
    const faults: Record<string, Answer> = {
      spread: only((_, __, random) => ({ values: { score: 3 * drawNormal(random), class: 'cat' } })),
      class: only((_, __, random) => ({ values: { score: drawNormal(random), class: 'horse' } })),
      nan: only(() => ({ values: { score: NaN, class: 'cat' } })),
      retried: only(() => ({ outcome: 'retried' })),
      missing: only(() => ({ outcome: 'missing' })),
    };
    for (const [name, answer] of Object.entries(faults)) {
      const first = run(600, three, answer, 11, 20_000).alarms[0];
      expect([name, first?.arm]).toEqual([name, 'r3']);
    }
    expect(run(600, three, faults['retried'] ?? healthy, 11, 20_000).alarms[0]).toMatchObject({ name: 'answers' });
  });

  it('has multipliers with a mean of exactly 1 over the draw, for any answer and any past', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom('cat', 'dog', null));
    const outcome = fc.constantFrom<ControlRow['outcome']>('answered', 'retried', 'missing');
    const answers = fc.array(
      fc.record({ values: fc.record({ score: value, class: value }), outcome, drawn: fc.nat({ max: 2 }) }),
      { minLength: 25, maxLength: 60 },
    );
    const shares = [0.5, 0.3, 0.2];
    const set = three.map((arm, index) => ({ arm, propensityShare: shares[index] ?? 0 }));
    const follow = (
      state: ControlState,
      { drawn, ...answer }: { values: ControlRow['values']; outcome: ControlRow['outcome']; drawn: number },
    ) => observeControlRow(state, { eligible: set, drawn: three[drawn] ?? '', ...answer });
    fc.assert(
      fc.property(answers, (rows) => {
        const past = takeEvidence(rows.slice(1).reduce(follow, beginControl(plan))).state;
        const after = three.map((_, drawn) => takeEvidence(follow(past, { ...rows[0]!, drawn })).evidence);
        for (const id of Object.keys(after[0] ?? {})) {
          for (const index of (after[0]?.[id] ?? []).keys()) {
            const factors = after.map((evidence) => evidence[id]?.[index] ?? 0);
            expect(factors.every((factor) => factor > 0)).toBe(true);
            expect(factors.reduce((mean, factor, drawn) => mean + factor * (shares[drawn] ?? 0), 0)).toBeCloseTo(1, 12);
          }
        }
      }),
      { numRuns: 30, seed: 4 },
    );
  });

  it('gives the same evidence whatever the replicas are called and in whichever order they are listed', () => {
    const names: Record<string, string> = { r1: 'z', r2: 'y', r3: 'x' };
    const shifted: Answer = (drawn, at, random) => ({
      ...healthy(drawn, at, random),
      outcome: drawn === 'r1' ? 'retried' : 'answered',
    });
    const random = seededRandom(2);
    let [first, second] = [beginControl(plan), beginControl(plan)];
    for (let at = 0; at < 60; at += 1) {
      const drawn = three[random.nextBelow(3)] ?? '';
      const row = rowOf(three, drawn, shifted(drawn, at, random));
      const renamed = [...row.eligible].reverse().map((each) => ({ ...each, arm: names[each.arm] ?? '' }));
      first = observeControlRow(first, row);
      second = observeControlRow(second, { ...row, eligible: renamed, drawn: names[drawn] ?? '' });
    }
    const renamedEvidence = takeEvidence(second).evidence;
    for (const [id, products] of Object.entries(takeEvidence(first).evidence)) {
      expect(renamedEvidence[id.replace(/r\d$/, (arm) => names[arm] ?? '')]).toEqual(products);
    }
  });

  it('replays to the bit from its JSON', () => {
    const random = seededRandom(9);
    let [direct, stored] = [beginControl(plan), beginControl(plan)];
    for (let at = 0; at < 200; at += 1) {
      const drawn = three[random.nextBelow(3)] ?? '';
      const row = rowOf(three, drawn, healthy(drawn, at, random));
      direct = observeControlRow(direct, row);
      stored = observeControlRow(JSON.parse(JSON.stringify(stored)), row);
    }
    expect(JSON.stringify(stored)).toBe(JSON.stringify(direct));
  });

  it('stays small and finite with constants, huge numbers, a million categories and a schema that changes', () => {
    const hostile: Answer = (_, at) => ({
      values: { score: [7, 7, 1.7e308, -1.7e308, 'text', Infinity, 5e-324][at % 7] ?? 0, class: `class ${at}` },
    });
    const { state, alarms, budget } = run(3_000, three, hostile, 8);
    expect(JSON.stringify(state).length).toBeLessThan(6_000);
    expect(JSON.stringify(state)).not.toContain('null');
    expect(alarms.length).toBeLessThanOrEqual(budget.injected + 2 * Math.sqrt(budget.injected));
  });

  it('counts rows that say nothing about a fair draw, and says how many rows are missing', () => {
    const row: ControlRow = { eligible: eligible(two), drawn: 'r1', outcome: 'answered', values: {} };
    const rows: ControlRow[] = [
      { ...row, eligible: eligible(['r1']) },
      { ...row, drawn: 'r9' },
      {
        ...row,
        eligible: [
          { arm: 'r1', propensityShare: 0.9 },
          { arm: 'r2', propensityShare: 0.9 },
        ],
      },
      row,
    ];
    const state = rows.reduce(observeControlRow, beginControl(plan));
    expect(state.refused).toEqual({ 'one-arm': 1, 'not-eligible': 1, 'not-a-distribution': 1 });
    expect(rowsUntilBets(state)).toBe(19);
  });

  it('refuses a plan with one name twice, or with a feature that is not watched', () => {
    const twice = { features: plan.features, aggregates: [{ name: 'answers', features: [] }] };
    expect(() => beginControl(twice)).toThrow(expect.objectContaining({ code: 'name-twice' }));
    const unknown = { features: plan.features, aggregates: [{ name: 'inputs', features: ['age'] }] };
    expect(() => beginControl(unknown)).toThrow(expect.objectContaining({ code: 'unknown-feature' }));
  });
});

describe('the delay of a shift', () => {
  const question = {
    shift: 0.5,
    arms: 3,
    rowsPerHour: 3_600,
    rate: { count: 1, perMs: 30 * 86_400_000 },
    weight: 0.01,
  };

  it('falls with the shift, the traffic and the weight', () => {
    const rows = (more: object): number => delayOfShift({ ...question, ...more })?.rows ?? Infinity;
    expect(rows({ shift: 1 })).toBeLessThan(rows({}));
    expect(rows({ weight: 0.1 })).toBeLessThan(rows({}));
    expect(rows({ arms: 2 })).toBeLessThan(rows({ arms: 10 }));
    const fast = delayOfShift({ ...question, rowsPerHour: 360_000 });
    expect(fast?.ms).toBeLessThan((delayOfShift(question)?.ms ?? 0) / 50);
  });

  it('is null where nothing will ever be noticed', () => {
    for (const more of [{ shift: 0 }, { arms: 1 }, { rowsPerHour: 0 }, { weight: 0 }]) {
      expect(delayOfShift({ ...question, ...more })).toBeNull();
    }
  });
});
