import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { chooseOutput } from './output-choice.ts';
import { PlimsollError } from '../units/errors.ts';
import type { Outcomes, Task } from './outcomes.ts';
import { isTexts, rowSize, type PredictedOutput, type Predictions } from './predictions.ts';

/** The right answer of a row, as the dataset has it: a class, a number, relevances, a text or several. */
export type Label = number | string | boolean | readonly unknown[] | null | undefined;

export interface OutcomeQuestion {
  readonly labels: readonly Label[];
  readonly predictions: Predictions;
  /** Name of the output; the only one where it is undefined. */
  readonly output?: string | undefined;
  readonly task?: Task | undefined;
  /** Column of the labels, for errors. */
  readonly labelColumn: string;
}

export interface LabelledOutcomes {
  readonly outcomes: Outcomes;
  readonly output: string;
  /** Why this task, and how scores were read: one sentence each, for people. */
  readonly reasoning: readonly string[];
}

/** Labels and answers as the input of every metric. @throws PlimsollError `labels-unfit`, `output-ambiguous`, `answer-unfit`. */
export function labelledOutcomes(question: OutcomeQuestion): LabelledOutcomes {
  const { labels, predictions, labelColumn } = question;
  if (labels.length !== predictions.rows) {
    throw labelsUnfit(`there are ${labels.length} labels for ${predictions.rows} answers`, labelColumn);
  }
  if (labels.length === 0) throw labelsUnfit('the dataset has no rows', labelColumn);
  const missing = labels.findIndex((label) => label === undefined || label === null);
  if (missing !== -1) throw labelsUnfit(`row ${missing + 1} has none`, labelColumn);
  const output = chooseOutput(predictions.outputs, question.output);
  const told = tellTask(labels, output);
  const task = question.task ?? told.task;
  const because = question.task === undefined ? `${task}: ${told.because}` : `${task}: the contract says so`;
  const made = outcomesOf(task, labels, output, labelColumn);
  return { outcomes: made.outcomes, output: output.name, reasoning: [because, ...made.reasoning] };
}

const elementsOf = ({ rowShape }: PredictedOutput): number | null => (rowShape === null ? null : rowSize(rowShape));
const isInteger = (label: Label): boolean => typeof label === 'boolean' || Number.isInteger(label);

function tellTask(
  labels: readonly Label[],
  output: PredictedOutput,
): { readonly task: Task; readonly because: string } {
  const size = elementsOf(output);
  if (isTexts(output.values)) return { task: 'text', because: 'the output is text' };
  if (labels.every(Array.isArray)) return { task: 'ranking', because: 'each label is a list of relevances' };
  const isText = labels.every((label) => typeof label === 'string');
  if (size !== null && size > 1 && (isText || labels.every(isInteger))) {
    return {
      task: 'classification',
      because: `labels are ${isText ? 'texts' : 'whole numbers'}, and each answer has ${size} scores`,
    };
  }
  if (size === 1 && output.datatype.includes('INT') && labels.every(isInteger)) {
    return { task: 'classification', because: 'labels and answers are whole numbers' };
  }
  const binary = labels.every((label) => Number(label) === 0 || Number(label) === 1);
  if (size === 1 && binary && inUnit(output)) {
    return { task: 'classification', because: 'labels are 0 or 1, and each answer is a probability' };
  }
  return { task: 'regression', because: 'labels and answers are numbers' };
}

const inUnit = ({ values }: PredictedOutput): boolean =>
  !isTexts(values) && values.every((value) => value >= 0 && value <= 1);

interface Made {
  readonly outcomes: Outcomes;
  readonly reasoning: readonly string[];
}

function outcomesOf(task: Task, labels: readonly Label[], output: PredictedOutput, column: string): Made {
  switch (task) {
    case 'classification':
      return classification(labels, output, column);
    case 'regression':
      return { outcomes: regression(labels, output, column), reasoning: [] };
    case 'ranking':
      return { outcomes: ranking(labels, output, column), reasoning: [] };
    case 'text':
      return { outcomes: text(labels, output, column), reasoning: [] };
  }
}

function classification(labels: readonly Label[], output: PredictedOutput, column: string): Made {
  const size = elementsOf(output);
  if (size === null) throw answerUnfit(output, 'its rows have different numbers of scores');
  const { values } = output;
  if (isTexts(values) || (size === 1 && !inUnit(output)) || (size === 1 && output.datatype.includes('INT'))) {
    return classesAlone(labels, output, column);
  }
  const count = size === 1 ? 2 : size;
  const { classes, indexes, how } = classesOf(labels, count, column);
  const { scores, read } = probabilitiesOf(values, labels.length, size);
  const predicted = Int32Array.from({ length: labels.length }, (_, row) => argMax(scores, row * count, count));
  return {
    outcomes: { task: 'classification', classes, labels: indexes, predicted, scores },
    reasoning: [how, read],
  };
}

/** Answers that are classes themselves, without scores. */
function classesAlone(labels: readonly Label[], output: PredictedOutput, column: string): Made {
  if (elementsOf(output) !== 1) throw answerUnfit(output, 'a class per row is one element');
  const answers = Array.from(output.values as ArrayLike<number | string>, String);
  const classes = sortedNames([...labels.map((label) => nameOf(label, column)), ...answers]);
  const index = new Map(classes.map((name, at) => [name, at]));
  const place = (name: string): number => index.get(name) ?? 0;
  return {
    outcomes: {
      task: 'classification',
      classes,
      labels: Int32Array.from(labels, (label) => place(nameOf(label, column))),
      predicted: Int32Array.from(answers, place),
      scores: null,
    },
    reasoning: [`${classes.length} classes, as labels and answers name them; there are no scores`],
  };
}

function classesOf(labels: readonly Label[], count: number, column: string) {
  if (labels.every(isInteger)) {
    const indexes = Int32Array.from(labels, Number);
    const beyond = indexes.findIndex((index) => index < 0 || index >= count);
    if (beyond !== -1)
      throw labelsUnfit(
        `row ${beyond + 1} is ${indexes[beyond]}, and the answers have ${count} classes, 0 to ${count - 1}`,
        column,
      );
    const classes = Array.from({ length: count }, (_, at) => String(at));
    return { classes, indexes, how: `classes 0 to ${count - 1}, in the order of the scores` };
  }
  const classes = sortedNames(labels.map((label) => nameOf(label, column)));
  if (classes.length !== count) {
    throw labelsUnfit(
      `there are ${classes.length} names, and the answers have ${count} classes; write labels as numbers 0 to ${count - 1}`,
      column,
    );
  }
  const index = new Map(classes.map((name, at) => [name, at]));
  const indexes = Int32Array.from(labels, (label) => index.get(String(label)) ?? 0);
  return {
    classes,
    indexes,
    how: `${count} classes by the names of \`${column}\`, scores taken in their sorted order: ${classes.slice(0, 5).join(', ')}`,
  };
}

function sortedNames(names: readonly string[]): readonly string[] {
  const distinct = [...new Set(names)];
  const numbers = distinct.every((name) => /^-?\d{1,15}$/.test(name));
  return distinct.sort((a, b) => (numbers ? Number(a) - Number(b) : a < b ? -1 : 1));
}

function nameOf(label: Label, column: string): string {
  if (typeof label === 'object') throw labelsUnfit('a class is a text or a whole number, and there is a list', column);
  return typeof label === 'boolean' ? String(Number(label)) : String(label);
}

/** Shares that sum to 1 within this are probabilities, rounded as FP32 or FP16 rounds them. */
const sumTolerance = 5e-3;

function probabilitiesOf(values: Float32Array | Float64Array, rows: number, size: number) {
  if (size === 1) {
    const scores = new Float64Array(rows * 2);
    values.forEach((value, row) => scores.set([1 - value, value], row * 2));
    return { scores, read: 'each answer is read as the probability of class 1' };
  }
  const scores = Float64Array.from(values);
  let isShare = true;
  for (let row = 0; row < rows && isShare; row += 1) {
    let sum = 0;
    for (let at = row * size; at < (row + 1) * size; at += 1) {
      const value = scores[at] as number;
      if (!(value >= 0)) isShare = false;
      sum += value;
    }
    if (!(Math.abs(sum - 1) <= sumTolerance)) isShare = false;
  }
  for (let row = 0; row < rows; row += 1) (isShare ? normalize : softmax)(scores, row * size, size);
  return {
    scores,
    read: isShare
      ? 'scores are probabilities: every row sums to 1'
      : 'scores are logits: softmax makes probabilities of them',
  };
}

function normalize(scores: Float64Array, start: number, size: number): void {
  let sum = 0;
  for (let at = start; at < start + size; at += 1) sum += scores[at] as number;
  for (let at = start; at < start + size; at += 1) scores[at] = (scores[at] as number) / sum;
}

/** Less the largest first, so that nothing overflows. */
function softmax(scores: Float64Array, start: number, size: number): void {
  let largest = -Infinity;
  for (let at = start; at < start + size; at += 1) largest = Math.max(largest, scores[at] as number);
  for (let at = start; at < start + size; at += 1) scores[at] = Math.exp((scores[at] as number) - largest);
  normalize(scores, start, size);
}

function argMax(scores: Float64Array, start: number, size: number): number {
  let best = 0;
  for (let at = 1; at < size; at += 1) if ((scores[start + at] as number) > (scores[start + best] as number)) best = at;
  return best;
}

function regression(labels: readonly Label[], output: PredictedOutput, column: string): Outcomes {
  if (elementsOf(output) !== 1 || isTexts(output.values))
    throw answerUnfit(output, 'a regression answers one number per row');
  const odd = labels.findIndex((label) => typeof label !== 'number' || !Number.isFinite(label));
  if (odd !== -1) throw labelsUnfit(`row ${odd + 1} is no number`, column);
  return {
    task: 'regression',
    labels: Float64Array.from(labels as readonly number[]),
    predicted: Float64Array.from(output.values),
    quantiles: [],
  };
}

function ranking(labels: readonly Label[], output: PredictedOutput, column: string): Outcomes {
  const { values, lengths, rowShape } = output;
  if (isTexts(values)) throw answerUnfit(output, 'a ranking answers one score per document');
  let at = 0;
  const queries = labels.map((label, row) => {
    const length = lengths?.[row] ?? rowSize(rowShape ?? []);
    const scores = Float64Array.from(values.subarray(at, at + length));
    at += length;
    if (!Array.isArray(label) || label.length !== length) {
      throw labelsUnfit(`row ${row + 1} needs a list of ${length} relevances, one for each score`, column);
    }
    return { relevance: Float64Array.from(label as readonly number[], Number), scores };
  });
  return { task: 'ranking', queries };
}

function text(labels: readonly Label[], output: PredictedOutput, column: string): Outcomes {
  if (elementsOf(output) !== 1 || !isTexts(output.values))
    throw answerUnfit(output, 'a text answer is one text per row');
  const references = labels.map((label, row) => {
    const several = Array.isArray(label) ? (label as readonly unknown[]) : [label];
    if (several.length === 0 || several.some((one) => typeof one !== 'string')) {
      throw labelsUnfit(`row ${row + 1} is neither a text nor a list of texts`, column);
    }
    return several as readonly string[];
  });
  return { task: 'text', references, answers: output.values };
}

function labelsUnfit(what: string, column: string): PlimsollError {
  return new PlimsollError({
    code: 'labels-unfit',
    category: 'input',
    message: `the labels in column ${column} do not fit: ${what}`,
    next: nextStep(coreSteps, 'labels-unfit'),
    details: { column },
  });
}

function answerUnfit({ name, datatype, rowShape }: PredictedOutput, what: string): PlimsollError {
  const shape = rowShape === null ? 'rows of different shapes' : `[${rowShape.join(', ')}] per row`;
  return new PlimsollError({
    code: 'answer-unfit',
    category: 'refused',
    message: `output ${name} (${datatype}, ${shape}) does not fit: ${what}`,
    next: 'write evaluation.output or evaluation.task into the contract, or mend the model',
    details: { output: name },
  });
}
