import type { ByteSource } from '../byte-source.ts';

/** A file that lies beside a model: shards, external data, `config.json`. Nothing is read of it before it is needed. */
export interface SiblingFile {
  /** `/` separated, from the same root as the path of the model's file. */
  readonly path: string;
  readonly source: ByteSource;
}

/** Those in the folder of the model's file and below it, by their paths from there: what a model names, it names from there. */
export function besideModel(siblings: readonly SiblingFile[], modelPath: string): readonly SiblingFile[] {
  const folder = modelPath.slice(0, modelPath.lastIndexOf('/') + 1);
  if (folder === '') return siblings;
  return siblings.flatMap(({ path, source }) => {
    return path.startsWith(folder) ? [{ path: path.slice(folder.length), source }] : [];
  });
}

/** The sibling at a path that a model's file names; null when there is none, and for a path that leaves the folder. */
export function findSibling(siblings: readonly SiblingFile[], named: string): SiblingFile | null {
  const parts = named.split('/').filter((part) => part !== '.' && part !== '');
  if (named.startsWith('/') || parts.includes('..')) return null;
  const path = parts.join('/');
  return siblings.find((sibling) => sibling.path === path) ?? null;
}

/** A file that was looked for. */
export interface PartFile {
  readonly path: string;
  /** Of the file as it is; null when it is missing. */
  readonly bytes: number | null;
  /** What is wrong with it, in words; null when it is whole. */
  readonly problem: string | null;
}

/** `2 of 3 files are missing: a, b` */
export function problemsOf(parts: readonly PartFile[]): string | null {
  const wrong = parts.flatMap(({ path, problem }) => (problem === null ? [] : [`${path} ${problem}`]));
  if (wrong.length === 0) return null;
  const rest = wrong.length > 5 ? `; and ${wrong.length - 5} more` : '';
  return `${wrong.slice(0, 5).join('; ')}${rest}`;
}

/** Whose bytes were damaged, in front of the sentence. */
export const inFolder = (fileName: string): string => fileName.slice(fileName.lastIndexOf('/') + 1);

/** Zero bytes of weights would be a figure to reckon with; nothing runs from such a file. */
export const withoutTensors = 'the file holds no tensors';
