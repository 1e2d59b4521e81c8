import type { ImageFacts } from '../../../image/image-facts.ts';
import { compressedBuilds, zstdBranch } from '../../tables/compressed-builds.ts';
import { cudaNumber } from '../numbers.ts';
import { isOptional } from './library-groups.ts';

const builds = compressedBuilds.map((build) => ({ build, pattern: new RegExp(build.path) }));

/**
 * Whether required device code is compressed by zstd, which drivers before branch 550 do not open ("device kernel image is
 * invalid"), with the library that says so.
 *
 * | library | zstd |
 * |---|---|
 * | read as zstd | yes |
 * | not read, of a build that compresses by zstd with this toolkit | unknown |
 * | anything else | no |
 */
export interface ZstdAnswer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly path: string | null;
}

export function decideZstd({ libraries }: Pick<ImageFacts, 'libraries'>, toolkitCuda: number): ZstdAnswer {
  const required = libraries.filter(({ path }) => !isOptional(path));
  const read = required.find(({ compression }) => compression === 'zstd');
  if (read !== undefined) return { answer: 'yes', path: read.path };
  const likely = required.find(({ path, compression }) => compression === undefined && mayBeZstd(path, toolkitCuda));
  return likely === undefined ? { answer: 'no', path: null } : { answer: 'unknown', path: likely.path };
}

const mayBeZstd = (path: string, toolkitCuda: number): boolean =>
  builds.some(
    ({ build, pattern }) =>
      toolkitCuda >= (cudaNumber(build.fromCuda) ?? Infinity) && pattern.test(`/${path.replace(/^\//, '')}`),
  );

/** Whether a library of the driver of this branch opens zstd. */
export const opensZstd = (branch: number | null): boolean => branch !== null && branch >= zstdBranch;
