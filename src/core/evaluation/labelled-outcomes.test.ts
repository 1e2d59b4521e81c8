import { describe, expect, it } from 'vitest';
import { answerCollector } from './collect-answers.ts';
import { labelledOutcomes, type Label } from './labelled-outcomes.ts';
import type { PredictedOutput } from './predictions.ts';

const output = (
  values: PredictedOutput['values'],
  rowShape: readonly number[] | null,
  more: Partial<PredictedOutput> = {},
) => ({
  name: 'y',
  datatype: Array.isArray(values) ? 'BYTES' : 'FP32',
  rowShape,
  lengths: null,
  values,
  ...more,
});
const read = (labels: readonly Label[], one: PredictedOutput, more: object = {}) =>
  labelledOutcomes({ labels, predictions: { rows: labels.length, outputs: [one] }, labelColumn: 'label', ...more });

describe('labels and answers', () => {
  it('are a classification where each answer has scores, which may be probabilities', () => {
    const { outcomes, reasoning } = read([1, 0], output(Float32Array.of(0.2, 0.8, 0.6, 0.4), [2]));
    expect(outcomes).toMatchObject({ task: 'classification', classes: ['0', '1'] });
    expect(outcomes.task === 'classification' && [...outcomes.predicted]).toEqual([1, 0]);
    expect(reasoning.join()).toContain('scores are probabilities');
  });

  it('or logits, of which softmax makes probabilities, without overflow', () => {
    const { outcomes, reasoning } = read([1, 0], output(Float32Array.of(1000, 1001, 5, -5), [2]));
    const scores = outcomes.task === 'classification' ? (outcomes.scores ?? []) : [];
    expect(scores[0]).toBeCloseTo(1 / (1 + Math.E), 6);
    expect(Number(scores[2]) + Number(scores[3])).toBeCloseTo(1, 12);
    expect(reasoning.join()).toContain('logits');
  });

  it('take class names from the column, and refuse another number of them than scores', () => {
    const { outcomes } = read(['dog', 'cat'], output(Float32Array.of(0.2, 0.8, 0.6, 0.4), [2]));
    expect(outcomes).toMatchObject({ classes: ['cat', 'dog'] });
    expect(() => read(['dog', 'dog'], output(Float32Array.of(0.2, 0.8, 0.6, 0.4), [2]))).toThrow('1 names');
  });

  it('are a binary classification, whole numbers, a regression, a ranking or texts', () => {
    expect(read([1, 0], output(Float32Array.of(0.9, 0.2), [1])).outcomes).toMatchObject({ classes: ['0', '1'] });
    const classes = output(Float64Array.of(7, 3), [], { datatype: 'INT64' });
    expect(read([7, 4], classes).outcomes).toMatchObject({
      task: 'classification',
      classes: ['3', '4', '7'],
      scores: null,
    });
    expect(read([1.5, 7], output(Float32Array.of(1, 8), [1])).outcomes.task).toBe('regression');
    const ragged = output(Float32Array.of(1, 2, 3), null, { lengths: Int32Array.of(1, 2) });
    expect(read([[1], [0, 1]], ragged).outcomes).toMatchObject({
      task: 'ranking',
      queries: [{}, { scores: Float64Array.of(2, 3) }],
    });
    expect(read(['a', ['b', 'c']], output(['a', 'c'], [])).outcomes).toMatchObject({
      task: 'text',
      references: [['a'], ['b', 'c']],
    });
    expect(read(['a', 'b'], output(['a', 'a'], []), { task: 'classification' }).outcomes).toMatchObject({
      classes: ['a', 'b'],
    });
  });

  it.each([
    [
      'another number of labels',
      () => labelledOutcomes({ labels: [1], predictions: { rows: 2, outputs: [] }, labelColumn: 'l' }),
      '1 labels for 2',
    ],
    ['no rows', () => read([], output(new Float32Array(), [2])), 'no rows'],
    ['a missing label', () => read([1, null], output(Float32Array.of(1, 0, 1, 0), [2])), 'row 2 has none'],
    ['a class beyond the scores', () => read([1, 2], output(Float32Array.of(1, 0, 1, 0), [2])), 'row 2 is 2'],
    [
      'rows with different scores',
      () =>
        read([1, 0], output(Float32Array.of(1, 2, 3), null, { lengths: Int32Array.of(1, 2) }), {
          task: 'classification',
        }),
      'different',
    ],
    [
      'relevances of another length',
      () => read([[1], [0]], output(Float32Array.of(1, 2, 3), null, { lengths: Int32Array.of(1, 2) })),
      'row 2 needs a list of 2',
    ],
    ['an output that is not there', () => read([1], output(Float32Array.of(1), [1]), { output: 'z' }), 'no output z'],
  ])('are refused with %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe('gathered answers', () => {
  const tensor = (values: number[], shape: number[], name = 'y') => ({
    name,
    datatype: 'FP32',
    shape,
    values: Float32Array.from(values),
  });

  it('stand in the order of the rows, in whatever order they came', () => {
    const collector = answerCollector(true);
    collector.add({ firstRow: 2, rows: 1 }, [tensor([3], [1, 1])]);
    collector.add({ firstRow: 0, rows: 2 }, [tensor([1, 2], [2, 1])]);
    expect(collector.predictions()).toMatchObject({
      rows: 3,
      outputs: [{ rowShape: [1], values: Float32Array.of(1, 2, 3) }],
    });
  });

  it('keep rows of different shapes apart, and refuse fewer rows than were asked or other outputs', () => {
    const collector = answerCollector(true);
    collector.add({ firstRow: 0, rows: 1 }, [tensor([1], [1, 1])]);
    collector.add({ firstRow: 1, rows: 1 }, [tensor([1, 2], [1, 2])]);
    expect(collector.predictions().outputs[0]).toMatchObject({ rowShape: null, lengths: Int32Array.of(1, 2) });
    expect(() => collector.add({ firstRow: 2, rows: 3 }, [tensor([1], [1, 1])])).toThrow('for 3 rows');
    collector.add({ firstRow: 2, rows: 1 }, [tensor([1], [1, 1], 'z')]);
    expect(() => collector.predictions()).toThrow('output y is missing');
  });
});
