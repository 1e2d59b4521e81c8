import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { PlimsollError } from '../units/errors.ts';
import type { Scope } from './requester.ts';

/** A scope without any word: every service in every environment. */
const everything = 'anyone';
const wordPattern = /^(service|environment)=([A-Za-z0-9][A-Za-z0-9._-]{0,99})$/;

/** A scope as a token file writes it: `service=digits environment=prod`, and `anyone` for one that names neither. */
export function formatScope({ service, environment }: Scope): string {
  const words = [
    ...(service === null ? [] : [`service=${service}`]),
    ...(environment === null ? [] : [`environment=${environment}`]),
  ];
  return words.length === 0 ? everything : words.join(' ');
}

/** The scope that `formatScope` writes so. @throws PlimsollError `scope-invalid` (input). */
export function parseScope(words: readonly string[]): Scope {
  const scope: { service: string | null; environment: string | null } = { service: null, environment: null };
  if (words.length === 1 && words[0] === everything) return scope;
  for (const word of words) {
    const [, key, value] = wordPattern.exec(word) ?? [];
    if ((key !== 'service' && key !== 'environment') || value === undefined || scope[key] !== null) throw invalid(word);
    scope[key] = value;
  }
  if (words.length === 0) throw invalid('nothing');
  return scope;
}

function invalid(word: string): PlimsollError {
  return new PlimsollError({
    code: 'scope-invalid',
    category: 'input',
    message: `${word.slice(0, 100)} is no part of a scope: each of service=NAME and environment=NAME may stand once, or \`${everything}\` alone`,
    next: nextStep(coreSteps, 'scope-invalid'),
  });
}
