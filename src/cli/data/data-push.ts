import { shortDigest } from '../../core/units/digest.ts';
import { packData } from '../../schemas/artifact/model-pack.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { blobReader } from '../../prove/artifacts/blob-reader.ts';
import { requireOci } from '../../prove/artifacts/remote-reference.ts';
import { resolveData } from '../../prove/artifacts/registry-reference.ts';

/** Pushes the files of a data version as a ModelPack artifact of dataset layers. */
export async function runDataPush(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [reference = '', target = ''] = args;
  const to = requireOci(target, context.env);
  const version = await resolveData(await context.store(), await context.environment(), reference);
  const repository = await context.artifactRepository(to);
  try {
    const pack = packData(version);
    const read = await blobReader(await context.blobs(), version.files, context.signal);
    const tag = to.version.startsWith('sha256:') ? null : to.version;
    await repository.push({ files: version.files, ...pack }, read, tag, context.signal);
    const { digest } = pack.manifest.descriptor;
    const text = `pushed ${version.name} version ${version.version} to ${target} (manifest ${shortDigest(digest)})`;
    return {
      exit: 0,
      json: { name: version.name, version: version.version, location: `${to.location}@${digest}` },
      text,
    };
  } finally {
    await repository.close();
  }
}
