import type { EvaluationSection, LoadedContract } from '../../core/contract/contract.ts';
import { defaults } from '../../core/contract/defaults.ts';
import type { EvaluationMeasurements } from '../../core/evaluation/measure/measurements.ts';
import { labelledOutcomes } from '../../core/evaluation/labelled-outcomes.ts';
import type { Predictions } from '../../core/evaluation/predictions.ts';
import { measure, type Measured } from '../../core/evaluation/measure/measure.ts';
import { readEvaluation } from '../../core/evidence/kinds/evaluation/evaluation-evidence.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { findDifferences, type Recomputed } from '../../core/proof/recomputed.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import type { Digest } from '../../core/units/digest.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { decodePredictions } from '../../formats/stored-predictions.ts';
import { storedRows } from '../artifacts/stored-data.ts';
import { readDataset } from '../evaluate/evaluate-dataset.ts';
import { pinnedDataset } from '../evaluate/evaluate-subjects.ts';

/** Where predictions and labels are stored. */
export interface StoredAnswers {
  readonly store: StoreReader;
  readonly blobs: Blobs;
  readonly signal: AbortSignal;
}

/**
 * Measures an evaluation again from the stored predictions of both models and the labels of the dataset. No model runs.
 * Latency, and metrics of programs of the repository, rest on the word of whoever measured.
 */
export async function recomputeEvaluation(
  stored: StoredAnswers | null,
  loaded: LoadedContract,
  locked: LockedEnvironment,
  environment: string,
): Promise<Recomputed | null> {
  const stated = readEvaluation(locked.evidence.evaluation?.measurements ?? {});
  if (stated === null || loaded.contract.evaluation === undefined) return null;
  const unable = (reason: string): Recomputed => ({ kind: 'evaluation', outcome: 'unable', reasons: [reason] });
  if (stored === null) return unable('predictions and labels are stored elsewhere');
  try {
    return compare(stated, await measureAgain(stored, stated, loaded, locked, environment), loaded.contract.evaluation);
  } catch (thrown) {
    stored.signal.throwIfAborted();
    const error = asPlimsollError(thrown);
    if (error.category === 'bug') throw thrown;
    return unable(`it cannot be measured again: ${error.message}`);
  }
}

interface Again extends Measured {
  readonly rows: number;
  readonly task: EvaluationMeasurements['task'];
  readonly dataDigest: Digest;
}

async function measureAgain(
  { store, blobs, signal }: StoredAnswers,
  stated: EvaluationMeasurements,
  loaded: LoadedContract,
  locked: LockedEnvironment,
  environment: string,
): Promise<Again | string> {
  const { section, data } = await pinnedDataset(store, environment, loaded, locked);
  const labelColumn = section.label ?? defaults.evaluationLabel;
  const dataset = await readDataset(storedRows(data, blobs, signal), labelColumn, section.slices);
  const read = async (digest: Digest): Promise<Predictions | null> => {
    const decoded = decodePredictions(await blobs.read(digest, signal));
    return decoded?.rows === dataset.labels.length ? decoded : null;
  };
  const predictions = await read(stated.predictions);
  if (predictions === null) return 'the stored predictions are not of the rows of the dataset';
  const { labels } = dataset;
  const shared = { labels, output: section.output, labelColumn };
  const ours = labelledOutcomes({ ...shared, predictions, task: section.task });
  const baselines = [];
  const named = new Map(stated.comparisons.map(({ baseline }) => [baseline.named, baseline]));
  for (const baseline of named.values()) {
    const theirs = await read(baseline.predictions);
    if (theirs === null) return `the stored predictions of ${baseline.named} are not of the rows of the dataset`;
    const { outcomes } = labelledOutcomes({ ...shared, predictions: theirs, task: ours.outcomes.task });
    baselines.push({ baseline, outcomes });
  }
  const own = new Set(Object.keys(section.metrics ?? {}));
  const steps = measure({
    outcomes: ours.outcomes,
    baselines,
    gates: section.gates.filter(({ metric }) => !own.has(metric)),
    slices: dataset.slices,
    random: seededRandom(1),
  });
  for (let step = steps.next(); ; step = steps.next()) {
    signal.throwIfAborted();
    if (step.done === true)
      return { ...step.value, rows: labels.length, task: ours.outcomes.task, dataDigest: data.digest };
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function compare(stated: EvaluationMeasurements, again: Again | string, section: EvaluationSection): Recomputed {
  if (typeof again === 'string') return { kind: 'evaluation', outcome: 'differs', reasons: [again] };
  const own = new Set(Object.keys(section.metrics ?? {}));
  const keep = <M extends Measured['metrics'][number] | Measured['comparisons'][number]>(list: readonly M[]) =>
    Object.fromEntries(
      list.filter(({ metric }) => !own.has(metric)).map((one) => [nameOf(one), kept(one, own.size > 0)]),
    );
  const reasons = findDifferences(
    {
      task: stated.task,
      rows: stated.dataset.rows,
      data: stated.dataset.digest,
      metrics: keep(stated.metrics),
      comparisons: keep(stated.comparisons),
    },
    {
      task: again.task,
      rows: again.rows,
      data: again.dataDigest,
      metrics: keep(again.metrics),
      comparisons: keep(again.comparisons),
    },
  );
  if (reasons.length > 0) return { kind: 'evaluation', outcome: 'differs', reasons };
  const known = new Set(again.metrics.map(({ metric }) => metric));
  const open = [...new Set(section.gates.map(({ metric }) => metric).filter((metric) => !known.has(metric)))];
  if (open.length === 0) return { kind: 'evaluation', outcome: 'same', reasons: [] };
  return {
    kind: 'evaluation',
    outcome: 'partly',
    reasons: [`${open.join(', ')} cannot be measured again from predictions`],
  };
}

/** With programs of the repository the draws of the bootstrap are others: the values are compared, not their limits. */
function kept<M extends object>(one: M, valuesAlone: boolean): object {
  if (!valuesAlone) return one;
  return Object.fromEntries(Object.entries(one).filter(([key]) => key !== 'limits' && key !== 'standardError'));
}

type Named = Pick<Measured['metrics'][number], 'metric' | 'slice'> & { readonly baseline?: { readonly named: string } };

function nameOf({ metric, slice, baseline }: Named): string {
  const of = slice === null ? '' : ` where ${slice.column} is ${slice.value}`;
  return `${metric}${of}${baseline === undefined ? '' : ` against ${baseline.named}`}`;
}
