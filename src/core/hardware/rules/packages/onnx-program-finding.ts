import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { pathWithoutOnnx, onnxElsewhere, onnxOnDevices, sameFiles } from '../../tables/packages/onnx-programs.ts';
import { tritonVariable } from '../../tables/engines/shared-memory.ts';
import { tensorRtOf } from '../engines/engine-rule.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { distribution, readWhole } from '../service-facts.ts';

const withoutOnnx = new RegExp(pathWithoutOnnx);

/** An ONNX file, or one whose format nobody looked at. A service without a model is none. */
const mayBeOnnx = (model: ModelHardwareFacts | null): boolean =>
  model?.format === 'onnx' || (model?.format === 'unknown' && model.unknown['format'] === undefined);

/** Whether a program of the image may compute an ONNX file on a device: one of the table, TensorRT, Triton, or code that nobody knows. */
const mayCompute = (image: ImageFacts): boolean =>
  distribution(image, onnxOnDevices) !== null ||
  tensorRtOf(image) !== null ||
  image.env[tritonVariable] !== undefined ||
  image.libraries.some(({ path }) => !withoutOnnx.test(`/${path}`));

/**
 * Whether what opens an ONNX file computes it on the device.
 *
 * | the image, read whole | answer |
 * |---|---|
 * | holds a program that opens such files for the CPU or devices of others, and none that may do so for NVIDIA | incompatible |
 * | the same, and nobody looked at the format of the model | unknown |
 * | holds another that may, or device code of a program that is not known | null |
 *
 * A model whose format was looked at and is not known (a pickle) is no ONNX file.
 */
export function onnxProgramFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const row = onnxElsewhere.find((one) => distribution(image, [one.distribution]) !== null);
  if (row === undefined || mayCompute(image) || !mayBeOnnx(model)) return null;
  if (!(['python', 'libraries', 'components'] as const).every((field) => readWhole(image, field))) return null;
  const text = distribution(image, [row.distribution]);
  if (model?.format !== 'onnx')
    return notKnown('onnx-program', 'model', `${row.distribution} ${text} computes an ONNX file on ${row.on}`);
  return found({
    rule: 'onnx-program',
    compatibility: 'incompatible',
    message: `${row.distribution} ${text} computes an ONNX file on ${row.on}, and nothing else of the image opens one: the accelerator stays idle`,
    facts: { [row.distribution]: text, format: model.format },
    source: row.source,
    fix: 'onnxruntime-gpu or TensorRT in the image, or accelerator: cpu',
  });
}

/** Two distributions that write the same files: which of them is there is not known. Null where one is there alone, or both are of the same version of none. */
export function sameFilesFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const [other, own] = sameFiles.names;
  if (model !== null && !mayBeOnnx(model)) return null;
  if (distribution(image, [other]) === null || distribution(image, [own]) === null) return null;
  const because = `${other} and ${own} write the same files, and which was installed last is not known: that of ${other} has no CUDA`;
  return { ...notKnown('same-files', 'image.python', because), fix: `${own} alone in the image` };
}
