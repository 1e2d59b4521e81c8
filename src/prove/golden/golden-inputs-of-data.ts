import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { goldenInputs } from '../../core/monitoring/golden-inputs.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { storedRows } from '../artifacts/stored-data.ts';

/** More rows than this make admitting a replica slow for nothing. */
const casesAtMost = 10_000;

export interface GoldenInput {
  /** `digits-golden:17`, the row's place in its data; what an event names when it is the first to offend. */
  readonly id: string;
  readonly inputs: readonly GoldenTensor[];
}

/** Each row of a data version as the inputs of the model. @throws PlimsollError `row-unfit`, `data-invalid`, `golden-too-large`. */
export async function goldenInputsOfData(
  data: DataVersion,
  inputs: readonly TensorSpec[],
  blobs: Blobs,
  signal: AbortSignal,
): Promise<readonly GoldenInput[]> {
  if (data.rows > casesAtMost) throw tooLarge(data);
  const cases: GoldenInput[] = [];
  for await (const { line, row } of storedRows(data, blobs, signal)) {
    cases.push({ id: `${data.name}:${cases.length + 1}`, inputs: goldenInputs(row, inputs, line) });
  }
  if (cases.length === 0) throw empty(data);
  return cases;
}

function tooLarge(data: DataVersion): PlimsollError {
  return new PlimsollError({
    code: 'golden-too-large',
    category: 'input',
    message: `${data.name} has ${data.rows} rows; a golden set has at most ${casesAtMost}, because every replica replays it before it is admitted`,
    next: 'choose some tens of rows that tell models apart',
  });
}

function empty(data: DataVersion): PlimsollError {
  return new PlimsollError({
    code: 'golden-empty',
    category: 'input',
    message: `${data.name} version ${data.version} has no rows`,
    next: nextStep(proveSteps, 'golden-empty', { name: data.name }),
  });
}
