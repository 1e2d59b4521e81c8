import { requireArtifactName } from '../../core/registry/artifact.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { addFiles, addFolder, storeProfile } from '../../prove/artifacts/add-data.ts';
import { dataSourcesOf } from '../../prove/artifacts/data-sources.ts';
import { addedDataText } from './data-text.ts';

/** Reads and profiles the rows, stores the files and the profile as blobs, then records the version. */
export async function runDataAdd(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const given = args;
  const name = String(options['name']);
  requireArtifactName('data', name);
  const environment = await context.environment();
  const sources = await dataSourcesOf(context.cwd, given);
  const { summary, profile, files } =
    sources.kind === 'folder'
      ? await addFolder(context, sources.members, sources.shown)
      : await addFiles(context, sources.files);
  const { digest } = await storeProfile(context, profile);
  const { version, created } = await (
    await context.operations()
  ).addDataVersion({
    environment,
    name,
    ...summary,
    files,
    profile: digest,
    source: given.join(' ').slice(0, 2_000),
  });
  return { exit: 0, json: { version, created }, text: addedDataText(version, created) };
}
