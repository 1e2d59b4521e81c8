import type { EvaluationSection } from '../../core/contract/contract.ts';
import { defaults } from '../../core/contract/defaults.ts';
import { labelledOutcomes, type LabelledOutcomes } from '../../core/evaluation/labelled-outcomes.ts';
import { measure, type MeasureQuestion } from '../../core/evaluation/measure/measure.ts';
import type { EvaluationMeasurements, MetricMeasurement } from '../../core/evaluation/measure/measurements.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { DatasetFacts } from './evaluate-dataset.ts';
import { rowMetricsOf, runUserMetric, type NamedResults, type UserMetricResult } from './evaluate-metrics.ts';
import { firstRows, type Predicted } from './evaluate-predictions.ts';
import type { Baseline } from './evaluate-subjects.ts';
import { storedRows } from '../artifacts/stored-data.ts';
import type { ProvingPorts } from '../ports.ts';

export interface AnsweredBaseline extends Baseline {
  readonly predicted: Predicted;
}

export interface EvaluateMeasureQuestion {
  readonly section: EvaluationSection;
  readonly data: DataVersion;
  readonly rowsAtMost: number | null;
  readonly dataset: DatasetFacts;
  readonly candidate: Predicted;
  readonly baselines: readonly AnsweredBaseline[];
  readonly absent: readonly string[];
  readonly folder: string;
  readonly blobs: Blobs;
}

export interface EvaluateMeasured {
  readonly measurements: EvaluationMeasurements;
  readonly candidate: LabelledOutcomes;
  readonly baselines: readonly { readonly named: string; readonly outcomes: LabelledOutcomes }[];
}

/** Everything that the judge will want to know, of what was answered. */
export async function measureAnswers(
  context: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  question: EvaluateMeasureQuestion,
): Promise<EvaluateMeasured> {
  const { section, data, dataset, candidate, baselines } = question;
  const labelColumn = section.label ?? defaults.evaluationLabel;
  const outcomesOf = ({ predictions }: Predicted, task = section.task): LabelledOutcomes =>
    labelledOutcomes({ labels: dataset.labels, predictions, output: section.output, task, labelColumn });
  const ours = outcomesOf(candidate);
  const theirs = baselines.map((one) => ({
    named: one.named,
    outcomes: outcomesOf(one.predicted, ours.outcomes.task),
  }));
  const compared = baselines.map((one, at) => ({
    baseline: {
      named: one.named,
      model: one.model.name,
      version: one.model.version,
      digest: one.model.digest,
      predictions: one.predicted.digest,
    },
    outcomes: theirs[at]?.outcomes.outcomes ?? ours.outcomes,
  }));
  const results = await userMetrics(context, question, ours, theirs, labelColumn);
  const measured = await runMeasure(context, {
    outcomes: ours.outcomes,
    baselines: compared,
    gates: section.gates,
    slices: dataset.slices,
    rowMetrics: rowMetricsOf(section.metrics ?? {}, results),
    random: seededRandom(1),
  });
  const own = ofWholePrograms(section, results, dataset.labels.length);
  return {
    candidate: ours,
    baselines: theirs,
    measurements: {
      evaluationVersion: 1,
      task: ours.outcomes.task,
      dataset: { name: data.name, version: data.version, digest: data.digest, rows: dataset.labels.length },
      predictions: candidate.digest,
      golden: candidate.golden,
      metrics: [...measured.metrics.filter(({ metric }) => !own.some((one) => one.metric === metric)), ...own],
      comparisons: measured.comparisons,
      latency: candidate.latency,
      ...(question.absent.length === 0 ? {} : { absentBaselines: question.absent }),
    },
  };
}

/** The clock may tick between steps: an interrupt ends it, and a long one says how far it is. */
async function runMeasure(context: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>, question: MeasureQuestion) {
  const steps = measure(question);
  const startMs = context.clock.monotonicMs();
  let [saidMs, yieldedMs] = [startMs, startMs];
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    const nowMs = context.clock.monotonicMs();
    if (nowMs - yieldedMs < 200) continue;
    yieldedMs = nowMs;
    if (nowMs - saidMs >= Math.max(1_000, (nowMs - startMs) / 4)) {
      saidMs = nowMs;
      const leftMs = ((nowMs - startMs) / Math.max(step.value.doneShare, 1e-6)) * (1 - step.value.doneShare);
      const done = Math.round(step.value.doneShare * 100);
      context.terminal.note(`  measuring ${step.value.what}: ${done}% done, about ${formatElapsed(leftMs)} left`);
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    context.signal.throwIfAborted();
  }
}

async function userMetrics(
  context: Pick<ProvingPorts, 'signal' | 'terminal'>,
  { section, data, rowsAtMost, folder, blobs }: EvaluateMeasureQuestion,
  ours: LabelledOutcomes,
  theirs: EvaluateMeasured['baselines'],
  labelColumn: string,
): Promise<NamedResults> {
  const found: [string, NamedResults[string]][] = [];
  for (const [name, metric] of Object.entries(section.metrics ?? {})) {
    const run = ({ outcomes }: LabelledOutcomes): Promise<UserMetricResult> => {
      context.terminal.note(`running the metric ${name}`);
      const rows = () => firstRows(storedRows(data, blobs, context.signal), rowsAtMost);
      return runUserMetric({ folder, metric, outcomes, rows, labelColumn, signal: context.signal });
    };
    const candidate = await run(ours);
    if (candidate.kind === 'unusable') context.terminal.note(`the metric ${name} gives no value: ${candidate.because}`);
    const baselines: [string, UserMetricResult][] = [];
    for (const one of theirs) baselines.push([one.named, await run(one.outcomes)]);
    found.push([name, { candidate, baselines: Object.fromEntries(baselines) }]);
  }
  return Object.fromEntries(found);
}

/** A program that gave one number has no limits, and one that gave none is not defined: neither can pass a gate. */
function ofWholePrograms(
  section: EvaluationSection,
  results: NamedResults,
  rows: number,
): readonly MetricMeasurement[] {
  return Object.entries(results).flatMap(([metric, { candidate }]): MetricMeasurement[] => {
    const largerIsBetter = section.metrics?.[metric]?.largerIsBetter ?? true;
    const shared = { metric, slice: null, rows, largerIsBetter };
    if (candidate.kind === 'rows') return [];
    if (candidate.kind === 'unusable') return [{ ...shared, value: null, undefinedBecause: candidate.because }];
    const noLimitsBecause = 'the program gave one number for all rows, and not one for each';
    return [{ ...shared, value: candidate.value, noLimitsBecause }];
  });
}
