import { stat } from 'node:fs/promises';
import path from 'node:path';
import { programsOf } from '../../adapters/processes/process-table/programs-of.ts';
import type { ProcessTable } from '../../adapters/processes/process-table/process-table.ts';
import { readClaim, type Claim } from '../../adapters/processes/state-folder-claim.ts';
import type { ProgramSpec } from '../../adapters/processes/supervised-program.ts';
import type { PassedOnOptions } from '../../cli/passed-on.ts';
import { supervisorOptions } from '../../cli/program-options.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import {
  findListenProblem,
  isSamePlace,
  listenText,
  parseListenAddress,
  settledAddress,
  urlOf,
  type ListenAddress,
} from '../listen-address.ts';
import { readScalerSettings } from '../control-plane-settings.ts';
import { chosenEnvironment, openProject } from '../open/open-project.ts';
import { ownProgram } from '../own-command.ts';
import { openConfinement } from '../open/local/open-confinement.ts';
import { chooseAccess } from '../open/open-access.ts';
import { isOneDoor } from '../open/open-doors.ts';
import { readTlsFiles } from '../open/tls/tls-files.ts';
import { shownPlace, storePlace } from '../open/place/store-place.ts';
import { plimsollVersion } from '../version.ts';

export interface UpOptions {
  readonly contract?: string;
  readonly state?: string;
  readonly environment?: string;
  readonly listen: string;
  readonly 'gateway-listen': string;
  readonly 'scaler-listen'?: string;
  readonly 'scaler-client-ca'?: string;
  readonly 'token-file'?: string;
  readonly identities?: string;
  readonly 'tls-cert'?: string;
  readonly 'tls-key'?: string;
  readonly 'tls-client-ca'?: string;
  readonly 'replica-user'?: string;
  readonly 'gateway-token-file'?: string;
  readonly 'client-keys'?: string;
  readonly dashboard?: string;
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

export interface UpPlan extends UpPlace {
  readonly gatewayUrl: string;
  /** For people. */
  readonly pageUrl: string;
  /** For programs of this machine. */
  readonly controlPlaneUrl: string;
  readonly gateway: ProgramSpec;
  readonly controlPlane: ProgramSpec;
}

/** The gateway gives its requests 20 s; what is left is for it to leave. */
const gatewayDrainTimeoutMs = 25_000;
const controlPlaneDrainTimeoutMs = 10_000;

export function runFolder(stateFolder: string): string {
  return path.join(stateFolder, 'run');
}

/**
 * @param folders of contracts, each the folder or the contract itself; none for the one that is found from here.
 * @throws PlimsollError `service-claimed` (conflict) where two contracts are of one service and environment.
 */
export async function findPlace(
  options: Pick<UpOptions, 'contract' | 'state' | 'environment'>,
  folders: readonly string[],
): Promise<UpPlace> {
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

async function findOne(options: Pick<UpOptions, 'contract' | 'state' | 'environment'>): Promise<UpPlace> {
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
    next: `plimsoll up ${contract} and the folders`,
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

/**
 * Refuses what one of the programs would refuse later, before anything runs that would be started again and again.
 * @throws PlimsollError `port-taken` (unavailable), `option-invalid`, `addresses-clash`, `token-file-needed` (input).
 */
export async function makePlan(place: UpPlace, options: UpOptions, table: ProcessTable): Promise<UpPlan> {
  const wantedPage = parseListenAddress(options.listen, '--listen');
  const wantedClient = parseListenAddress(options['gateway-listen'], '--gateway-listen');
  if (isSamePlace(wantedPage, wantedClient)) throw addressesClash(wantedPage, wantedClient);
  await chooseAccess(place.stateFolder, wantedPage, options);
  readScalerSettings(options);
  const tls = readTlsFiles(options['tls-cert'], options['tls-key'], options['tls-client-ca']);
  openConfinement(place.stateFolder, options['replica-user']);
  const before = await readClaim(runFolder(place.stateFolder));
  const settle = (
    program: 'gateway' | 'control-plane',
    wanted: ListenAddress,
    urlBefore: keyof Pick<Claim, 'gatewayUrl' | 'pageUrl'>,
    taken: ReadonlySet<number>,
  ): Promise<ListenAddress> => {
    const runs = programsOf(place.stateFolder, program, table).length > 0;
    return runs ? Promise.resolve(asBefore(wanted, before?.[urlBefore])) : settledAddress(wanted, taken);
  };
  const page = await settle('control-plane', wantedPage, 'pageUrl', new Set([wantedClient.port]));
  const client = await settle('gateway', wantedClient, 'gatewayUrl', new Set([page.port]));
  await refuseTaken(place, options, table, { listen: page, 'gateway-listen': client });
  const local = isOneDoor({ listen: page, tls }) ? page : await localDoor(place, before, table, page, client);
  const store = await shownPlace(storePlace(place.stateFolder));
  return {
    ...place,
    gatewayUrl: urlOf(client),
    pageUrl: tls === null ? urlOf(page) : urlOf(page).replace(/^http:/, 'https:'),
    controlPlaneUrl: urlOf(local),
    gateway: makeGateway(place, options, client, urlOf(local)),
    controlPlane: makeControlPlane(place, options, page, local, store),
  };
}

/** The address of a control plane that runs already, else a free port: what is started again must come back there. */
async function localDoor(
  place: UpPlace,
  before: Claim | null,
  table: ProcessTable,
  ...others: readonly ListenAddress[]
): Promise<ListenAddress> {
  const runs = programsOf(place.stateFolder, 'control-plane', table).length > 0;
  const url = runs ? before?.controlPlaneUrl : undefined;
  if (url !== undefined) return { host: '127.0.0.1', port: Number(new URL(url).port) };
  return settledAddress({ host: '127.0.0.1', port: 0 }, new Set(others.map(({ port }) => port)));
}

function addressesClash(page: ListenAddress, client: ListenAddress): PlimsollError {
  return new PlimsollError({
    code: 'addresses-clash',
    category: 'input',
    message: `the page (--listen ${listenText(page)}) and the gateway (--gateway-listen ${listenText(client)}) cannot both listen there`,
    next: `plimsoll up --listen ${listenText({ ...page, port: 0 })} takes a free port for the page`,
  });
}

/**
 * Looks at both addresses before it says anything: a hint for one of them would undo the hint for the other.
 * @throws PlimsollError as `findListenProblem`.
 */
async function refuseTaken(
  place: UpPlace,
  options: UpOptions,
  table: ProcessTable,
  addresses: Readonly<Record<'listen' | 'gateway-listen', ListenAddress>>,
): Promise<void> {
  const isNew = (program: string): boolean => programsOf(place.stateFolder, program, table).length === 0;
  const asked = [
    ...(isNew('control-plane') ? (['listen'] as const) : []),
    ...(isNew('gateway') ? (['gateway-listen'] as const) : []),
  ];
  const found = await Promise.all(
    asked.map(async (option) => ({ option, problem: await findListenProblem(addresses[option], '') })),
  );
  const taken = found.filter(({ problem }) => problem !== null).map(({ option }) => option);
  const [first] = taken;
  if (first === undefined) return;
  const problem = await findListenProblem(
    addresses[first],
    `${upElsewhere(place, options, addresses, taken)} takes free ports`,
  );
  if (problem !== null) throw problem;
}

/** The command as it was given, with any port where the ports are taken. */
function upElsewhere(
  place: UpPlace,
  options: UpOptions,
  addresses: Readonly<Record<'listen' | 'gateway-listen', ListenAddress>>,
  taken: readonly ('listen' | 'gateway-listen')[],
): string {
  const elsewhere = Object.fromEntries(taken.map((option) => [option, listenText({ ...addresses[option], port: 0 })]));
  const byDefault: PassedOnOptions = supervisorOptions;
  const given = Object.entries<string | boolean>({ ...options, ...elsewhere }).flatMap(([name, value]) => {
    if (value === false || byDefault[name]?.default === value) return [];
    return [value === true ? `--${name}` : `--${name} ${value}`];
  });
  return ['plimsoll up', ...given, ...foldersOf(place)].join(' ');
}

/** As they can be typed again; one folder was not named, or is known by its contract. */
function foldersOf({ services }: UpPlace): readonly string[] {
  return services.length === 1 ? [] : services.map(({ contractFile }) => path.relative('', path.dirname(contractFile)));
}

/** Port 0 asks for any port: of a program that runs already it is the one that it has. */
function asBefore(wanted: ListenAddress, urlBefore: string | undefined): ListenAddress {
  if (wanted.port !== 0 || urlBefore === undefined) return wanted;
  return { ...wanted, port: Number(new URL(urlBefore).port) };
}

function makeGateway(place: UpPlace, options: UpOptions, listen: ListenAddress, controlPlaneUrl: string): ProgramSpec {
  const args = [
    ...['--listen', listenText(listen), '--control-plane', controlPlaneUrl, '--state', place.stateFolder],
    ...ofOne(place, options),
    ...given('--client-keys', options['client-keys']),
    ...given('--token-file', options['gateway-token-file']),
  ];
  return {
    name: 'gateway',
    ...ownProgram('gateway', args),
    version: plimsollVersion,
    identityUrl: `${urlOf(listen)}/plimsoll/identity`,
    drainTimeoutMs: gatewayDrainTimeoutMs,
  };
}

function makeControlPlane(
  place: UpPlace,
  options: UpOptions,
  listen: ListenAddress,
  local: ListenAddress,
  store: string,
): ProgramSpec {
  const args = [
    ...heldBy(place),
    ...['--state', place.stateFolder],
    ...['--listen', listenText(listen)],
    ...(local === listen ? [] : ['--local-listen', listenText(local)]),
    ...(options['scaler-listen'] === undefined ? [] : ['--scaler-listen', options['scaler-listen']]),
    ...given('--scaler-client-ca', options['scaler-client-ca']),
    ...given('--token-file', options['token-file']),
    ...given('--identities', options.identities),
    ...given('--tls-cert', options['tls-cert']),
    ...given('--tls-key', options['tls-key']),
    ...given('--tls-client-ca', options['tls-client-ca']),
    ...(options['replica-user'] === undefined ? [] : ['--replica-user', options['replica-user']]),
    ...given('--dashboard', options.dashboard),
  ];
  return {
    name: 'control-plane',
    settings: store,
    ...ownProgram('control-plane', args),
    version: plimsollVersion,
    identityUrl: `${urlOf(local)}/v1/identity`,
    drainTimeoutMs: controlPlaneDrainTimeoutMs,
  };
}

/**
 * A gateway of one folder has that service as its home, and serves what is released here later beside it. A token that was
 * given may be of that service alone: then so is the gateway.
 */
function ofOne({ services: [first, ...others] }: UpPlace, options: UpOptions): readonly string[] {
  if (others.length > 0) return [];
  const { service, environment } = first;
  if (options['gateway-token-file'] !== undefined) return ['--service', service, '--environment', environment];
  return ['--home', `${service}/${environment}`];
}

function heldBy({ services }: UpPlace): readonly string[] {
  const [first, ...others] = services;
  if (others.length === 0) return ['--contract', first.contractFile, '--environment', first.environment];
  return ['--services', services.map(({ service, environment }) => `${service}/${environment}`).join(',')];
}

/** Programs are started in the state folder, so a path that was given stays what it meant here. */
function given(option: string, file: string | undefined): readonly string[] {
  return file === undefined ? [] : [option, path.resolve(file)];
}
