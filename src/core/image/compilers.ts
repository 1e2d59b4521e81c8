import type { OverlaidLayer } from './image-layer.ts';
import { ancestorsOf, nameOf } from './image-path.ts';

/** What a compiler compiles: C, or CUDA. */
export type CompilerKind = 'c' | 'cuda';

const inBin = /(?:^|\/)bin\/(?:[\w.+]+-)*(?:gcc|cc|clang|nvcc)(?:-[\d.]+)?$/;

/** Whether a path of an image is a compiler by its name, in a folder of programs: `usr/bin/gcc-12`, `usr/local/cuda/bin/nvcc`. */
export const isCompiler = (path: string): boolean => inBin.test(path);

export const compilerKind = (path: string): CompilerKind => (/nvcc/.test(nameOf(path)) ? 'cuda' : 'c');

/** More are not listed. */
const mostCompilers = 50;

/** Paths of the compilers of an image, sorted; undefined where a layer was read before anybody looked for them. */
export function compilersOf(layers: readonly OverlaidLayer[]): readonly string[] | undefined {
  const found = new Set<string>();
  for (const { facts } of layers) {
    if (facts.compilers === undefined) return undefined;
    const gone = new Set([...facts.whiteouts, ...facts.opaque]);
    for (const path of found) if ([path, ...ancestorsOf(path)].some((each) => gone.has(each))) found.delete(path);
    for (const path of facts.compilers) found.add(path);
  }
  return [...found].sort().slice(0, mostCompilers);
}
