import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { cpuWheels, formatsOfTensorRt } from '../../tables/packages/cpu-wheels.ts';
import { cpuBuild } from '../../tables/packages/torch-builds.ts';
import type { Source } from '../../tables/source.ts';
import { tensorRtOf } from '../engines/engine-rule.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, type Found } from '../finding.ts';
import { isCodeProgram, showsNoCode } from '../kernels/without-code.ts';
import { readWhole } from '../service-facts.ts';
import { publishedOf } from './package-pair-finding.ts';

/** Why a distribution of the image holds no CUDA; null where it does, or may. */
function sourceWithoutCuda(image: ImageFacts, { name, version }: ImageFacts['python'][number]): Source | null {
  if (name === 'torch' && version.endsWith('+cpu')) return cpuBuild;
  const published = version.includes('+') ? null : publishedOf(image, name);
  if (published === null || image.platform.architecture !== 'arm64') return null;
  return (
    rowOf(
      cpuWheels.filter((row) => row.of === name),
      published,
    )?.source ?? null
  );
}

/**
 * An image with a CUDA runtime whose programs are all of wheels for the CPU.
 *
 * | the image | answer |
 * |---|---|
 * | holds a library that is required, or was not read whole | null |
 * | holds a program that brings device code, or no program of a wheel | null |
 * | holds TensorRT, and the model is of a format that it opens, or nobody looked at it | null |
 * | anything else | incompatible: what computes uses no accelerator |
 */
export function cpuWheelFinding(
  image: ImageFacts,
  model: ModelHardwareFacts | null,
  required: readonly string[],
): Found | null {
  if (!(['libraries', 'python', 'components'] as const).every((field) => readWhole(image, field))) return null;
  const programs = image.python.filter(({ name }) => isCodeProgram(name));
  const sources = programs.flatMap((program) => sourceWithoutCuda(image, program) ?? []);
  const [source] = sources;
  if (source === undefined || sources.length < programs.length || !showsNoCode(image, required)) return null;
  if (tensorRtOf(image) !== null && (model === null || formatsOfTensorRt.includes(model.format))) return null;
  const names = programs.map(({ name, version }) => `${name} ${version}`).join(', ');
  return found({
    rule: 'cpu-wheels',
    compatibility: 'incompatible',
    message: `${names} of the image ${programs.length === 1 ? 'holds' : 'hold'} no CUDA, and no library of the image has device code: it computes on the CPU`,
    facts: { programs: names, architecture: image.platform.architecture },
    source,
    fix: 'a build for CUDA of the architecture (torch: https://download.pytorch.org/whl/cu128, or a wheel for Jetson)',
  });
}
