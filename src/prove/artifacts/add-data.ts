import { createHash } from 'node:crypto';
import path from 'node:path';
import { dataProfiler, type DataProfile } from '../../core/registry/profile/data-profile.ts';
import { fileRows, folderRowsFile, memberFolder } from '../../core/registry/file-rows.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import { canonicalJson, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { dataFileOf, type DataFile } from '../../formats/data-file.ts';
import { dataRowsOfFiles, summarizeData, type DataSummary } from '../../formats/data-rows.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import type { FolderFile } from '../files/folder-files.ts';
import { inflate } from '../files/inflate.ts';
import { withSourceFile, type SourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';
import { byteProgress } from '../progress.ts';
import type { DataSource } from './data-sources.ts';
import { dataFileOfSource } from './stored-data.ts';

type ReadingPorts = Pick<ProvingPorts, 'blobs' | 'clock' | 'signal' | 'terminal'>;

export interface ReadData {
  readonly summary: DataSummary;
  readonly profile: DataProfile;
  readonly files: readonly ArtifactFile[];
}

export async function storeProfile(context: ReadingPorts, profile: DataProfile): Promise<{ readonly digest: Digest }> {
  const bytes = new TextEncoder().encode(`${canonicalJson(profile)}\n`);
  return (await context.blobs()).put(bytes, { signal: context.signal });
}

/** All files are open until the last row is read: several are columns side by side. */
export async function addFiles(context: ReadingPorts, sources: readonly DataSource[]): Promise<ReadData> {
  const opened: SourceFile[] = [];
  const open = async (left: readonly DataSource[]): Promise<ReadData> => {
    const [next, ...others] = left;
    if (next === undefined) return readAndStore(context, sources, opened);
    return withSourceFile(next, context.signal, (source) => {
      opened.push(source);
      return open(others);
    });
  };
  return open(sources);
}

async function readAndStore(
  context: ReadingPorts,
  sources: readonly DataSource[],
  opened: readonly SourceFile[],
): Promise<ReadData> {
  const shown = sources.map((source) => source.shown).join(' ');
  const bytes = opened.reduce((sum, source) => sum + source.bytes, 0);
  const progress = byteProgress(
    context,
    `reading ${path.basename(shown)}`,
    bytes * (sources[0]?.format === 'csv' ? 2 : 1),
  );
  let doneBytes = 0;
  const files = sources.map((source, index): DataFile => {
    const from = opened[index] as SourceFile;
    let before = 0;
    const onRead = (at: number): void => {
      doneBytes += at - before;
      before = at;
      progress(doneBytes);
    };
    return {
      ...dataFileOfSource(source.path, from),
      chunks: () => {
        before = 0;
        return from.chunks(onRead);
      },
    };
  });
  const read = await readRows(dataRowsOfFiles(files), shown);
  const stored: ArtifactFile[] = [];
  for (const [index, source] of sources.entries()) {
    stored.push(await storeFile(context, opened[index] as SourceFile, source.path));
    await opened[index]?.requireUnchanged();
  }
  return { ...read, files: stored };
}

/** Stores every file, then the rows that tell of them. */
export async function addFolder(
  context: ReadingPorts,
  members: readonly FolderFile[],
  shown: string,
): Promise<ReadData> {
  const stored: ArtifactFile[] = [];
  for (const member of members) {
    await withSourceFile(member, context.signal, async (source) => {
      stored.push(await storeFile(context, source, member.path));
      await source.requireUnchanged();
    });
  }
  const rows = fileRows(stored);
  const bytes = new TextEncoder().encode(rows.map((row) => `${canonicalJson(row)}\n`).join(''));
  const read = await readRows(dataRowsOfFiles([dataFileOf(folderRowsFile, bytes, inflate)]), shown);
  const { digest } = await (await context.blobs()).put(bytes, { signal: context.signal });
  const files = rows.map((row) => ({ path: `${memberFolder}${row.path}`, digest: row.digest, bytes: row.bytes }));
  return { ...read, files: [{ path: folderRowsFile, digest, bytes: bytes.length }, ...files] };
}

export async function readRows(
  rows: AsyncIterable<PlacedRow>,
  shown: string,
): Promise<{ readonly summary: DataSummary; readonly profile: DataProfile }> {
  const hash = createHash('sha256');
  const profiler = dataProfiler();
  const running = {
    update: (text: string) => void hash.update(text),
    digest: (): Digest => `sha256:${hash.digest('hex')}`,
  };
  const summary = await summarizeData(profiled(rows, profiler), running).catch((thrown: unknown) => {
    if (!(thrown instanceof PlimsollError) || thrown.code !== 'data-invalid') throw thrown;
    throw new PlimsollError({
      ...thrown.toJSON(),
      message: `${shown}: ${thrown.message}`,
      details: thrown.details,
      cause: thrown,
    });
  });
  if (summary.rows > 0) return { summary, profile: profiler.profile() };
  throw new PlimsollError({
    code: 'data-empty',
    category: 'input',
    message: `${shown} has no rows`,
    next: /\.csv$/i.test(shown) ? 'write rows below the header' : 'add a file with at least one row',
  });
}

async function* profiled(
  rows: AsyncIterable<PlacedRow>,
  profiler: ReturnType<typeof dataProfiler>,
): AsyncGenerator<PlacedRow> {
  for await (const placed of rows) {
    profiler.add(placed.row);
    yield placed;
  }
}

async function storeFile(context: ReadingPorts, source: SourceFile, name: string): Promise<ArtifactFile> {
  const progress = byteProgress(context, `storing ${name}`, source.bytes);
  const blobs = await context.blobs();
  const { digest, bytes } = await blobs.put(source.chunks(progress), { signal: context.signal });
  return { path: name, digest, bytes };
}
