import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { newerOpsets, onnxVersions, ordinaryIrVersion, type OnnxVersions } from '../../tables/engines/onnx-versions.ts';
import { tritonVariable } from '../../tables/engines/shared-memory.ts';
import { onnxElsewhere, onnxOnDevices } from '../../tables/packages/onnx-programs.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution, type Demands } from '../service-facts.ts';
import { tensorRtOf } from './engine-rule.ts';
import { rowOf } from './published-runtimes.ts';

/** A Python distribution of ONNX Runtime, or the library alone (of Triton, or of a program in another language). */
interface OnnxRuntime {
  readonly text: string;
  readonly asLibrary: boolean;
}

const isTriton = (image: ImageFacts): boolean => image.env[tritonVariable] !== undefined;

function onnxRuntimeOf(image: ImageFacts): OnnxRuntime | null {
  const library = image.components['onnxruntime']?.version ?? null;
  const wheel = distribution(image, ['onnxruntime-gpu', 'onnxruntime']);
  // The back end of Triton is a library; a wheel beside it belongs to scripts.
  const asLibrary = wheel === null || (library !== null && isTriton(image));
  const text = asLibrary ? library : wheel;
  return text === null ? null : { text, asLibrary };
}

const otherPrograms = [...onnxOnDevices, ...onnxElsewhere.map((program) => program.distribution)].filter(
  (name) => !name.startsWith('onnxruntime'),
);

/** Another program of the image that opens ONNX files; null where there is none. */
function otherProgram(image: ImageFacts, { asLibrary }: OnnxRuntime): string | null {
  if (isTriton(image)) return null;
  const wheel = image.python.find(({ name }) => otherPrograms.includes(name))?.name ?? null;
  // TensorRT lies in many images without being called; beside a library alone it may be what is.
  return wheel ?? (asLibrary && tensorRtOf(image) !== null ? 'TensorRT' : null);
}

/** Version of operators that it refuses to be beyond; null where it opens newer ones as long as it knows each operator. */
function newestOpset({ opset }: OnnxVersions, { text }: OnnxRuntime, image: ImageFacts): number | null {
  const asksVariable = compareVersions(versionOf(text) ?? [], versionOf(newerOpsets.from) ?? []) >= 0;
  if (asksVariable && image.env[newerOpsets.variable] === newerOpsets.value) return null;
  return opset ?? null;
}

interface Written {
  readonly rule: string;
  readonly what: string;
  readonly fact: string;
  readonly version: number;
  readonly newest: number;
}

/** What the file is written with and ONNX Runtime compares: its IR version, and the version of its operators. */
function writtenIn(model: ModelHardwareFacts, irVersion: number, opset: number | null): readonly Written[] {
  const { onnxIrVersion, onnxOpset } = model;
  return [
    ...(onnxIrVersion === undefined
      ? []
      : [{ rule: 'onnx-ir', what: 'IR version', fact: 'onnxIrVersion', version: onnxIrVersion, newest: irVersion }]),
    ...(onnxOpset === undefined || opset === null
      ? []
      : [{ rule: 'onnx-opset', what: 'operator set', fact: 'onnxOpset', version: onnxOpset, newest: opset }]),
  ];
}

/** Whether an old ONNX Runtime may refuse a file of which nobody read the IR version. */
const isIrOpen = ({ format, unknown, onnxIrVersion }: ModelHardwareFacts, { irVersion }: OnnxVersions): boolean =>
  (format === 'onnx' || (format === 'unknown' && unknown['format'] === undefined)) &&
  onnxIrVersion === undefined &&
  irVersion < ordinaryIrVersion.irVersion;

/**
 * Whether ONNX Runtime opens a file of this IR version and these operators. Null where the model is no ONNX file, neither was read, or no
 * row names the version of ONNX Runtime in the image.
 *
 * | the file | answer |
 * |---|---|
 * | is not newer than the row | native |
 * | is newer, and nothing else of the image opens ONNX files, or the contract names `onnxruntime` as a runtime | incompatible |
 * | is newer, and another program may open it | unknown |
 * | nobody read its IR version, and the row opens less than exporters write | unknown |
 */
export function onnxVersionFinding({
  image,
  model,
  hardware,
}: Pick<Demands, 'image' | 'model' | 'hardware'>): Found | null {
  const runtime = image === null ? null : onnxRuntimeOf(image);
  const version = versionOf(runtime?.text);
  const row = version === null ? null : rowOf(onnxVersions, version);
  if (image === null || model === null || runtime === null || row === null) return null;
  const written = writtenIn(model, row.irVersion, newestOpset(row, runtime, image));
  const newer = written.find((one) => one.version > one.newest);
  if (newer === undefined && isIrOpen(model, row)) {
    return notKnown('onnx-ir', 'model', `ONNX Runtime ${runtime.text} opens IR version ${row.irVersion} at most`);
  }
  const shown = newer ?? written[0];
  if (shown === undefined) return null;
  const { rule, what, fact } = shown;
  const message = `the model has ${what} ${shown.version}, and ONNX Runtime ${runtime.text} opens ${shown.newest} at most`;
  const other =
    newer === undefined || hardware.runtime['onnxruntime'] !== undefined ? null : otherProgram(image, runtime);
  if (other !== null) return notKnown(rule, 'image.python', `${message}, and ${other} may open it instead`);
  return found({
    rule,
    compatibility: newer === undefined ? 'native' : 'incompatible',
    message,
    facts: { [fact]: String(shown.version), onnxruntime: runtime.text },
    source: row.source,
    fix: newer === undefined ? undefined : `a newer ONNX Runtime, or the model written with ${what} ${shown.newest}`,
  });
}
