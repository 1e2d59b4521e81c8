import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { requireArtifactName } from '../../core/registry/artifact.ts';
import { fileRows, folderRowsFile, memberFolder } from '../../core/registry/file-rows.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import { canonicalJson, digestOfBytes, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { dataFormatOf } from '../../formats/data-rows.ts';
import type { RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { addedDataText } from './data-text.ts';
import { readRows, storeProfile } from '../../prove/artifacts/add-data.ts';
import { requireOci } from '../../prove/artifacts/remote-reference.ts';
import { storeRemote } from '../../prove/artifacts/remote-model.ts';
import { storedRows } from '../../prove/artifacts/stored-data.ts';

/**
 * Takes a data version from an OCI registry. What the artifact says of its rows is believed of nothing: they are read,
 * profiled and hashed here, and must come to the digest that it states, where it states one.
 */
export async function runDataPull(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [given = ''] = args;
  const name = String(options['name']);
  requireArtifactName('data', name);
  const from = requireOci(given, context.env);
  const environment = await context.environment();
  const registry = await context.modelRegistry(from);
  try {
    const place = await registry.files(from.name, from.version, context.signal);
    requireRows(given, place);
    const files = await storeRemote(context, place);
    requireWholeFolder(given, files);
    const rows = storedRows({ name, version: 0, files }, await context.blobs(), context.signal);
    const { summary, profile } = await readRows(rows, given);
    requireStatedDigest(given, place, summary.digest);
    const { digest } = await storeProfile(context, profile);
    const source = place.manifest === undefined ? given : `${from.location}@${place.manifest.digest}`;
    const { version, created } = await (
      await context.operations()
    ).addDataVersion({ environment, name, ...summary, files, profile: digest, source: source.slice(0, 2_000) });
    return { exit: 0, json: { version, created }, text: addedDataText(version, created) };
  } finally {
    await registry.close();
  }
}

/** Before anything is fetched. */
function requireRows(given: string, { files, manifest }: RemoteFiles): void {
  const shown = given.slice(0, 300);
  const isModel = manifest?.annotations['dev.plimsoll.kind'] === 'model';
  if (!isModel && files.some(({ path }) => dataFormatOf(path) !== null)) return;
  throw new PlimsollError({
    code: isModel ? 'artifact-of-another-kind' : 'data-format-unknown',
    category: 'input',
    message: isModel
      ? `${shown} is a model, and no data`
      : `${shown} holds no file of rows (it has ${
          files
            .slice(0, 3)
            .map(({ path }) => path)
            .join(', ') || 'no files'
        })`,
    next: isModel
      ? nextStep(cliSteps, 'artifact-of-another-kind+data-format-unknown/model-pull', { shown })
      : nextStep(cliSteps, 'artifact-of-another-kind+data-format-unknown/data-push-writes'),
  });
}

/** The rows of a folder tell of its files; the files must be those very ones. */
function requireWholeFolder(given: string, files: readonly ArtifactFile[]): void {
  const rowsFile = files.find(({ path }) => path === folderRowsFile);
  const members = files.filter(({ path }) => path.startsWith(memberFolder));
  if (rowsFile === undefined || members.length === 0) return;
  const rows = fileRows(members.map((file) => ({ ...file, path: file.path.slice(memberFolder.length) })));
  const bytes = new TextEncoder().encode(rows.map((row) => `${canonicalJson(row)}\n`).join(''));
  if (digestOfBytes(bytes) === rowsFile.digest) return;
  throw mismatch(given, `its ${folderRowsFile} tells of other files than the ${members.length} that lie beside it`);
}

function requireStatedDigest(given: string, { manifest }: RemoteFiles, digest: Digest): void {
  const stated = manifest?.annotations['dev.plimsoll.digest'];
  if (stated === undefined || stated === digest) return;
  throw mismatch(given, `it states the digest ${stated.slice(0, 100)}, and its rows come to ${digest}`);
}

function mismatch(given: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'data-not-as-stated',
    category: 'refused',
    message: `${given.slice(0, 300)} is not what it says: ${why}; nothing was recorded`,
    next: nextStep(cliSteps, 'data-not-as-stated'),
  });
}
