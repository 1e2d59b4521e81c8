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
const newestFirst = (one: Pick<VersionFound, 'version'>, other: Pick<VersionFound, 'version'>): number =>
  Number(cudaNumber(other.version)) - Number(cudaNumber(one.version));

/** The CUDA runtimes in the folder of a build, the newest first; of null those outside of all. */
const runtimesIn = ({ copies = {} }: ImageFacts, build: string | null): readonly VersionFound[] =>
  Object.entries(copies)
    .filter(
      ([path, version]) => buildOf(path) === build && /\/libcudart\.so/.test(path) && cudaNumber(version) !== null,
    )
    .map(([from, version]) => ({ version, from }))
    .toSorted(newestFirst);

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
  const unread = { version: cudaOf(build), from: `/ollama/cuda_${build}/` };
  const [own = ofImage ?? unread] = runtimesIn(image, build);
  const beside = libraries.some(({ path }) => buildOf(path) === null) ? runtimesIn(image, null) : [];
  const [newest = own] = [own, ...beside].toSorted(newestFirst);
  return newest;
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
    .toSorted((one, other) => newestFirst({ version: cudaOf(one) }, { version: cudaOf(other) }))
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
