import type { ImageFacts, VersionFound } from '../../../image/image-facts.ts';
import { folderBuilds, newestCuda } from '../../tables/engines/folder-builds.ts';
import { cudaNumber } from '../numbers.ts';

const patterns = folderBuilds.map(({ folder }) => new RegExp(folder));

/** `v12` of `usr/lib/ollama/cuda_v12/libggml-cuda.so`; null of a file that is of no build. */
function buildOf(path: string): string | null {
  for (const pattern of patterns) {
    const build = pattern.exec(path)?.groups?.['build'];
    if (build !== undefined) return build;
  }
  return null;
}

const cudaOf = (build: string): string => newestCuda.builds[build] ?? '';
const isNewer = (one: string, other: string): boolean => (cudaNumber(one) ?? 0) > (cudaNumber(other) ?? 0);

/** The newest CUDA runtime in the folder of a build; of null outside of all. */
function runtimeIn({ copies = {} }: ImageFacts, build: string | null): VersionFound | null {
  return Object.entries(copies)
    .filter(
      ([path, version]) => buildOf(path) === build && /\/libcudart\.so/.test(path) && cudaNumber(version) !== null,
    )
    .reduce<VersionFound | null>(
      (best, [from, version]) => (best === null || isNewer(version, best.version) ? { version, from } : best),
      null,
    );
}

/**
 * The CUDA that a build needs of a driver.
 *
 * | the image tells | CUDA |
 * |---|---|
 * | the runtime in the folder of the build | that |
 * | a runtime of the same major elsewhere | that |
 * | neither | the newest that the build was ever compiled with |
 * | beside it a newer runtime for libraries of no build | the newer one |
 */
function cudaOfBuild(build: string, image: ImageFacts): VersionFound {
  const { cuda, libraries } = image;
  const major = cudaOf(build).split('.')[0] ?? '';
  const ofImage = cuda?.version.startsWith(`${major}.`) === true ? cuda : null;
  const own = runtimeIn(image, build) ?? ofImage ?? { version: cudaOf(build), from: `the folder cuda_${build}` };
  const beside = libraries.some(({ path }) => buildOf(path) === null) ? runtimeIn(image, null) : null;
  return beside !== null && isNewer(beside.version, own.version) ? beside : own;
}

/** The builds that the program may open: the one that its variable names, else all. */
function openedBuilds({ libraries, env }: ImageFacts): readonly string[] {
  const builds = [...new Set(libraries.flatMap(({ path }) => buildOf(path) ?? []))];
  const named = builds.filter((build) => folderBuilds.some(({ variable }) => env[variable] === `cuda_${build}`));
  return named.length > 0 ? named : builds;
}

const fileOf = (key: string): string => key.replace(/^libraries /, '');

/**
 * The image once for each build of a program that holds several, with the libraries and the CUDA of that build alone; the newest CUDA
 * first. The image itself where it holds no more than one.
 */
export function buildsOf(image: ImageFacts): readonly ImageFacts[] {
  const all = new Set(image.libraries.flatMap(({ path }) => buildOf(path) ?? []));
  if (all.size < 2) return [image];
  return openedBuilds(image)
    .toSorted((one, other) => (isNewer(cudaOf(one), cudaOf(other)) ? -1 : 1))
    .map((build) => {
      const isOf = (path: string): boolean => (buildOf(path) ?? build) === build;
      const only = (by: Readonly<Record<string, string>>): Record<string, string> =>
        Object.fromEntries(Object.entries(by).filter(([key]) => isOf(fileOf(key))));
      return {
        ...image,
        cuda: cudaOfBuild(build, image),
        libraries: image.libraries.filter(({ path }) => isOf(path)),
        unknown: only(image.unknown),
        ...(image.copies === undefined ? {} : { copies: only(image.copies) }),
      };
    });
}
