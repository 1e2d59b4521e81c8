import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { LoadedContract } from '../../core/contract/contract.ts';
import type { Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { ServiceDemands } from '../../core/hardware/compatibility.ts';
import { demandsOf, readDemands } from '../../core/hardware/service-demands.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Project } from '../../ports/project/project.ts';
import { pinnedInStep } from '../subjects/released-subjects.ts';
import { defaults } from '../../core/contract/defaults.ts';

/** Where a verdict is about, for annotations: the contract, and the line of its `hardware`. */
export interface ContractPlace {
  /** Relative to where the command ran. */
  readonly file: string;
  readonly line: number;
}

/** One service in one environment: what it asks for, and what the lock pins of it. */
export interface ServiceInEnvironment {
  readonly project: Project;
  readonly loaded: LoadedContract;
  readonly lock: Lock;
  readonly locked: LockedEnvironment;
  readonly environment: string;
  readonly demands: ServiceDemands;
}

/**
 * @param anotherImage the image that the lock pins is not the one that is asked about.
 * @throws PlimsollError `hardware-not-asked` (input), `lock-missing`, `facts-not-pinned` (unavailable),
 * `lock-out-of-step` (refused).
 */
export async function readService(
  project: Project,
  environment: string,
  anotherImage = false,
): Promise<ServiceInEnvironment> {
  const loaded = await project.contract();
  if (loaded.contract.hardware === undefined) throw notAsked(loaded.contract.service);
  if ((await project.lock()) === null) throw lockMissing(environment);
  const { lock, locked } = await pinnedInStep(project, loaded, environment);
  const reading = readDemands(loaded.contract, environment, locked);
  if (reading.kind === 'not-asked') throw notAsked(loaded.contract.service);
  if (reading.kind === 'known') return { project, loaded, lock, locked, environment, demands: reading.demands };
  if (!anotherImage) throw notPinned(reading.reason, environment);
  return { project, loaded, lock, locked, environment, demands: demandsOf(loaded.contract, environment, locked) };
}

/** The line of `hardware:` is where somebody will look; 1 where the contract cannot be read as a file. */
export async function placeOf({ file }: LoadedContract, cwd: string): Promise<ContractPlace> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const line = lines.findIndex((text) => /^hardware\s*:/.test(text)) + 1;
  const way = path.relative(cwd, file);
  return { file: (way.startsWith('..') ? file : way).split(path.sep).join('/'), line: Math.max(1, line) };
}

function notAsked(service: string): PlimsollError {
  return new PlimsollError({
    code: 'hardware-not-asked',
    category: 'input',
    message: `the contract of ${service} does not write hardware, so that there is nothing to verify`,
    next: nextStep(proveSteps, 'hardware-not-asked'),
  });
}

function lockMissing(environment: string): PlimsollError {
  return new PlimsollError({
    code: 'lock-missing',
    category: 'unavailable',
    message: 'there is no plimsoll.lock, so that it is not known what would run',
    next:
      environment === defaults.environment
        ? nextStep(proveSteps, 'lock-missing/pin')
        : nextStep(proveSteps, 'lock-missing/pin-environment', { environment }),
  });
}

function notPinned(reason: string, environment: string): PlimsollError {
  return new PlimsollError({
    code: 'facts-not-pinned',
    category: 'unavailable',
    message: reason,
    next:
      environment === defaults.environment
        ? nextStep(proveSteps, 'facts-not-pinned/pin')
        : nextStep(proveSteps, 'facts-not-pinned/pin-environment', { environment }),
  });
}

/** A contract without environments has one, which need not be named. */
export const environmentOption = (name: string): string =>
  name === defaults.environment ? '' : ` --environment ${name}`;
