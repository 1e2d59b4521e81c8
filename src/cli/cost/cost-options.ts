import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { dimensions, type Dimension } from '../../core/cost/ledger/query/columns.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import { durationForm, readDuration } from '../../core/units/quantity/quantity-duration.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { CliContext } from '../context.ts';

export const sinceDefault = '24h';
const sinceAtMostMs = 400 * 86_400_000;

/** The control plane that answers, whichever services it has; without one the store of the project. */
export async function costOperations(
  context: Pick<CliContext, 'fleetOperations' | 'operations'>,
): Promise<Pick<Operations, 'cost' | 'rebuildCost' | 'exportCost' | 'costedHours'>> {
  return (await context.fleetOperations()) ?? context.operations();
}

/** @throws PlimsollError `option-invalid` (input). */
export function readSince(value: unknown): number {
  const text = typeof value === 'string' ? value : sinceDefault;
  const read = readDuration(text);
  if (read.ok && read.value >= 1 && read.value <= sinceAtMostMs) return Math.round(read.value);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--since ${text} is not ${durationForm}, or is more than 400 days`,
    next: nextStep(cliSteps, 'option-invalid/cost-since'),
  });
}

/** @throws PlimsollError `option-invalid` (input) with the nearest name. */
export function readDimensions(value: unknown): Dimension[] {
  const names = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : ['service'];
  return [...new Set(names)].map((name) => {
    const found = dimensions.find((each) => each === name);
    if (found !== undefined) return found;
    const meant = nearest(name, dimensions);
    throw new PlimsollError({
      code: 'option-invalid',
      category: 'input',
      message: `--by ${name}: the account has no such name${meant === null ? '' : `; did you mean ${meant}?`}`,
      next: `one or more of ${dimensions.join(', ')}, with commas`,
    });
  });
}
