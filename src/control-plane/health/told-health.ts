import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ServiceHealth } from '../../core/health/health.ts';
import type { Health, ToldHealth } from '../http/http-parts.ts';

/**
 * The health of a control plane with that of its service. What a control plane that does not follow knew is unknown now.
 * @param unsent alerts that do not reach anybody: a problem, and no reason to send traffic elsewhere.
 */
export function withService(own: Health, service: ServiceHealth | null, unsent: readonly string[] = []): ToldHealth {
  const [problem] = own.problems;
  const told = service === null || problem === undefined ? service : unknownBecause(problem);
  const failing = told?.state === 'failing' ? [told.sentence] : [];
  return {
    ...own,
    healthy: own.healthy && failing.length === 0,
    controlPlane: own.healthy,
    problems: [...own.problems, ...failing, ...unsent],
    service: told === null ? null : pick(told),
  };
}

const pick = ({ state, sentence, sinceMs, next }: Pick<ServiceHealth, 'state' | 'sentence' | 'sinceMs' | 'next'>) => ({
  state,
  sentence,
  sinceMs,
  next,
});

const unknownBecause = (problem: string) =>
  ({
    state: 'unknown',
    sentence: `Unknown: ${problem}.`,
    sinceMs: null,
    next: nextStep(controlPlaneSteps, 'unknown'),
  }) as const;
