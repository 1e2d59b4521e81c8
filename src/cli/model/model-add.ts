import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { requireAlias, requireArtifactName } from '../../core/registry/artifact.ts';
import type { Lineage, ModelVersion } from '../../core/registry/model-version.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { isDigest, shortDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { addModel } from '../../prove/artifacts/add-model.ts';
import { moveAlias, type AliasChange } from '../../prove/artifacts/move-alias.ts';
import { resolveData, resolveModel } from '../../prove/artifacts/registry-reference.ts';
import { alignedTable } from '../terminal/table.ts';
import { aliasLines, signatureRows } from './model-text.ts';

/** Records the version, then points the alias at it. */
export async function runModelAdd(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [given = ''] = args;
  const name = String(options['name']);
  const alias = options['alias'] as string | undefined;
  requireArtifactName('model', name);
  if (alias !== undefined) requireAlias(alias);
  const environment = await context.environment();
  const stated = await lineageOf(context, environment, name, options);
  const allowPickle = options['allowPickle'] === true;
  const { version, created } = await addModel(context, { environment, name, given, stated, allowPickle });
  const reason = (options['note'] as string | undefined) ?? `added from ${given}`;
  const change = alias === undefined ? null : await pointAlias(context, version, alias, reason);
  return { exit: 0, json: { version, created, alias: change }, text: textOf(version, created, change) };
}

/** The version stays, whatever becomes of the alias: the error says so. */
async function pointAlias(
  context: CliContext,
  { environment, name, version }: ModelVersion,
  alias: string,
  reason: string,
): Promise<AliasChange> {
  try {
    return await moveAlias(context, environment, { name, alias, to: version, reason });
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || thrown.code !== 'alias-moved') throw thrown;
    throw new PlimsollError({
      ...thrown.toJSON(),
      message: `${name} version ${version} is stored, and its alias was moved by somebody else meanwhile: ${thrown.message}`,
      next: nextStep(cliSteps, 'alias-moved/model-alias', { name, alias, version }),
      details: { ...thrown.details, version },
      cause: thrown,
    });
  }
}

async function lineageOf(
  context: CliContext,
  environment: string,
  name: string,
  options: CommandInput['options'],
): Promise<Lineage> {
  const trainedOn = options['trainedOn'] as string | undefined;
  const note = options['note'] as string | undefined;
  const data = trainedOn === undefined ? null : await resolveData(await context.store(), environment, trainedOn);
  const parent = options['parent'] as string | undefined;
  const preprocessing = options['preprocessing'] as string | undefined;
  return {
    ...(parent === undefined
      ? {}
      : { parent: (await resolveModel(await context.store(), environment, `${name}:${parent}`)).version }),
    ...(preprocessing === undefined
      ? {}
      : { preprocessing: await preprocessingOf(context, environment, preprocessing) }),
    ...(data === null ? {} : { trainedOn: { data: `${data.name}:${data.version}`, digest: data.digest } }),
    ...(note === undefined ? {} : { note: note.slice(0, 2_000) }),
  };
}

/** `code` is the code that the lock pins for this environment: what the model is served with. */
async function preprocessingOf(context: CliContext, environment: string, given: string): Promise<Digest> {
  if (isDigest(given)) return given;
  const lock = given === 'code' ? await (await context.project()).lock() : null;
  const pinned = lock?.environments[environment]?.code?.digest;
  if (pinned !== undefined) return pinned;
  throw new PlimsollError({
    code: 'preprocessing-unknown',
    category: 'input',
    message:
      given === 'code'
        ? `the lock pins no code for ${environment}, so that \`code\` means nothing`
        : `\`${given.slice(0, 100)}\` is neither \`code\` nor a digest`,
    next:
      given === 'code'
        ? nextStep(cliSteps, 'preprocessing-unknown')
        : 'write --preprocessing code, or sha256: and 64 hexadecimal digits',
  });
}

function textOf(version: ModelVersion, created: boolean, change: AliasChange | null): string {
  const bytes = version.files.reduce((sum, file) => sum + file.bytes, 0);
  const what = `${version.format}, ${formatBytes(bytes)}, sha256 ${shortDigest(version.digest)}`;
  return [
    created
      ? `added ${version.name} version ${version.version} to ${version.environment} (${what})`
      : `${version.name} version ${version.version} in ${version.environment} has these files already (${what})`,
    ...alignedTable(signatureRows(version), '  '),
    ...(change === null ? [] : aliasLines(version.name, change)),
    `next: plimsoll model show ${version.name}:${version.version}`,
  ].join('\n');
}
