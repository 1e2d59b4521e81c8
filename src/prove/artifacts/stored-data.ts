import { setImmediate as nextTurn } from 'node:timers/promises';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { dataFileOf, type DataFile } from '../../formats/data-file.ts';
import { dataFormatOf, dataRowListsOfFiles } from '../../formats/data-rows.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { inflate } from '../files/inflate.ts';
import { withSourceFile, type SourceFile } from '../files/source-file.ts';

/** What is parsed without a turn for whoever else waits in this process: a control plane parses what anyone with a right to add data sends. */
const [pieceBytes, rowsAtOnce] = [16 * 1024, 64];

/** A blob up to this size is read at once; a larger one from its file. */
const inMemoryBytes = 16 * 1024 * 1024;

export function dataFileOfSource(name: string, source: SourceFile, onRead?: (bytes: number) => void): DataFile {
  return { name, chunks: () => source.chunks(onRead), source: source.source, inflate };
}

/**
 * The rows of a stored data version, whatever format it came in, in bounded memory. Every blob is verified before its first
 * row is handed out. `line` is the line of a text, else the row.
 * @throws PlimsollError `data-invalid`, `data-format-unknown`; as `Blobs.read`.
 */
export async function* storedRows(data: StoredData, blobs: Blobs, signal: AbortSignal): AsyncGenerator<PlacedRow> {
  let read = 0;
  for await (const rows of storedRowLists(data, blobs, signal, [])) {
    for (const row of rows) {
      if ((read += 1) % rowsAtOnce === 0) await nextTurn();
      signal.throwIfAborted();
      yield row;
    }
  }
}

type StoredData = Pick<DataVersion, 'name' | 'version' | 'files'>;

/** The same rows, several at a time, with the lists of `numberColumns` as `dataRowListsOfFiles` has them. */
export async function* storedRowLists(
  data: StoredData,
  blobs: Blobs,
  signal: AbortSignal,
  numberColumns: readonly string[],
): AsyncGenerator<readonly PlacedRow[]> {
  const stored = data.files.filter((file) => dataFormatOf(file.path) !== null);
  if (stored.length === 0) throw formatUnknown(data);
  for await (const rows of withFiles(stored, blobs, signal, numberColumns, [])) {
    signal.throwIfAborted();
    yield rows;
  }
}

function inTurns(file: DataFile): DataFile {
  return {
    ...file,
    async *chunks() {
      for await (const chunk of file.chunks()) {
        for (let at = 0; at < chunk.length; at += pieceBytes) {
          await nextTurn();
          yield chunk.subarray(at, at + pieceBytes);
        }
      }
    },
  };
}

/** Opens one file after the other and keeps all of them open until the last row is read. */
async function* withFiles(
  left: DataVersion['files'],
  blobs: Blobs,
  signal: AbortSignal,
  numberColumns: readonly string[],
  open: readonly DataFile[],
): AsyncGenerator<readonly PlacedRow[]> {
  const [file, ...others] = left;
  if (file === undefined) {
    yield* dataRowListsOfFiles(open, numberColumns);
    return;
  }
  if (file.bytes <= inMemoryBytes) {
    const bytes = await blobs.read(file.digest, signal);
    const data = inTurns(dataFileOf(file.path, bytes, inflate));
    yield* withFiles(others, blobs, signal, numberColumns, [...open, data]);
    return;
  }
  const location = await blobs.verifiedPath(file.digest, signal);
  const source = await openSource({ location, shown: file.path }, signal);
  try {
    const data = inTurns(dataFileOfSource(file.path, source.file));
    yield* withFiles(others, blobs, signal, numberColumns, [...open, data]);
  } finally {
    await source.close();
  }
}

/** `withSourceFile` for a generator, which has to hand rows out while the file is open. */
async function openSource(
  file: { readonly location: string; readonly shown: string },
  signal: AbortSignal,
): Promise<{ readonly file: SourceFile; close(): Promise<void> }> {
  const opened = Promise.withResolvers<SourceFile>();
  const done = Promise.withResolvers<undefined>();
  const held = withSourceFile(file, signal, (source) => {
    opened.resolve(source);
    return done.promise;
  });
  held.catch((thrown: unknown) => opened.reject(thrown as Error));
  return {
    file: await opened.promise,
    async close() {
      done.resolve(undefined);
      await held;
    },
  };
}

function formatUnknown({ name, version, files }: StoredData): PlimsollError {
  return new PlimsollError({
    code: 'data-format-unknown',
    category: 'input',
    message: `${name} version ${version} holds no file of rows (it has ${files
      .slice(0, 3)
      .map(({ path }) => path)
      .join(', ')})`,
    next: nextStep(proveSteps, 'data-format-unknown/data-add', { name }),
  });
}
