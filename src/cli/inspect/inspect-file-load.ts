import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ModelLoad } from '../../core/hardware/model/model-memory.ts';
import { PlimsollError } from '../../core/units/errors.ts';

const mostTokens = 1_000_000_000;
const mostSequences = 1_000_000;

/**
 * The load of `--context TOKENS --sequences N`; null when neither is given.
 * @throws PlimsollError `load-invalid` (input).
 */
export function readLoad(options: Readonly<Record<string, unknown>>): ModelLoad | null {
  const [context, sequences] = [options['context'], options['sequences']];
  if (context === undefined && sequences === undefined) return null;
  if (context === undefined) throw invalid('--sequences says how many at the same time, and not how long each is');
  return {
    contextTokens: whole('--context', context, mostTokens),
    sequences: sequences === undefined ? 1 : whole('--sequences', sequences, mostSequences),
  };
}

function whole(option: string, given: unknown, most: number): number {
  const text = String(given);
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw invalid(`${option} \`${text.slice(0, 40)}\` is not a whole number from 1 to ${most.toLocaleString('en-US')}`);
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'load-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'load-invalid'),
  });
}
