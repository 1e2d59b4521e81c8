import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { digest } from '../../../testing/builders/evidence-builders.ts';
import type { Gate } from '../../contract/contract.ts';
import { judgeEvaluation } from '../../evidence/kinds/evaluation/evaluation-evidence.ts';
import { seededRandom } from '../../statistics/random.ts';
import { PlimsollError } from '../../units/errors.ts';
import { judgeGate } from './gate.ts';
import type { EvaluationMeasurements } from '../measure/measurements.ts';
import { measure, type MeasureQuestion } from '../measure/measure.ts';
import type { ClassificationOutcomes, Outcomes } from '../outcomes.ts';

const baseline = { named: 'released', model: 'digits', version: 1, digest: digest('v1'), predictions: digest('p1') };

/** Of `rows` rows the candidate alone is right on `gained`, the baseline alone on `lost`, both wrong on `wrong`. */
function versions(rows: number, gained: number, lost: number, wrong = 0): readonly [Outcomes, Outcomes] {
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 2);
  const answers = (from: number, to: number): ClassificationOutcomes => ({
    task: 'classification',
    classes: ['cat', 'dog'],
    labels,
    predicted: labels.map((label, row) => ((row >= from && row < to) || row >= rows - wrong ? 1 - label : label)),
    scores: null,
  });
  return [answers(0, lost), answers(lost, lost + gained)];
}

function measured(changes: Partial<MeasureQuestion> & Pick<MeasureQuestion, 'outcomes'>): EvaluationMeasurements {
  const steps = measure({ baselines: [], gates: [], slices: [], random: seededRandom(1), replicates: 400, ...changes });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return {
    evaluationVersion: 1,
    task: changes.outcomes.task,
    dataset: { name: 'digits-holdout', version: 1, digest: digest('data'), rows: 1 },
    predictions: digest('p2'),
    golden: null,
    latency: {
      requests: 0,
      rowsPerRequest: 1,
      concurrency: 1,
      p50Ms: null,
      p90Ms: null,
      p99Ms: null,
      maxMs: null,
      rowsPerSecond: null,
    },
    ...step.value,
  };
}

const gate = (rules: Partial<Gate>): Gate => ({ metric: 'accuracy', confidenceShare: 0.95, ...rules });
const noWorse = (margin: number, changes: Partial<Gate> = {}): Gate =>
  gate({ noWorseThan: 'released', margin, ...changes });

function compared(rows: number, gained: number, lost: number, asked: Gate, slices: MeasureQuestion['slices'] = []) {
  const [outcomes, other] = versions(rows, gained, lost);
  return measured({ outcomes, baselines: [{ baseline, outcomes: other }], gates: [asked], slices });
}

describe('a limit', () => {
  const [outcomes] = versions(1_000, 0, 0, 40);
  const rule = (rules: Partial<Gate>) => judgeGate(gate(rules), measured({ outcomes }));
  it.each([
    [{ atLeast: 0.94 }, 'pass'],
    [{ atLeast: 0.955 }, 'inconclusive'],
    [{ atLeast: 0.98 }, 'fail'],
    [{ atMost: 0.98 }, 'pass'],
    [{ atMost: 0.955 }, 'inconclusive'],
    [{ atMost: 0.9 }, 'fail'],
    [{ atLeast: 0.94, atMost: 0.9 }, 'fail'],
    [{ metric: 'mae', atMost: 1 }, 'unknown'],
    [{ metric: 'latency-p99', atMost: 50 }, 'unknown'],
  ])('%j is %s', (rules, verdict) => expect(rule(rules).verdict).toBe(verdict));
  it('names rows that would decide, and promises nothing where the estimate is on the wrong side', () => {
    expect(rule({ atLeast: 0.955 }).rules[0]?.rowsNeeded).toMatchObject({ towards: 'pass', powerShare: 0.8 });
    expect(rule({ atLeast: 0.955 }).reasons[0]).toMatch(/more rows would decide with a probability of 80%/);
    const wrongSide = rule({ atLeast: 0.965 });
    expect(wrongSide.rules[0]?.rowsNeeded?.towards).toBe('fail');
    expect(wrongSide.reasons[0]).toMatch(/more rows promise no pass/);
  });
  it('at another confidence is computed again from counts, and unknown for a bootstrap', () => {
    expect(rule({ atLeast: 0.94, confidenceShare: 0.99 }).verdict).toBe('pass');
    const other = rule({ metric: 'f1-macro', atLeast: 0.5, confidenceShare: 0.99 });
    expect(other).toMatchObject({ verdict: 'unknown', reasons: [expect.stringMatching(/plimsoll evaluate$/)] });
    expect(rule({ metric: 'f1-macro', atLeast: 0.9 }).verdict).toBe('pass');
  });
});

describe('no worse than', () => {
  it.each([
    [5_000, 50, 50, 0.005, 'pass'],
    [1_000, 10, 10, 0.005, 'inconclusive'],
    [5_000, 20, 120, 0.005, 'fail'],
    [5_000, 50, 50, 0, 'inconclusive'],
    [5_000, 120, 20, 0, 'pass'],
    [5_000, 0, 0, 0.005, 'pass'],
    [200, 0, 0, 0.005, 'inconclusive'],
    [2, 0, 2, 0.005, 'inconclusive'],
  ])('of %d rows %d gained and %d lost at a margin of %d: %s', (rows, gained, lost, margin, verdict) => {
    const asked = noWorse(margin);
    const judged = judgeGate(asked, compared(rows, gained, lost, asked));
    expect(judged.verdict).toBe(verdict);
    const [rule] = judged.rules;
    if (verdict === 'pass') expect(rule?.lower).toBeGreaterThanOrEqual(-margin);
    if (verdict === 'fail') expect(rule?.upper).toBeLessThan(-margin);
  });
  it('names 5,131 rows where 2% are answered otherwise, as many for the better as for the worse', () => {
    const asked = noWorse(0.005);
    const [rule] = judgeGate(asked, compared(1_000, 10, 10, asked)).rules;
    expect(rule?.rowsNeeded).toEqual({
      rows: 5_131,
      moreRows: 4_131,
      towards: 'pass',
      powerShare: 0.8,
      rowsIfEqual: 5_131,
    });
  });
  it('takes a margin upwards where smaller is better', () => {
    const labels = Float64Array.from({ length: 400 }, (_, row) => row % 17);
    const off = (by: number): Outcomes => ({
      task: 'regression',
      labels,
      predicted: labels.map((label, row) => label + by * (1 + (row % 5) / 10)),
      quantiles: [],
    });
    const judge = (by: number, margin: number) => {
      const asked = noWorse(margin, { metric: 'mae' });
      const question = { outcomes: off(by), baselines: [{ baseline, outcomes: off(1) }], gates: [asked] };
      return judgeGate(asked, measured(question)).verdict;
    };
    expect([judge(1.1, 0.2), judge(1.5, 0.2), judge(0.5, 0)]).toEqual(['pass', 'fail', 'pass']);
  });
  it('that was not measured, or that nothing was compared with, is unknown', () => {
    const asked = noWorse(0.005);
    const found = compared(100, 0, 0, asked);
    expect(judgeGate({ ...asked, noWorseThan: 'stable' }, found).verdict).toBe('unknown');
    const absent = { ...found, comparisons: [], absentBaselines: ['stable'] };
    const { verdict, reasons } = judgeGate({ ...asked, noWorseThan: 'stable' }, absent);
    expect([verdict, reasons[0]]).toEqual(['unknown', expect.stringContaining('no version was `stable`')]);
  });
  it('passes where nothing was released, which it says; its other limits hold all the same', () => {
    const asked = noWorse(0.005);
    const first = { ...compared(100, 0, 0, asked), comparisons: [], absentBaselines: ['released'] };
    expect(judgeGate(asked, first)).toMatchObject({
      verdict: 'pass',
      reasons: [expect.stringContaining('nothing was released when this was measured')],
    });
    expect(judgeGate({ ...asked, atLeast: 1 }, first).verdict).not.toBe('pass');
  });
});

describe('slices', () => {
  const asked = noWorse(0.05);
  const columnOf = (rows: number, lostUntil: number, names = 10) => [
    { column: 'site', values: Array.from({ length: rows }, (_, row) => (row < lostUntil ? 'bad' : `s${row % names}`)) },
  ];
  it('fail where one is shown to be worse, though the whole passes', () => {
    const judged = judgeGate(asked, compared(5_000, 60, 60, asked, columnOf(5_000, 70)));
    expect(judged.rules[0]?.verdict).toBe('pass');
    expect(judged.verdict).toBe('fail');
    expect(judged.slices[0]).toMatchObject({ slice: { column: 'site', value: 'bad' }, verdict: 'fail' });
  });
  it('fail no more where there are so many that chance explains one', () => {
    const four = compared(3_000, 0, 5, asked, columnOf(3_000, 5, 100));
    expect(judgeGate(asked, four).slices.find(({ slice }) => slice.value === 'bad')?.pValue).toBeLessThan(0.05);
    const many = compared(3_000, 0, 3, asked, columnOf(3_000, 3, 900));
    expect(judgeGate(asked, many).slices.every(({ verdict }) => verdict !== 'fail')).toBe(true);
    expect(judgeGate(asked, many).verdict).toBe('pass');
  });
  it('of two rows say that they can show nothing', () => {
    const judged = judgeGate(asked, compared(2_000, 0, 2, asked, columnOf(2_000, 2)));
    const bad = judged.slices.find(({ slice }) => slice.value === 'bad');
    expect(bad).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringMatching(/so few rows can show nothing/)],
    });
    expect(judged.verdict).toBe('pass');
  });
  it('are refused where there are more than can be judged', () => {
    const values = Array.from({ length: 2_000 }, (_, row) => `id-${row}`);
    expect(() => compared(2_000, 0, 0, asked, [{ column: 'id', values }])).toThrow(PlimsollError);
  });
});

describe('measuring', () => {
  const [outcomes, other] = versions(300, 5, 5);
  it('gives the same for the same seed', () => {
    const question = { outcomes, baselines: [{ baseline, outcomes: other }] };
    expect(measured(question)).toEqual(measured(question));
  });
  it('refuses a baseline of other rows', () => {
    const [short] = versions(299, 0, 0);
    expect(() => measured({ outcomes, baselines: [{ baseline, outcomes: short }] })).toThrow(/299 rows/);
  });
  it('gives a user-defined metric limits by row, and none where it is one number', () => {
    const candidate = Float64Array.from({ length: 300 }, (_, row) => row % 7);
    const rows = measured({ outcomes, rowMetrics: [{ name: 'own', largerIsBetter: true, candidate, baselines: {} }] });
    expect(rows.metrics.find(({ metric }) => metric === 'own')?.limits).toHaveProperty(['0.95']);
    const whole = measured({
      outcomes,
      rowMetrics: [{ name: 'own', largerIsBetter: true, candidate: 4, baselines: {} }],
    });
    expect(judgeGate(gate({ metric: 'own', atLeast: 1 }), whole).verdict).toBe('inconclusive');
  });
  it('gives no model without an error a limit of one', () => {
    const perfect = measured({ outcomes: versions(300, 0, 0)[0] }).metrics.find(({ metric }) => metric === 'f1-macro');
    expect(perfect?.value).toBe(1);
    expect(perfect?.limits?.['0.95']?.lower).toBeLessThan(0.995);
  });
});

describe('evaluation evidence', () => {
  const asked = noWorse(0.005);
  const contractOf = (section: string) => loadContract(`${minimalContract}${section}\n`).contract;
  const contract = contractOf(
    'evaluation: { dataset: digits-holdout, gates: [{ metric: accuracy, noWorseThan: released, margin: 0.5% }] }',
  );
  const stored = { ...compared(5_000, 50, 50, asked) } as unknown as Readonly<Record<string, unknown>>;
  it('passes, and is judged again by the contract as it is now', () => {
    expect(judgeEvaluation(stored, contract).verdict).toBe('pass');
    const stricter =
      'evaluation: { dataset: digits-holdout, gates: [{ metric: accuracy, noWorseThan: released, margin: 0.1% }] }';
    expect(judgeEvaluation(stored, contractOf(stricter)).verdict).toBe('inconclusive');
  });
  it.each([
    ['another dataset', 'evaluation: { dataset: other, gates: [{ metric: accuracy, atLeast: 1% }] }'],
    ['another metric', 'evaluation: { dataset: digits-holdout, gates: [{ metric: rouge-l, atLeast: 1% }] }'],
    ['another baseline', 'evaluation: { dataset: digits-holdout, gates: [{ metric: accuracy, noWorseThan: stable }] }'],
    [
      'another slice',
      'evaluation: { dataset: digits-holdout, gates: [{ metric: accuracy, atLeast: 1% }], slices: [site] }',
    ],
    [
      'another confidence',
      'evaluation: { dataset: digits-holdout, gates: [{ metric: f1-macro, atLeast: 1%, confidence: 99% }] }',
    ],
  ])('is unknown for %s, with the command that renews it', (_, section) => {
    const { verdict, reasons } = judgeEvaluation(stored, contractOf(section));
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toMatch(/plimsoll evaluate/);
  });
  it('is unknown where the lock was edited into another shape, or into counts that no such number of rows gives', () => {
    const { comparisons, metrics } = compared(5_000, 50, 50, asked);
    const withPairs = (paired: object) => ({ ...stored, comparisons: [{ ...comparisons[0], paired }] });
    const withShare = (proportion: object) => ({ ...stored, metrics: [{ ...metrics[0], rows: 5_000, proportion }] });
    const edits = [
      {},
      { ...stored, metrics: {} },
      { ...stored, metrics: [{}] },
      { ...stored, comparisons: [{ ...compared(10, 0, 0, asked).comparisons[0], paired: { both: -1 } }] },
      { ...stored, metrics: [{ metric: 'accuracy', slice: null, rows: 1, value: NaN, largerIsBetter: true }] },
      withPairs({ both: 105_000, onlyCandidate: 0, onlyBaseline: 0, neither: 0 }),
      withPairs({ both: 0, onlyCandidate: 0, onlyBaseline: 0, neither: 0 }),
      withShare({ successes: 4_900, rows: 5_001 }),
    ];
    for (const edited of edits) expect(judgeEvaluation(edited, contract).verdict).toBe('unknown');
  });
});
