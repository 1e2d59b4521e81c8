import type { ImageFacts } from '../../../image/image-facts.ts';
import { armWithoutCuda, cpuBuild, otherEngines, torchEngines } from '../../tables/packages/torch-builds.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, type Found } from '../finding.ts';
import { distribution, readWhole } from '../service-facts.ts';
import { publishedOf } from './package-pair-finding.ts';

const holds = (image: ImageFacts, names: readonly string[]): boolean => distribution(image, names) !== null;

/** Why torch has no CUDA; null where it has, or may have. */
function withoutCuda(image: ImageFacts, text: string): typeof cpuBuild | null {
  if (text.endsWith('+cpu')) return cpuBuild;
  const version = publishedOf(image, 'torch');
  const isOfPypi = image.platform.architecture === 'arm64' && !text.includes('+') && version !== null;
  if (!isOfPypi || rowOf([{ from: '0', to: armWithoutCuda.to }], version) === null) return null;
  const kernels = image.libraries.some(({ path }) => /\/libtorch_cuda[^/]*\.so/.test(path));
  return kernels || !readWhole(image, 'libraries') ? null : armWithoutCuda.source;
}

/**
 * A torch that computes on the CPU alone.
 *
 * | beside torch | answer |
 * |---|---|
 * | a program that computes by torch, and no other that uses accelerators | incompatible |
 * | another program that uses accelerators, or none that is known | null |
 */
export function torchBuildFinding(image: ImageFacts): Found | null {
  const text = distribution(image, ['torch']);
  if (text === null || !holds(image, torchEngines) || holds(image, otherEngines)) return null;
  const source = withoutCuda(image, text);
  if (source === null) return null;
  return found({
    rule: 'torch-build',
    compatibility: 'incompatible',
    message: `torch ${text} of the image holds no CUDA: what computes by it uses no accelerator`,
    facts: { torch: text, architecture: image.platform.architecture },
    source,
    fix: 'torch of the index for a CUDA version (https://download.pytorch.org/whl/cu128)',
  });
}
