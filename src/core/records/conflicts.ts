import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { PlimsollError } from '../units/errors.ts';

/** The conflicts that every store reports in the same words. */
export function leaseLost(lease: string, token: number): PlimsollError {
  return new PlimsollError({
    code: 'lease-lost',
    category: 'conflict',
    message: `this process no longer holds the lease ${lease} (its token ${token} is not the newest); nothing was written`,
    next: nextStep(coreSteps, 'lease-lost/status'),
    details: { lease, token },
  });
}

export function aliasMoved(alias: string, name: string, expected: number | null, actual: number | null): PlimsollError {
  return new PlimsollError({
    code: 'alias-moved',
    category: 'conflict',
    message: `the alias ${alias} of ${name} is at ${at(actual)}, and ${at(expected)} was expected`,
    next: nextStep(coreSteps, 'alias-moved/model-show', { name }),
    details: { alias, name, expected, actual },
  });
}

export const deploymentMoved = revisionMoved('deployment-moved', 'deployment', 'plimsoll status');

export const driftMoved = revisionMoved('drift-moved', 'watch', 'run the command again');

export const canaryMoved = revisionMoved('canary-moved', 'step', 'plimsoll status');

export function generationNotNewer(
  service: string,
  environment: string,
  asked: number,
  present: number,
): PlimsollError {
  return new PlimsollError({
    code: 'generation-not-newer',
    category: 'conflict',
    message: `routing generation ${asked} of ${service} in ${environment} is not newer than ${present}`,
    details: { service, environment, asked, present },
  });
}

/** An alias or a release that points at a version that was never added. */
export function versionMissing(name: string, version: number, environment: string): PlimsollError {
  return new PlimsollError({
    code: 'model-version-missing',
    category: 'not-found',
    message: `${name} has no version ${version} in ${environment}`,
    next: nextStep(coreSteps, 'model-version-missing/model-show', { name }),
    details: { name, version, environment },
  });
}

function at(version: number | null): string {
  return version === null ? 'no version' : `version ${version}`;
}

export function environmentMoved(environment: string, expected: number, actual: number): PlimsollError {
  return new PlimsollError({
    code: 'environment-moved',
    category: 'conflict',
    message: `the record of ${environment} is at version ${actual}, and version ${expected} was expected`,
    next: nextStep(coreSteps, 'environment-moved', { environment }),
    details: { environment, expected, actual },
  });
}

/** A compare-and-swap of what a service has one of in each environment found another revision (null: none). */
function revisionMoved(code: string, what: string, next: string) {
  return (service: string, environment: string, expected: number | null, actual: number | null): PlimsollError =>
    new PlimsollError({
      code,
      category: 'conflict',
      message: `the ${what} of ${service} in ${environment} is at revision ${actual ?? 'none'}, and ${expected ?? 'none'} was expected`,
      next,
      details: { service, environment, expected, actual },
    });
}
