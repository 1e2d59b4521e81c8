import path from 'node:path';
import * as z from 'zod';
import { exampleFolder, type CachedFile } from '../cache.ts';
import { dataNames, type PreparedData } from '../data/prepare.ts';
import type { TrainedModel } from '../training/models.ts';
import type { Commands } from './commands.ts';

export const modelName = 'digits';
export const exampleContract = path.join(exampleFolder, 'plimsoll.yaml');
const alias = 'candidate';

const versionSchema = z.object({
  name: z.string(),
  version: z.number(),
  digest: z.string(),
  files: z.array(z.object({ digest: z.string() })),
});
type Version = z.infer<typeof versionSchema>;
const addedSchema = z.object({ version: versionSchema });
const dataListSchema = z.object({ versions: z.array(versionSchema) });
const modelListSchema = z.object({ models: z.array(z.object({ versions: z.array(versionSchema) })) });

export interface RegisteredModel {
  readonly trained: TrainedModel;
  /** Its number in this registry: `trained.version` unless other bytes were registered here before. */
  readonly version: number;
  readonly digest: string;
}

export interface Registered {
  readonly models: readonly RegisteredModel[];
  readonly added: readonly string[];
}

/** Registers what is not there yet, by `data add` and `model add`; what is there is known by the digest of its file. */
export async function registerAll(
  commands: Commands,
  data: PreparedData,
  models: readonly TrainedModel[],
): Promise<Registered> {
  const added: string[] = [];
  const add = async (words: readonly string[]): Promise<Version> => {
    const { version } = addedSchema.parse((await commands.run(words)).json);
    added.push(`${version.name}:${version.version}`);
    return version;
  };
  const presentData = dataListSchema.parse((await commands.run(['data', 'list'])).json).versions;
  let trainedOn = '';
  for (const name of dataNames) {
    const file = data.files[name];
    const version = holding(presentData, name, file) ?? (await add(['data', 'add', file.path, '--name', name]));
    if (name === 'digits-train') trainedOn = `${name}:${version.version}`;
  }
  const presentModels = modelListSchema.parse((await commands.run(['model', 'list'])).json).models;
  const registered: RegisteredModel[] = [];
  for (const trained of models) {
    const present = presentModels.flatMap(({ versions }) => versions);
    const { version, digest } =
      holding(present, modelName, trained.file) ??
      (await add([
        ...['model', 'add', trained.file.path, '--name', modelName, '--alias', alias],
        ...['--trained-on', trainedOn, '--note', trained.title],
      ]));
    registered.push({ trained, version, digest });
  }
  return { models: registered, added };
}

function holding(versions: readonly Version[], name: string, file: CachedFile): Version | undefined {
  return versions.findLast(
    (version) => version.name === name && version.files.some(({ digest }) => digest === `sha256:${file.sha256}`),
  );
}
