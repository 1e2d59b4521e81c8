import type { Contract } from '../../../contract/contract.ts';
import { judgeGate } from '../../../evaluation/gate/gate.ts';
import type { GateVerdict } from '../../../evaluation/gate/gate-verdict.ts';
import { released, type EvaluationMeasurements } from '../../../evaluation/measure/measurements.ts';
import { shortDigest, type Digest } from '../../../units/digest.ts';
import { combineVerdicts, type Judgement } from '../../../units/verdict.ts';

/** Judged by the present contract: thresholds and margins as they are now, over what was measured then. */
export function judgeEvaluation(measurements: Readonly<Record<string, unknown>>, contract: Contract): Judgement {
  const gates = judgeGates(measurements, contract);
  if ('reasons' in gates) return gates;
  const verdict = combineVerdicts([
    ...gates.verdicts.map((gate) => gate.verdict),
    ...gates.missing.map(() => 'unknown' as const),
  ]);
  const deciding = gates.verdicts.filter((gate) => gate.verdict === verdict).flatMap(({ reasons }) => reasons);
  const reasons = [...(verdict === 'unknown' ? gates.missing : []), ...deciding];
  return { verdict, reasons: reasons.slice(0, mostReasons) };
}

const mostReasons = 5;

/** Every gate with its own verdict, and what the contract asks for that was not measured. */
export function judgeGates(
  measurements: Readonly<Record<string, unknown>>,
  { evaluation }: Contract,
): Judgement | { readonly verdicts: readonly GateVerdict[]; readonly missing: readonly string[] } {
  if (evaluation === undefined) return unknown('the contract does not write `evaluation`');
  const measured = readEvaluation(measurements);
  if (measured === null) return unknown('it does not say what was measured; next: plimsoll evaluate');
  if (measured.dataset.name !== evaluation.dataset) {
    return unknown(
      `it was measured on ${measured.dataset.name}, and not on ${evaluation.dataset}; next: plimsoll evaluate`,
    );
  }
  return {
    verdicts: evaluation.gates.map((gate) => judgeGate(gate, measured)),
    missing: evaluation.slices.filter((column) => !wasSliced(measured, column)).map(notSliced),
  };
}

/**
 * Why a comparison does not speak of what its name stands for now, or null where it does: the lock knows what was live and
 * where an alias stood when it was measured, and only a release knows it now. The candidate is no worse than itself.
 * @param present digest of the model that `released` or an alias stands for now, by that name; null where it is none.
 */
export function comparedWithAnother(
  measurements: Readonly<Record<string, unknown>>,
  { evaluation }: Contract,
  model: Digest,
  present: Readonly<Record<string, Digest | null>>,
): string | null {
  const measured = readEvaluation(measurements);
  if (measured === null) return null;
  const named = new Set(evaluation?.gates.flatMap(({ noWorseThan }) => noWorseThan ?? []));
  const reasons = [...named].map((name) => movedBaseline(measured, name, model, present[name] ?? null));
  return reasons.find((reason) => reason !== null) ?? null;
}

function movedBaseline(
  { comparisons, absentBaselines }: EvaluationMeasurements,
  name: string,
  model: Digest,
  now: Digest | null,
): string | null {
  if (now === null || now === model) return null;
  const isNow = name === released ? 'is live now' : `is \`${name}\` now`;
  const next = 'next: plimsoll evaluate';
  if (absentBaselines?.includes(name) === true) {
    return `nothing was ${name === released ? name : `\`${name}\``} when it was measured, and model ${shortDigest(now)} ${isNow}; ${next}`;
  }
  const compared = comparisons.find(({ baseline }) => baseline.named === name)?.baseline.digest;
  if (compared === undefined || compared === now) return null;
  return `it was compared with model ${shortDigest(compared)}, and model ${shortDigest(now)} ${isNow}; ${next}`;
}

const notSliced = (column: string): string => `the slices of \`${column}\` were not measured; next: plimsoll evaluate`;
const wasSliced = ({ metrics }: EvaluationMeasurements, column: string): boolean =>
  metrics.some(({ slice }) => slice?.column === column);
const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });

/** The lock is a file that anybody may edit: what has another shape is nothing that was measured. */
export function readEvaluation(measurements: Readonly<Record<string, unknown>>): EvaluationMeasurements | null {
  const { evaluationVersion, dataset, metrics, comparisons, latency } = measurements;
  if (evaluationVersion !== 1 || !isObject(dataset) || typeof dataset['name'] !== 'string' || !isObject(latency))
    return null;
  if (!Array.isArray(metrics) || !Array.isArray(comparisons)) return null;
  if (!metrics.every(isMetric) || !comparisons.every(isComparison)) return null;
  return measurements as unknown as EvaluationMeasurements;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isNumberOrNull = (value: unknown): boolean => value === null || Number.isFinite(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function hasShape(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false;
  const { metric, slice, rows, largerIsBetter, limits = {}, standardError = 0 } = value;
  return (
    typeof metric === 'string' &&
    (slice === null ||
      (isObject(slice) && typeof slice['column'] === 'string' && typeof slice['value'] === 'string')) &&
    isCount(rows) &&
    typeof largerIsBetter === 'boolean' &&
    Number.isFinite(standardError) &&
    isObject(limits) &&
    Object.values(limits).every(
      (each) => isObject(each) && Number.isFinite(each['lower']) && Number.isFinite(each['upper']),
    )
  );
}

function isMetric(value: unknown): boolean {
  if (!hasShape(value) || !isNumberOrNull(value['value'])) return false;
  const { proportion } = value;
  if (proportion === undefined) return true;
  if (!isObject(proportion)) return false;
  const { successes, rows } = proportion;
  if (!isCount(successes) || !isCount(rows)) return false;
  return (
    (rows as number) > 0 && (rows as number) <= (value['rows'] as number) && (successes as number) <= (rows as number)
  );
}

function isComparison(value: unknown): boolean {
  if (!hasShape(value) || !isNumberOrNull(value['candidate']) || !isNumberOrNull(value['baselineValue'])) return false;
  const { baseline, paired } = value;
  if (!isObject(baseline) || typeof baseline['named'] !== 'string') return false;
  if (paired === undefined) return true;
  if (!isObject(paired)) return false;
  const cells = [paired['both'], paired['onlyCandidate'], paired['onlyBaseline'], paired['neither']];
  if (!cells.every(isCount)) return false;
  // More pairs than rows were never measured.
  const pairs = cells.reduce<number>((sum, cell) => sum + (cell as number), 0);
  return pairs > 0 && pairs <= (value['rows'] as number);
}
