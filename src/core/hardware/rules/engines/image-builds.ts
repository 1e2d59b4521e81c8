import type { ImageFacts, VersionFound } from '../../../image/image-facts.ts';
import { folderBuilds, jetpackCuda } from '../../tables/engines/folder-builds.ts';
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

const majorOfBuild = (build: string): number => jetpackCuda.majors[build] ?? Number(build.slice(1));

/** The CUDA of a build: the runtime in its folder, else that of the image where it is of the same major, else the first of its major. */
function cudaOfBuild(build: string, { cuda, copies = {} }: ImageFacts): VersionFound {
  const own = Object.entries(copies).find(
    ([path, version]) => buildOf(path) === build && /\/libcudart\.so/.test(path) && cudaNumber(version) !== null,
  );
  if (own !== undefined) return { version: own[1], from: own[0] };
  const major = majorOfBuild(build);
  return cuda?.version.startsWith(`${major}.`) === true
    ? cuda
    : { version: `${major}.0`, from: `the folder cuda_${build}` };
}

/**
 * The image once for each build of a program that holds several, with the libraries and the CUDA of that build alone; the newest CUDA
 * first. The image itself where it holds no more than one.
 */
export function buildsOf(image: ImageFacts): readonly ImageFacts[] {
  const builds = [...new Set(image.libraries.flatMap(({ path }) => buildOf(path) ?? []))];
  if (builds.length < 2) return [image];
  return builds
    .toSorted((one, other) => majorOfBuild(other) - majorOfBuild(one))
    .map((build) => {
      const isOf = (path: string): boolean => (buildOf(path) ?? build) === build;
      return {
        ...image,
        cuda: cudaOfBuild(build, image),
        libraries: image.libraries.filter(({ path }) => isOf(path)),
        ...(image.copies === undefined
          ? {}
          : { copies: Object.fromEntries(Object.entries(image.copies).filter(([path]) => isOf(path))) }),
      };
    });
}
