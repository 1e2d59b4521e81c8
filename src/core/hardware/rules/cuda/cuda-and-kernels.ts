import type { Compatibility } from '../../../contract/contract.ts';
import type { FactName } from '../../tables/fact-commands.ts';
import type { CudaPath, CudaPaths } from './cuda-paths.ts';
import { opensZstd, type ZstdAnswer } from '../kernels/compression.ts';
import type { KernelAnswer } from '../kernels/kernels.ts';

/**
 * Driver and kernels belong together: the path says which PTX can be compiled, and the kernels say which must be.
 *
 * | because | compatibility |
 * |---|---|
 * | `runs` | that of the best path that takes the PTX; among those the contract's `allow` names one, the best of them |
 * | `driver` | incompatible: there is no path |
 * | `kernels` | incompatible: a library has nothing for the device |
 * | `ptx` | incompatible: no path takes the PTX (error 222) |
 * | `zstd` | incompatible: no path opens device code compressed by zstd |
 * | `unknown` | a fact is missing that could make it run, or stop it |
 */
export interface CudaAnswer {
  readonly compatibility: Compatibility;
  readonly because: 'runs' | 'driver' | 'kernels' | 'ptx' | 'zstd' | 'unknown';
  readonly path: CudaPath | null;
  readonly missing: FactName | null;
}

const takes = (path: CudaPath, jitCuda: number | null): boolean => jitCuda !== null && jitCuda <= path.jitCuda;

export function combineCuda(
  { paths, missing }: CudaPaths,
  kernels: KernelAnswer,
  zstd: ZstdAnswer['answer'],
  allow: readonly Compatibility[],
): CudaAnswer {
  if (kernels.answer === 'missing') return fails('kernels');
  if (paths.length === 0) return missing === null ? fails('driver') : unknown(missing);
  if (kernels.answer === 'unknown') return unknown(kernels.missing ?? 'image.libraries');
  const opens = zstd === 'no' ? paths : paths.filter(({ branch }) => opensZstd(branch));
  const runs = opens.filter((path) => takes(path, kernels.jitCuda));
  const path = runs.find(({ compatibility }) => allow.includes(compatibility)) ?? null;
  if (path !== null) return { compatibility: path.compatibility, because: 'runs', path, missing: null };
  if (missing !== null) return unknown(missing);
  if (opens.length === 0) return zstd === 'yes' ? fails('zstd') : unknown('image.compression');
  if (kernels.jitCuda === null) return unknown('image.ptxCuda');
  const [best = null] = runs;
  // Nobody tells whether a program compiles machine code or PTX.
  if (best === null && kernels.origin === 'compiled') return unknown('image.ptxCuda');
  return best === null
    ? fails('ptx')
    : { compatibility: best.compatibility, because: 'runs', path: best, missing: null };
}

const fails = (because: CudaAnswer['because']): CudaAnswer => ({
  compatibility: 'incompatible',
  because,
  path: null,
  missing: null,
});
const unknown = (missing: FactName): CudaAnswer => ({
  compatibility: 'unknown',
  because: 'unknown',
  path: null,
  missing,
});
