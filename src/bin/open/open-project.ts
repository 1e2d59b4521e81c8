import { existsSync } from 'node:fs';
import path from 'node:path';
import type { GlobalOptions } from '../../cli/program.ts';
import type { EvidenceRecords } from '../../core/proof/judge-environment.ts';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import type { Project } from '../../ports/project/project.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { nearestContract } from './place/find-contract.ts';
import { findStateFolder } from './place/fleet-pointer.ts';
import { storePlace, type StorePlace } from './place/store-place.ts';

export type ReadRecords = (place: StorePlace, service: string, environment: string) => Promise<EvidenceRecords>;

/**
 * The project that a command line means. `records` is asked only where a store is; a program that serves others gives the
 * parser that it reads contract and lock with.
 */
export async function openProject(
  options: GlobalOptions,
  cwd: string,
  records: ReadRecords,
  parser?: BoundedParser,
): Promise<Project> {
  const [{ makeFileProject, contractMissing }, { machineFacts }, parsing] = await Promise.all([
    import('../../adapters/files/project/project.ts'),
    import('../../adapters/system/node/machine.ts'),
    parser ?? import('../../schemas/parse-in-place.ts').then(({ parseInPlace }) => parseInPlace),
  ]);
  const found = options.contract === undefined ? nearestContract(cwd) : path.resolve(cwd, options.contract);
  if (found === null && options.state === undefined) throw contractMissing(`or above ${cwd}`);
  // A state folder of its own, as that of a control plane in a pod: only what asks for the contract misses it.
  const contractFile = found ?? path.join(cwd, 'plimsoll.yaml');
  const folder = path.dirname(contractFile);
  const stateFolder = options.state === undefined ? await findStateFolder(folder) : path.resolve(cwd, options.state);
  const relative = path.relative(cwd, contractFile);
  return makeFileProject({
    contractFile,
    stateFolder,
    shownAs: relative.startsWith('..') ? contractFile : relative,
    machine: machineFacts,
    parser: parsing,
    records: async (service, environment) => {
      const place = storePlace(stateFolder);
      const none = place.kind === 'sqlite' && !existsSync(place.file);
      return none ? { waivers: [], invalidations: [] } : records(place, service, environment);
    },
  });
}

/** `--environment`, or the contract's only one. */
export async function chosenEnvironment(options: GlobalOptions, project: Project): Promise<string> {
  const [loaded, { chooseEnvironment }] = await Promise.all([
    project.contract(),
    import('../../core/contract/choose-environment.ts'),
  ]);
  return chooseEnvironment(loaded.contract, options.environment);
}

/** By way of a store that is open anyway. */
export async function recordsOf(
  store: Pick<StoreReader, 'waivers' | 'invalidations'>,
  service: string,
  environment: string,
): Promise<EvidenceRecords> {
  const [waivers, invalidations] = await Promise.all([
    store.waivers(service, environment),
    store.invalidations(service, environment),
  ]);
  return { waivers, invalidations };
}
