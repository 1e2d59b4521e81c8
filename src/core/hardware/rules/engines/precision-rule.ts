import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { ModelHardwareFacts, Precision } from '../../model/model-facts.ts';
import {
  enginePrecisions,
  methodReader,
  precisionLibraries,
  type EnginePrecision,
} from '../../tables/engines/engine-precisions.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, fromLabelsOnly, notKnown, type Found } from '../finding.ts';
import { cubinRuns } from '../kernels/kernel-runs.ts';
import { programsOf } from '../kernels/library-groups.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { isOnlyProgram } from '../packages/only-program.ts';
import { distribution } from '../service-facts.ts';
import { tensorRtOf } from './engine-rule.ts';
import { rowOf } from './published-runtimes.ts';

/**
 * Whether an engine serves weights of the model's precision on a device. Rows are those of the engine's version; where the
 * version is not known the newest row counts, and an exception of any version leaves the answer open.
 *
 * | precision | a row that refuses the device | answer |
 * |---|---|---|
 * | read | one of them | incompatible |
 * | not read | any precision that the table has for the engine in its version | unknown |
 * | either | none | native |
 *
 * FP32 beside another precision is that of scales and norms, and does not count.
 *
 * Libraries that a program uses for some precisions (`precisionLibraries`) count where no other engine of the table is in the
 * image; Transformers where in addition no other program computes and a row names the method of the model. TensorRT builds what an ONNX file says: its rows count for such a file, whose precision was read; beside ONNX Runtime, which
 * may serve it otherwise, they leave the answer open.
 */
interface Engine {
  readonly name: string;
  readonly versionText: string | null;
  /** Device code in the folders of the engine. */
  readonly libraries: ImageFacts['libraries'];
  /** Rows of the table that speak of it in this image. */
  readonly rows: readonly EnginePrecision[];
  /** Another program of the image may serve the model in its place. */
  readonly mayBeAnother?: true;
}

const rowsOf = (name: string, image: ImageFacts): readonly EnginePrecision[] =>
  enginePrecisions.filter((row) => row.engine === name && !isServedOtherwise(row, image));

function isServedOtherwise({ unless }: EnginePrecision, image: ImageFacts): boolean {
  const version = unless === undefined ? null : versionOf(distribution(image, [unless.engine]));
  return version !== null && compareVersions(version, versionOf(unless?.from) ?? []) >= 0;
}

/** Formats whose precision the runtime takes as it is, or that carry their own kernels. */
const ownKernels: readonly ModelHardwareFacts['format'][] = ['onnx', 'tensorrt', 'gguf'];

/** Whether Transformers reads a method of the table in the configuration of the model, and no other program serves it. */
const readsMethod = (model: ModelHardwareFacts | null, image: ImageFacts): boolean =>
  enginePrecisions.some(({ method }) => method !== undefined && method === model?.quantMethod) &&
  isOnlyProgram(image, methodReader.beside);

function enginesOf(model: ModelHardwareFacts | null, image: ImageFacts): readonly Engine[] {
  const programs = programsOf(image);
  const there = [...new Set(enginePrecisions.map(({ engine }) => engine))].filter(
    (name) => name !== 'tensorrt' && programs.has(name) && (name !== methodReader.name || readsMethod(model, image)),
  );
  const whole = there.filter((name) => !precisionLibraries.includes(name));
  return (whole.length === 0 ? there : whole).map((name) => ({
    name,
    versionText: distribution(image, [name]),
    rows: rowsOf(name, image),
    libraries: image.libraries.filter(({ path }) => path.split('/').includes(name)),
  }));
}

/** The engines that decide for this model. */
function servingEngines(model: ModelHardwareFacts | null, image: ImageFacts): readonly Engine[] {
  if (model === null || !ownKernels.includes(model.format)) return enginesOf(model, image);
  const versionText = model.format === 'onnx' && model.precisions !== undefined ? tensorRtOf(image) : null;
  if (versionText === null) return [];
  const another = distribution(image, ['onnxruntime-gpu']) === null ? {} : { mayBeAnother: true as const };
  return [{ name: 'tensorrt', versionText, rows: rowsOf('tensorrt', image), libraries: [], ...another }];
}

/**
 * Whether TensorRT would refuse some precision of an ONNX file on the device, and nobody read that of the file. Files that were pinned
 * before it was read would all be unknown; a pass names the fact instead.
 */
export function isPrecisionOpen(
  { model, image }: { readonly model: ModelHardwareFacts | null; readonly image: ImageFacts | null },
  capability: number | null,
): boolean {
  if (model?.format !== 'onnx' || model.precisions !== undefined || image === null || capability === null) return false;
  const versionText = tensorRtOf(image);
  const engine: Engine = { name: 'tensorrt', versionText, rows: rowsOf('tensorrt', image), libraries: [] };
  return (
    versionText !== null &&
    everyPrecision(engine).some((precision) => refusalOf(engine, precision, capability, model) !== null)
  );
}

interface Refusal {
  readonly engine: Engine;
  readonly row: EnginePrecision;
  readonly answer: Exclude<Plain, 'native'>;
}

/** What the rows of one engine say against one precision; null where they say nothing. */
function refusalOf(
  engine: Engine,
  precision: Precision,
  capability: number,
  model: ModelHardwareFacts | null,
): Refusal | null {
  const rows = engine.rows.filter(
    (row) =>
      row.precision === precision &&
      (row.experts !== true || model?.experts === true) &&
      (row.method === undefined || row.method === model?.quantMethod) &&
      (row.scales === undefined || row.scales === model?.fp8Scales),
  );
  const version = versionOf(engine.versionText);
  const newest = rows.find(({ to }) => to === null) ?? null;
  const own = version === null ? newest : rowOf(rows, version);
  if (own !== null && refuses(own, engine, capability)) {
    return { engine, row: own, answer: engine.mayBeAnother === true ? 'unknown' : 'incompatible' };
  }
  const exception = version === null ? rows.find((row) => isException(row, capability)) : undefined;
  return exception === undefined ? null : { engine, row: exception, answer: 'unknown' };
}

const isException = ({ except }: EnginePrecision, capability: number): boolean =>
  (except ?? []).some((text) => capabilityNumber(text) === capability);

function refuses(row: EnginePrecision, { libraries }: Engine, capability: number): boolean {
  if (capability < (capabilityNumber(row.capability) ?? Infinity) || isException(row, capability)) return true;
  const family = capabilityNumber(row.familyFrom);
  if (family === null || capability < family) return false;
  return !libraries.some(({ cubins }) =>
    cubins.some((target) => target.suffix !== '' && cubinRuns(target, capability)),
  );
}

/** Those of the weights themselves. */
function weightPrecisions(read: readonly Precision[]): readonly Precision[] {
  const others = read.filter((one) => one !== 'fp32');
  return others.length === 0 ? read : others;
}

/** Null where no engine of the table is in the image, or the format brings its own kernels. */
export function precisionRule(model: ModelHardwareFacts | null, image: ImageFacts): DeviceRule | null {
  const read = model?.precisions === undefined ? null : weightPrecisions(model.precisions);
  const engines = servingEngines(model, image);
  if (engines.length === 0) return null;
  const worst = (capability: number): Refusal | null => {
    const all = engines.flatMap((engine) =>
      (read ?? everyPrecision(engine)).flatMap((precision) => refusalOf(engine, precision, capability, model) ?? []),
    );
    return all.find(({ answer }) => answer === 'incompatible') ?? all[0] ?? null;
  };
  const decide = (capability: number | null): Plain => {
    if (capability === null) return 'unknown';
    const refusal = worst(capability);
    return refusal === null ? 'native' : read === null ? 'unknown' : refusal.answer;
  };
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) => {
      if (capability === null) {
        return notKnown('precision', 'computeCapability', fromLabels ? fromLabelsOnly : undefined);
      }
      return explain(worst(capability), read, engines, capability, decided);
    },
  };
}

const everyPrecision = ({ rows }: Engine): readonly Precision[] => [...new Set(rows.map(({ precision }) => precision))];

function explain(
  refusal: Refusal | null,
  read: readonly Precision[] | null,
  engines: readonly Engine[],
  capability: number,
  decided: Plain,
): Found {
  const device = `capability ${capabilityText(capability)}`;
  if (refusal === null) {
    return found({
      rule: 'precision',
      compatibility: decided,
      message: `${engines.map(nameOf).join(', ')} serves ${read === null ? 'every precision of the table' : read.join(', ')} on ${device}`,
      facts: { precision: read?.join(', ') ?? 'not read', computeCapability: capabilityText(capability) },
      source: enginePrecisions[0]?.source ?? '',
    });
  }
  const { engine, row, answer } = refusal;
  if (read === null) {
    return notKnown('precision', 'model.precision', `${nameOf(engine)} does not serve ${row.precision} on ${device}`);
  }
  if (answer === 'unknown') {
    const because =
      engine.mayBeAnother === true
        ? `${nameOf(engine)} does not serve ${row.precision} on ${device}, and ONNX Runtime may serve the model in its place`
        : `whether ${engine.name} serves ${row.precision} on ${device} depends on its version`;
    return notKnown('precision', 'image.python', because);
  }
  return found({
    rule: 'precision',
    compatibility: decided,
    message: `${nameOf(engine)} does not serve ${row.precision} on ${row.capability === null ? 'any device' : device}${explainLimit(row, capability)}`,
    facts: { precision: row.precision, computeCapability: capabilityText(capability) },
    source: row.source,
    fix:
      row.capability === null
        ? `the model in another precision, or another version of ${engine.name}`
        : `the model in another precision, a device from capability ${row.capability} on, or another version of ${engine.name}`,
  });
}

function explainLimit(row: EnginePrecision, capability: number): string {
  if (row.capability === null) return '';
  if (row.familyFrom !== undefined) return ' without kernels of that family (suffix a or f)';
  const stops = isException(row, capability) ? `, and its kernels stop on ${capabilityText(capability)}` : ' or later';
  return `: it needs ${row.capability}${stops}`;
}

const nameOf = ({ name, versionText }: Engine): string => (versionText === null ? name : `${name} ${versionText}`);
