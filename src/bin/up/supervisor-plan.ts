import path from 'node:path';
import { programSteps } from '../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { programsOf } from '../../adapters/processes/process-table/programs-of.ts';
import type { ProcessTable } from '../../adapters/processes/process-table/process-table.ts';
import { readClaim, type Claim } from '../../adapters/processes/state-folder-claim.ts';
import type { ProgramSpec } from '../../adapters/processes/supervised-program.ts';
import type { PassedOnOptions } from '../../cli/passed-on.ts';
import { supervisorOptions } from '../../cli/program-options.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { shellPath, shellWord } from '../../core/units/shell-word.ts';
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
import { ownProgram } from '../own-command.ts';
import { openConfinement } from '../open/local/open-confinement.ts';
import { chooseAccess } from '../open/open-access.ts';
import { isOneDoor } from '../open/open-doors.ts';
import { readTlsFiles } from '../open/tls/tls-files.ts';
import { shownPlace, storePlace } from '../open/place/store-place.ts';
import { plimsollVersion } from '../version.ts';
import type { PlaceOptions, UpPlace } from './up-place.ts';

export interface UpOptions extends PlaceOptions {
  readonly listen: string;
  readonly 'gateway-listen': string;
  readonly 'https-listen'?: string;
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

export interface UpPlan extends UpPlace {
  readonly gatewayUrl: string;
  /** Where clients come in over TLS; null for nowhere. */
  readonly httpsUrl: string | null;
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
 * Refuses what one of the programs would refuse later, before anything runs that would be started again and again.
 * @throws PlimsollError `port-taken` (unavailable), `option-invalid`, `addresses-clash`, `token-file-needed` (input).
 */
export async function makePlan(place: UpPlace, options: UpOptions, table: ProcessTable): Promise<UpPlan> {
  const wantedPage = parseListenAddress(options.listen, '--listen');
  const wantedClient = parseListenAddress(options['gateway-listen'], '--gateway-listen');
  const asked = options['https-listen'];
  const wantedHttps = asked === undefined ? null : parseListenAddress(asked, '--https-listen');
  refuseClash({
    '--listen': wantedPage,
    '--gateway-listen': wantedClient,
    ...(wantedHttps === null ? {} : { '--https-listen': wantedHttps }),
  });
  await chooseAccess(place.stateFolder, wantedPage, options);
  readScalerSettings(options);
  const tls = readTlsFiles(options['tls-cert'], options['tls-key'], options['tls-client-ca']);
  if (wantedHttps !== null && tls === null) throw httpsWithoutFiles(wantedHttps);
  openConfinement(place.stateFolder, options['replica-user']);
  const before = await readClaim(runFolder(place.stateFolder));
  const settle = (
    program: 'gateway' | 'control-plane',
    wanted: ListenAddress,
    urlBefore: keyof Pick<Claim, 'gatewayUrl' | 'httpsUrl' | 'pageUrl'>,
    taken: ReadonlySet<number>,
  ): Promise<ListenAddress> => {
    const runs = programsOf(place.stateFolder, program, table).length > 0;
    return runs ? Promise.resolve(asBefore(wanted, before?.[urlBefore])) : settledAddress(wanted, taken);
  };
  const page = await settle('control-plane', wantedPage, 'pageUrl', new Set([wantedClient.port]));
  const client = await settle('gateway', wantedClient, 'gatewayUrl', new Set([page.port]));
  const others = new Set([page.port, client.port]);
  const https = wantedHttps === null ? null : await settle('gateway', wantedHttps, 'httpsUrl', others);
  await refuseTaken(place, options, table, {
    ...{ listen: page, 'gateway-listen': client },
    ...(https === null ? {} : { 'https-listen': https }),
  });
  const local = isOneDoor({ listen: page, tls })
    ? page
    : await localDoor(place, before, table, page, client, ...(https === null ? [] : [https]));
  const store = await shownPlace(storePlace(place.stateFolder));
  return {
    ...place,
    gatewayUrl: urlOf(client),
    httpsUrl: https === null ? null : asHttps(urlOf(https)),
    pageUrl: tls === null ? urlOf(page) : asHttps(urlOf(page)),
    controlPlaneUrl: urlOf(local),
    gateway: makeGateway(place, options, { client, https }, urlOf(local)),
    controlPlane: makeControlPlane(place, options, page, local, store),
  };
}

const asHttps = (url: string): string => url.replace(/^http:/, 'https:');

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

/** @throws PlimsollError `addresses-clash` (input) where two options are of one place. */
function refuseClash(wanted: Readonly<Record<string, ListenAddress>>): void {
  const all = Object.entries(wanted);
  for (const [at, [option, address]] of all.entries()) {
    const other = all.slice(at + 1).find(([, each]) => isSamePlace(address, each));
    if (other === undefined) continue;
    throw new PlimsollError({
      code: 'addresses-clash',
      category: 'input',
      message: `${option} ${listenText(address)} and ${other[0]} ${listenText(other[1])} cannot both listen there`,
      next: nextStep(programSteps, 'addresses-clash', { option, address: listenText({ ...address, port: 0 }) }),
    });
  }
}

function httpsWithoutFiles(https: ListenAddress): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--https-listen needs --tls-cert and --tls-key beside it',
    next: nextStep(programSteps, 'option-invalid/up-https-listen', { address: listenText(https) }),
  });
}

/** Addresses by the options that they are asked for by. */
interface UpAddresses extends Readonly<Record<'listen' | 'gateway-listen', ListenAddress>> {
  readonly 'https-listen'?: ListenAddress;
}

/**
 * Looks at all addresses before it says anything: a hint for one of them would undo the hint for another.
 * @throws PlimsollError as `findListenProblem`.
 */
async function refuseTaken(
  place: UpPlace,
  options: UpOptions,
  table: ProcessTable,
  addresses: UpAddresses,
): Promise<void> {
  const isNew = (program: string): boolean => programsOf(place.stateFolder, program, table).length === 0;
  const asked = Object.entries(addresses).filter(([option]) =>
    isNew(option === 'listen' ? 'control-plane' : 'gateway'),
  );
  const found = await Promise.all(
    asked.map(async ([option, address]) => ({ option, address, problem: await findListenProblem(address, '') })),
  );
  const taken = found.filter(({ problem }) => problem !== null);
  const [first] = taken;
  if (first === undefined) return;
  const next = `${upElsewhere(place, options, taken)} takes free ports`;
  const problem = await findListenProblem(first.address, next);
  if (problem !== null) throw problem;
}

/** The command as it was given, with any port where the ports are taken. */
function upElsewhere(
  place: UpPlace,
  options: UpOptions,
  taken: readonly { readonly option: string; readonly address: ListenAddress }[],
): string {
  const elsewhere = Object.fromEntries(
    taken.map(({ option, address }) => [option, listenText({ ...address, port: 0 })]),
  );
  const byDefault: PassedOnOptions = supervisorOptions;
  const given = Object.entries<string | boolean>({ ...options, ...elsewhere }).flatMap(([name, value]) => {
    if (value === false || byDefault[name]?.default === value) return [];
    return [value === true ? `--${name}` : `--${name} ${shellWord(value)}`];
  });
  return ['plimsoll up', ...given, ...foldersOf(place)].join(' ');
}

/** As they can be typed again; one folder was not named, or is known by its contract. */
function foldersOf({ services }: UpPlace): readonly string[] {
  return services.length === 1
    ? []
    : services.map(({ contractFile }) => shellPath(path.relative('', path.dirname(contractFile)) || '.'));
}

/** Port 0 asks for any port: of a program that runs already it is the one that it has. */
function asBefore(wanted: ListenAddress, urlBefore: string | undefined): ListenAddress {
  if (wanted.port !== 0 || urlBefore === undefined) return wanted;
  return { ...wanted, port: Number(new URL(urlBefore).port) };
}

function makeGateway(
  place: UpPlace,
  options: UpOptions,
  { client, https }: { readonly client: ListenAddress; readonly https: ListenAddress | null },
  controlPlaneUrl: string,
): ProgramSpec {
  const args = [
    ...['--listen', listenText(client), '--control-plane', controlPlaneUrl, '--state', place.stateFolder],
    ...ofOne(place, options),
    ...(https === null ? [] : ['--https-listen', listenText(https)]),
    ...(https === null ? [] : given('--https-cert', options['tls-cert'])),
    ...(https === null ? [] : given('--https-key', options['tls-key'])),
    ...given('--client-keys', options['client-keys']),
    ...given('--token-file', options['gateway-token-file']),
  ];
  return {
    name: 'gateway',
    ...ownProgram('gateway', args),
    version: plimsollVersion,
    identityUrl: `${urlOf(client)}/plimsoll/identity`,
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
