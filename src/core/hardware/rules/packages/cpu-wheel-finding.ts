import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { cpuWheels, formatsOfTensorRt, type CpuWheel } from '../../tables/packages/cpu-wheels.ts';
import { cpuBuild } from '../../tables/packages/torch-builds.ts';
import { tensorRtOf } from '../engines/engine-rule.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, type Found } from '../finding.ts';
import { isCodeProgram, showsNoCode } from '../kernels/without-code.ts';
import { readWhole } from '../service-facts.ts';
import { publishedOf } from './package-pair-finding.ts';

/** Why a distribution of the image holds no CUDA; null where it does, or may. */
function rowWithoutCuda(image: ImageFacts, { name, version }: ImageFacts['python'][number]): Without | null {
  if (name === 'torch' && version.endsWith('+cpu')) return { source: cpuBuild };
  const published = version.includes('+') ? null : publishedOf(image, name);
  if (published === null) return null;
  const { architecture } = image.platform;
  const rows = cpuWheels.filter((row) => row.of === name && (row.architecture ?? architecture) === architecture);
  return rowOf(rows, published);
}

type Without = Pick<CpuWheel, 'source' | 'fix'>;

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
  const without = programs.flatMap((program) => rowWithoutCuda(image, program) ?? []);
  const [first] = without;
  if (first === undefined || without.length < programs.length || !showsNoCode(image, required)) return null;
  if (tensorRtOf(image) !== null && (model === null || formatsOfTensorRt.includes(model.format))) return null;
  const names = programs.map(({ name, version }) => `${name} ${version}`).join(', ');
  return found({
    rule: 'cpu-wheels',
    compatibility: 'incompatible',
    message: `${names} of the image ${programs.length === 1 ? 'holds' : 'hold'} no CUDA, and no library of the image has device code: it computes on the CPU`,
    facts: { programs: names, architecture: image.platform.architecture },
    source: first.source,
    fix:
      first.fix ??
      'a build for CUDA of the architecture (torch: https://download.pytorch.org/whl/cu128, or a wheel for Jetson)',
  });
}
