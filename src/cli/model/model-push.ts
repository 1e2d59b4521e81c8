import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { packEvidence, packModel } from '../../schemas/artifact/model-pack.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { resolveModel } from '../../prove/artifacts/registry-reference.ts';
import { parseRemoteReference, requireOci } from '../../prove/artifacts/remote-reference.ts';
import { blobReader } from '../../prove/artifacts/blob-reader.ts';

/** Pushes a version as a ModelPack artifact, and attaches what the lock holds as evidence for exactly that version. */
export async function runModelPush(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [reference = '', target = ''] = args;
  if (target.startsWith('s3://')) return pushToPlace(context, reference, target);
  const to = requireOci(target, context.env);
  const environment = await context.environment();
  const version = await resolveModel(await context.store(), environment, reference.replace('@', ':'));
  const repository = await context.artifactRepository(to);
  try {
    const pack = packModel(version);
    const read = await blobReader(await context.blobs(), version.files, context.signal);
    const tag = to.version.startsWith('sha256:') ? null : to.version;
    await repository.push({ files: version.files, ...pack }, read, tag, context.signal);
    const locked = (await (await context.project()).lock())?.environments[environment];
    const records = locked?.model?.digest === version.digest ? Object.values(locked.evidence) : [];
    const { digest } = pack.manifest.descriptor;
    for (const record of records)
      await repository.attach(digest, packEvidence(pack.manifest.descriptor, record, record.kind), context.signal);
    const evidence = records.map(({ kind }) => kind);
    return {
      exit: 0,
      json: { name: version.name, version: version.version, location: `${to.location}@${digest}`, digest, evidence },
      text: [
        `pushed ${version.name} version ${version.version} to ${to.location}${tag === null ? '' : `:${tag}`} (manifest ${shortDigest(digest)})`,
        evidence.length === 0
          ? 'no evidence attached: the lock pins another version of this model, or holds none'
          : `evidence attached: ${evidence.join(', ')}`,
        `next: plimsoll model evidence ${to.location}@${digest}`,
      ].join('\n'),
    };
  } finally {
    await repository.close();
  }
}

/** The files as they are, below a prefix of their own; a bucket keeps no evidence beside them. */
async function pushToPlace(context: CliContext, reference: string, target: string): Promise<CommandResult> {
  const parsed = parseRemoteReference(target, context.env);
  if (parsed?.kind !== 's3' || !/^s3:\/\/[^/]+\/./.test(parsed.location)) throw noPrefix(target);
  const environment = await context.environment();
  const version = await resolveModel(await context.store(), environment, reference.replace('@', ':'));
  const place = await context.writablePlace(parsed.location);
  try {
    const read = await blobReader(await context.blobs(), version.files, context.signal);
    const { sent } = await place.put(version.files, read, context.signal);
    const { name, digest, files } = version;
    return {
      exit: 0,
      json: { name, version: version.version, location: place.location, digest, sent, evidence: [] },
      text: [
        `pushed ${name} version ${version.version} to ${place.location} (${sent} of ${files.length} files sent, the others were there)`,
        'no evidence attached: a bucket keeps none; an OCI registry does',
        `next: plimsoll model add ${place.location} --name ${name}`,
      ].join('\n'),
    };
  } finally {
    await place.close();
  }
}

function noPrefix(target: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-reference-invalid',
    category: 'input',
    message: `\`${target.slice(0, 200)}\` names no prefix in a bucket`,
    next: 'write s3://BUCKET/NAME/VERSION: each version has a prefix of its own',
  });
}

/** Lists the evidence that is attached to an artifact. */
export async function runModelEvidence(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [target = ''] = args;
  const at = requireOci(target, context.env);
  const repository = await context.artifactRepository(at);
  try {
    const { digest } = await repository.manifestOf(at.version, context.signal);
    const records = await repository.evidence(digest, context.signal);
    const lines = records.map((record) => {
      const { kind, measuredAtMs, by } = record as Readonly<Record<string, unknown>>;
      const when = typeof measuredAtMs === 'number' ? new Date(measuredAtMs).toISOString() : 'at an unknown time';
      return `  ${String(kind)}  measured ${when} by ${String(by)}`;
    });
    const text = [`${at.location}@${digest}`, ...(lines.length === 0 ? ['  no evidence is attached'] : lines)];
    return { exit: 0, json: { digest, evidence: records }, text: text.join('\n') };
  } finally {
    await repository.close();
  }
}
