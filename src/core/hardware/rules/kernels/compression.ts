import { publishedCompressions, zstdBranch, zstdToolkit } from '../../tables/engines/compressed-builds.ts';
import { cudaNumber } from '../numbers.ts';
import { isRequired, type LibraryGroup } from './library-groups.ts';

const published = publishedCompressions.map((row) => ({ row, pattern: new RegExp(row.path) }));
const firstToolkit = cudaNumber(zstdToolkit) ?? 0;

/**
 * Whether required device code is compressed by zstd, which drivers before branch 550 do not open ("device kernel image is
 * invalid"), with the library that says so.
 *
 * | library | toolkit | zstd |
 * |---|---|---|
 * | read as zstd | any | yes |
 * | read as something else | any | no |
 * | not read | before 12.8, which cannot | no |
 * | not read, of a published build that does not | of that row | no |
 * | not read | any other | unknown |
 */
export interface ZstdAnswer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly path: string | null;
}

export function decideZstd(groups: readonly LibraryGroup[], toolkitCuda: number): ZstdAnswer {
  const required = groups.filter(isRequired).flatMap(({ libraries }) => libraries);
  const read = required.find(({ compression }) => compression === 'zstd');
  if (read !== undefined) return { answer: 'yes', path: read.path };
  const open = required.find(({ path, compression }) => compression === undefined && mayBeZstd(path, toolkitCuda));
  return open === undefined ? { answer: 'no', path: null } : { answer: 'unknown', path: open.path };
}

function mayBeZstd(path: string, toolkitCuda: number): boolean {
  if (toolkitCuda < firstToolkit) return false;
  const row = published.find(({ pattern }) => pattern.test(`/${path.replace(/^\//, '')}`))?.row;
  return row === undefined || row.zstd === 'unknown' || toolkitCuda >= (cudaNumber(row.beforeCuda) ?? Infinity);
}

/** Whether a library of the driver of this branch opens zstd. */
export const opensZstd = (branch: number | null): boolean => branch !== null && branch >= zstdBranch;
