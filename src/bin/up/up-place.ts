import { stat } from 'node:fs/promises';
import path from 'node:path';
import { programSteps } from '../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { chosenEnvironment, openProject } from '../open/open-project.ts';

/** What says which contract, environment and state folder is meant. */
export interface PlaceOptions {
  readonly contract?: string;
  readonly state?: string;
  readonly environment?: string;
}

/** One of the services that are started. */
export interface UpService {
  readonly service: string;
  readonly environment: string;
  /** All that the contract has. */
  readonly environments: readonly string[];
  readonly contractFile: string;
}

/** Where things are, settled before anything is started. */
export interface UpPlace {
  /** One at least. */
  readonly services: readonly [UpService, ...UpService[]];
  readonly stateFolder: string;
}

/**
 * @param folders of contracts, each the folder or the contract itself; none for the one that is found from here.
 * @throws PlimsollError `service-claimed` (conflict) where two contracts are of one service and environment.
 */
export async function findPlace(options: PlaceOptions, folders: readonly string[]): Promise<UpPlace> {
  if (folders.length > 0 && options.contract !== undefined) throw contractTwice(options.contract);
  const [first, ...others] = folders;
  if (first === undefined) return findOne(options);
  const alone = await findOne({ ...options, contract: await contractAt(first) });
  if (others.length === 0) return alone;
  const services: [UpService, ...UpService[]] = [alone.services[0]];
  for (const folder of others) {
    const found = (await findOne({ ...options, contract: await contractAt(folder) })).services[0];
    const same = services.find(
      ({ service, environment }) => service === found.service && environment === found.environment,
    );
    if (same !== undefined) throw serviceClaimed(same, found);
    services.push(found);
  }
  return { services, stateFolder: path.resolve(options.state ?? '.plimsoll') };
}

async function findOne(options: PlaceOptions): Promise<UpPlace> {
  const project = await openProject(options, process.cwd(), () => Promise.reject(new Error('`up` reads no store')));
  const [{ contract, file }, environment] = await Promise.all([
    project.contract(),
    chosenEnvironment(options, project),
  ]);
  if (contract.environments[environment]?.platform === 'kubernetes') throw notLocal(environment);
  const { service } = contract;
  return {
    services: [{ service, environment, environments: Object.keys(contract.environments), contractFile: file }],
    stateFolder: project.stateFolder,
  };
}

async function contractAt(place: string): Promise<string> {
  const found = await stat(place).catch(() => null);
  return found?.isFile() === true ? place : path.join(place, 'plimsoll.yaml');
}

function contractTwice(contract: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--contract ${contract} names one contract, and folders are named beside it`,
    next: nextStep(programSteps, 'option-invalid/up', { file: contract }),
  });
}

function serviceClaimed(one: UpService, other: UpService): PlimsollError {
  return new PlimsollError({
    code: 'service-claimed',
    category: 'conflict',
    message: `two contracts are of ${one.service} in ${one.environment}: ${one.contractFile} and ${other.contractFile}`,
    next: 'give one of them another name: `service:` in its contract',
  });
}

function notLocal(environment: string): PlimsollError {
  return new PlimsollError({
    code: 'platform-not-local',
    category: 'input',
    message: `\`up\` runs replicas on this machine, and the environment ${environment} has the platform kubernetes`,
    next: 'choose an environment with `platform: local` by --environment',
  });
}
