import { createHash } from 'node:crypto';
import path from 'node:path';
import { requireArtifactName } from '../core/registry/artifact.ts';
import type { ArtifactFile, DataVersion } from '../core/registry/model-version.ts';
import { shortDigest } from '../core/units/digest.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { dataFormatOf, dataRows, summarizeData, type DataFormat, type DataSummary } from '../formats/data-rows.ts';
import type { CommandInput, CommandResult } from './command.ts';
import type { CliContext } from './context.ts';
import { columnRows } from './data-text.ts';
import { byteProgress } from './progress.ts';
import { withSourceFile, type SourceFile } from './source-file.ts';
import { alignedTable, textOfLines } from './table.ts';

export async function runDataAdd(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [given = ''] = args;
  const name = String(options['name']);
  requireArtifactName('data', name);
  const environment = await context.environment();
  const format = requireFormat(given);
  const location = path.resolve(context.cwd, given);
  const { summary, file } = await withSourceFile({ location, shown: given }, context.signal, async (source) => {
    const read = await readRows(context, source, format);
    const stored = await storeFile(context, source, path.basename(location));
    await source.requireUnchanged();
    return { summary: read, file: stored };
  });
  const { version, created } = await (
    await context.operations()
  ).addDataVersion({ environment, name, ...summary, files: [file], source: given.slice(0, 2_000) });
  return { exit: 0, json: { version, created }, text: textOf(version, created) };
}

function requireFormat(given: string): DataFormat {
  const format = dataFormatOf(given);
  if (format !== null) return format;
  throw new PlimsollError({
    code: 'data-format-unknown',
    category: 'input',
    message: `${given} is neither JSON lines (.jsonl, .ndjson) nor CSV (.csv) by its name`,
    next: 'write one JSON object a line into a file that ends in .jsonl',
  });
}

async function readRows(context: CliContext, source: SourceFile, format: DataFormat): Promise<DataSummary> {
  const passes = format === 'csv' ? 2 : 1;
  const progress = byteProgress(context, `reading ${path.basename(source.shown)}`, source.bytes * passes);
  let pass = 0;
  const open = (): AsyncIterable<Uint8Array> => {
    const doneBytes = source.bytes * pass++;
    return source.chunks((bytes) => progress(doneBytes + bytes));
  };
  const hash = createHash('sha256');
  const summary = await summarizeData(dataRows(open, format), {
    update: (text) => void hash.update(text),
    digest: () => `sha256:${hash.digest('hex')}`,
  }).catch((thrown: unknown) => {
    if (!(thrown instanceof PlimsollError) || thrown.code !== 'data-invalid') throw thrown;
    throw new PlimsollError({
      ...thrown.toJSON(),
      message: `${source.shown}: ${thrown.message}`,
      details: thrown.details,
      cause: thrown,
    });
  });
  if (summary.rows > 0) return summary;
  throw new PlimsollError({
    code: 'data-empty',
    category: 'input',
    message: `${source.shown} has no rows`,
    next: format === 'csv' ? 'write rows below the header' : 'write one JSON object a line',
  });
}

async function storeFile(context: CliContext, source: SourceFile, name: string): Promise<ArtifactFile> {
  const progress = byteProgress(context, `storing ${name}`, source.bytes);
  const blobs = await context.blobs();
  const { digest, bytes } = await blobs.put(source.chunks(progress), { signal: context.signal });
  return { path: name, digest, bytes };
}

function textOf(version: DataVersion, created: boolean): string {
  const { name, environment, rows, digest } = version;
  const what = `${rows.toLocaleString('en-US')} rows, sha256 ${shortDigest(digest)}`;
  return textOfLines([
    created
      ? `added ${name} version ${version.version} to ${environment} (${what})`
      : `${name} version ${version.version} in ${environment} has this content already (${what})`,
    ...alignedTable(columnRows(version), '  '),
    `next: plimsoll data show ${name}:${version.version}`,
  ]);
}
