import { existsSync } from 'node:fs';
import path from 'node:path';
import type { GlobalOptions } from '../cli/program.ts';
import type { Project } from '../ports/project.ts';
import type { Store } from '../ports/store.ts';
import { nearestContract } from './find-contract.ts';

/** The project that a command line means. `store` is opened only where one is there and something asks for its records. */
export async function openProject(options: GlobalOptions, cwd: string, store: () => Promise<Store>): Promise<Project> {
  const [{ makeFileProject, contractMissing }, { machineFacts }] = await Promise.all([
    import('../adapters/files/project.ts'),
    import('../adapters/system/machine.ts'),
  ]);
  const contractFile = options.contract === undefined ? nearestContract(cwd) : path.resolve(cwd, options.contract);
  if (contractFile === null) throw contractMissing(`or above ${cwd}`);
  const folder = path.dirname(contractFile);
  const stateFolder = options.state === undefined ? path.join(folder, '.plimsoll') : path.resolve(cwd, options.state);
  const relative = path.relative(cwd, contractFile);
  return makeFileProject({
    contractFile,
    stateFolder,
    shownAs: relative.startsWith('..') ? contractFile : relative,
    machine: machineFacts,
    records: async (service, environment) => {
      if (!existsSync(path.join(stateFolder, 'store.sqlite'))) return { waivers: [], invalidations: [] };
      const reader = await store();
      const [waivers, invalidations] = await Promise.all([
        reader.waivers(service, environment),
        reader.invalidations(service, environment),
      ]);
      return { waivers, invalidations };
    },
  });
}

/** `--environment`, or the contract's only one. */
export async function chosenEnvironment(options: GlobalOptions, project: Project): Promise<string> {
  const [loaded, { chooseEnvironment }] = await Promise.all([
    project.contract(),
    import('../core/contract/choose-environment.ts'),
  ]);
  return chooseEnvironment(loaded.contract, options.environment);
}
