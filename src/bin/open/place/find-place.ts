import path from 'node:path';
import { programSteps } from '../../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { GlobalOptions } from '../../../cli/program.ts';
import type { ServiceScope } from '../../../control-plane/service/service-scope.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { BoundedParser } from '../../../ports/process/bounded-parser.ts';
import { nearestContract } from './find-contract.ts';
import { chosenEnvironment, openProject } from '../open-project.ts';

/** Where the records are, and whose they are. */
export interface Place {
  readonly stateFolder: string;
  /** Null for all that the store has. */
  readonly services: readonly ServiceScope[] | null;
}

/** The services that are named, else the one of the contract, else all of a state folder that is named. */
export async function findPlace(
  values: GlobalOptions & { readonly services?: string },
  parser: BoundedParser,
): Promise<Place> {
  const { services, state, contract } = values;
  if (services !== undefined && state === undefined) throw stateNeeded();
  if (services !== undefined && state !== undefined) {
    return { stateFolder: path.resolve(state), services: parseServices(services) };
  }
  if (contract === undefined && state !== undefined && nearestContract(process.cwd()) === null) {
    return { stateFolder: path.resolve(state), services: null };
  }
  const noRecords = (): Promise<never> => Promise.reject(new Error('a control plane reads its own store'));
  const project = await openProject(values, process.cwd(), noRecords, parser);
  const environment = await chosenEnvironment(values, project);
  const { service } = (await project.contract()).contract;
  return { stateFolder: project.stateFolder, services: [{ service, environment }] };
}

/** @throws PlimsollError `option-invalid` (input). */
function parseServices(text: string): readonly ServiceScope[] {
  return text.split(',').map((named) => {
    const [service = '', environment = '', ...more] = named.trim().split('/');
    if (service !== '' && environment !== '' && more.length === 0) return { service, environment };
    throw new PlimsollError({
      code: 'option-invalid',
      category: 'input',
      message: `--services must be SERVICE/ENVIRONMENT, separated by commas; \`${named}\` is not`,
      next: nextStep(programSteps, 'option-invalid/control-plane-help'),
    });
  });
}

function stateNeeded(): PlimsollError {
  return new PlimsollError({
    code: 'option-missing',
    category: 'input',
    message: '--services says whom to hold, and not where their records are',
    next: 'name the state folder by --state FOLDER',
  });
}
