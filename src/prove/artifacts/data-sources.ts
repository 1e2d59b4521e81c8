import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { dataFormatOf, type DataFormat } from '../../formats/data-rows.ts';
import { filesBelow, type FolderFile } from '../files/folder-files.ts';
import { kindOf } from '../files/source-file.ts';

/** One file to add: where it lies, what to call it in messages, and the path that it gets in the version. */
export interface DataSource {
  readonly location: string;
  readonly shown: string;
  readonly path: string;
  readonly format: DataFormat;
}

export type DataSources =
  | { readonly kind: 'files'; readonly files: readonly DataSource[] }
  | { readonly kind: 'folder'; readonly members: readonly FolderFile[]; readonly shown: string };

/** As many as the files of a version; one more is their rows. */
const membersAtMost = 9_999;

/**
 * What `data add` was given: one file of rows, several files of one array each (`image=train-images.idx.gz`: the name before
 * `=` is the column's), or a folder, whose files are rows themselves.
 * @throws PlimsollError `data-format-unknown`, `data-sources-mixed`, `folder-empty`, `folder-too-large` (input).
 */
export async function dataSourcesOf(cwd: string, given: readonly string[]): Promise<DataSources> {
  const [only = ''] = given;
  const { file } = named(only);
  if (given.length === 1 && (await kindOf({ location: path.resolve(cwd, file), shown: file })) === 'folder') {
    return { kind: 'folder', shown: file, members: await membersOf(path.resolve(cwd, file), file) };
  }
  const files = given.map((one) => sourceOf(cwd, one));
  const odd = files.find(({ format }) => format !== 'npy' && format !== 'idx');
  if (files.length > 1 && odd !== undefined) {
    throw mixed(
      `${odd.shown} holds whole rows, and several files are columns side by side: NumPy arrays (.npy) or IDX files`,
    );
  }
  const twice = files.find(({ path: column }, index) => files.some((other, at) => at < index && other.path === column));
  if (twice !== undefined) throw mixed(`two files would be the column of ${twice.path}`);
  return { kind: 'files', files };
}

function mixed(message: string): PlimsollError {
  return new PlimsollError({
    code: 'data-sources-mixed',
    category: 'input',
    message,
    next: nextStep(proveSteps, 'data-sources-mixed'),
  });
}

/** `column=file`; a file whose own name has a `=` is named with its folder: `./a=b.csv`. */
function named(given: string): { readonly column: string | null; readonly file: string } {
  const parts = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.+)$/.exec(given);
  return { column: parts?.[1] ?? null, file: parts?.[2] ?? given };
}

function sourceOf(cwd: string, given: string): DataSource {
  const { column, file } = named(given);
  const base = path.basename(file);
  const format = dataFormatOf(base);
  if (format === null) throw formatUnknown(file);
  if (column !== null && format !== 'npy' && format !== 'idx')
    throw mixed(`${file} names its columns itself; \`${column}=\` is for one array`);
  const ending = format === 'npy' ? '.npy' : /\.gz$/i.test(base) ? '.idx.gz' : '.idx';
  return {
    location: path.resolve(cwd, file),
    shown: file,
    format,
    path: column === null ? base : `${column}${ending}`,
  };
}

function formatUnknown(given: string): PlimsollError {
  return new PlimsollError({
    code: 'data-format-unknown',
    category: 'input',
    message: `${given} is neither JSON lines (.jsonl, .ndjson), CSV (.csv), Parquet (.parquet), NumPy (.npy, .npz) nor IDX (.idx, -idx3-ubyte, also .gz) by its name`,
    next: 'write one JSON object a line into a file that ends in .jsonl',
  });
}

async function membersOf(root: string, given: string): Promise<readonly FolderFile[]> {
  const members = await filesBelow(root, given, membersAtMost, tooLarge);
  if (members.length > 0) return members;
  throw new PlimsollError({
    code: 'folder-empty',
    category: 'input',
    message: `the folder ${given} holds no files`,
    next: 'name a folder whose folders are the classes: cats/1.jpg, dogs/2.jpg',
  });
}

function tooLarge(given: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'folder-too-large',
    category: 'input',
    message: `${given} has ${why}`,
    next: 'pack the files into Parquet, with a column of their bytes',
  });
}
