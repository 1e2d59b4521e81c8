import path from 'node:path';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import { poolNameOf } from '../../../core/fleet/environment/pool-name.ts';
import type { PlannedGround } from '../../../prove/packing/ahead/planned-base.ts';
import { readContractGround } from '../../../prove/packing/ahead/read-contract-ground.ts';
import { readListedGround, readNamedPrices } from '../../../prove/packing/ahead/read-listed-ground.ts';
import { findContracts } from '../../../prove/verify/find-contracts.ts';
import { findSnapshot } from '../../../prove/pool/pool-find.ts';
import { kindOf } from '../../../prove/files/source-file.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { nearest } from '../../../core/units/nearest.ts';
import type { Pools } from '../../../ports/project/pools.ts';
import type { Project } from '../../../ports/project/project.ts';
import { optionInvalid } from '../../../prove/simulate/option-text.ts';
import type { CliContext } from '../../context.ts';
import { findRecord } from '../../find-record.ts';

export interface GroundOptions {
  readonly pool?: string;
  readonly replicas?: string;
  readonly prices?: string;
  readonly environment?: string;
}

/**
 * Returns the pool and the services of a plan: two lists, or a pool snapshot and contracts.
 * @throws PlimsollError `option-invalid` (input) where no pool is named; as the readers of what is named.
 */
export async function readPlanGround(
  context: CliContext,
  services: readonly string[],
  options: GroundOptions,
): Promise<PlannedGround> {
  const { pool, replicas } = options;
  const example = 'plimsoll capacity plan --pool NAME --growth 5%/week';
  if (pool === undefined) throw optionInvalid('no pool is named', example);
  const book = options.prices === undefined ? null : await readNamedPrices(context, options.prices);
  const isList = /\.csv$/i.test(pool);
  if (isList !== (replicas !== undefined)) {
    throw optionInvalid(
      isList
        ? `${pool} is a list of nodes, and no list of replicas is named`
        : `--replicas goes with a list of nodes, and ${pool} is a pool`,
      isList ? `--pool ${pool} --replicas replicas.csv` : `--pool nodes.csv, or leave out --replicas`,
    );
  }
  if (replicas !== undefined) {
    const ground = await readListedGround(context, { nodes: pool, replicas }, book);
    return needServices(ground, services);
  }
  return readContracts(context, services, pool, options, book);
}

function needServices(ground: PlannedGround, asked: readonly string[]): PlannedGround {
  const [unknown] = asked;
  if (unknown !== undefined) throw optionInvalid(`${unknown} is named beside --replicas`, 'leave out either');
  if (ground.services.length > 0) return ground;
  throw optionInvalid(
    'no row of the list has per_replica, so that no service is planned',
    'add a column per_replica with requests a second',
  );
}

async function readContracts(
  context: CliContext,
  asked: readonly string[],
  pool: string,
  { environment }: GroundOptions,
  stated: PriceBook | null,
): Promise<PlannedGround> {
  const projects = await findProjects(context, asked);
  const found = [];
  for (const { project } of projects) {
    const { contract } = await project.contract();
    const names = Object.keys(contract.environments);
    const own = names.filter((name) => contract.environments[name]?.pool === pool);
    const chosen = names.filter((name) =>
      environment === undefined ? own.length === 0 || own.includes(name) : name === environment,
    );
    for (const name of chosen) found.push({ project, environment: name });
  }
  const [first] = projects;
  const [one] = found;
  if (first === undefined || one === undefined) {
    throw optionInvalid(`no contract has the environment ${environment ?? ''}`, 'name another with --environment');
  }
  const snapshot = await findSnapshot({ ...context, pools: async () => first.pools }, pool);
  const ground = await readContractGround(snapshot, found, { nowMs: context.clock.nowMs(), book: stated });
  if (ground.prices !== null) return ground;
  return { ...ground, prices: await findRecordedPrices(context, one) };
}

async function findRecordedPrices(
  context: CliContext,
  { project, environment }: { readonly project: Project; readonly environment: string },
): Promise<PlannedGround['prices']> {
  const record = await findRecord(context, environment);
  if (record?.prices === undefined) return null;
  const { contract } = await project.contract();
  return { book: record.prices, pool: poolNameOf(environment, record, contract.environments[environment]) };
}

interface FoundProject {
  readonly project: Project;
  readonly pools: Pools;
}

/** Folders and contracts by their path, services by the name in a contract below this folder; none: the contract here. */
async function findProjects(context: CliContext, asked: readonly string[]): Promise<readonly FoundProject[]> {
  if (asked.length === 0) return [{ project: await context.project(), pools: await context.pools() }];
  const areFolders = await Promise.all(asked.map((each) => isFolder(context.cwd, each)));
  const folders = asked.filter((_, at) => areFolders[at] === true);
  const names = asked.filter((_, at) => areFolders[at] !== true);
  const example = 'plimsoll capacity plan FOLDER --pool NAME --growth 5%/week';
  const below = folders.length === 0 ? [] : await findContracts(context.cwd, folders, example);
  const found = new Map<string, FoundProject>();
  for (const file of below) found.set(file, await context.projectAt(file));
  if (names.length > 0) {
    for (const [file, project] of await findNamed(context, names, example)) found.set(file, project);
  }
  return [...found.values()];
}

async function findNamed(
  context: CliContext,
  names: readonly string[],
  example: string,
): Promise<ReadonlyMap<string, FoundProject>> {
  const all = new Map<string, FoundProject & { readonly service: string }>();
  for (const file of await findContracts(context.cwd, ['.'], example)) {
    const each = await context.projectAt(file);
    const { contract } = await each.project.contract();
    all.set(file, { ...each, service: contract.service });
  }
  const known = [...all.values()].map(({ service }) => service);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return new Map([...all].filter(([, { service }]) => names.includes(service)));
  const meant = nearest(unknown, known);
  throw new PlimsollError({
    code: 'service-unknown',
    category: 'input',
    message: `no contract below this folder is of the service ${unknown.slice(0, 80)}${meant === null ? '' : `; is it ${meant}?`}`,
    next: `name a folder, or one of ${known.slice(0, 10).join(', ')}`,
  });
}

async function isFolder(cwd: string, shown: string): Promise<boolean> {
  return kindOf({ location: path.resolve(cwd, shown), shown }).then(
    (kind) => kind === 'folder',
    () => false,
  );
}
