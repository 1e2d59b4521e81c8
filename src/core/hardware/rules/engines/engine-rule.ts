import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import type { TensorRtEngine } from '../../model/model-facts.ts';
import { engineCallers, fileReaders } from '../../tables/engines/engine-callers.ts';
import { engineRules, tensorRtWheels } from '../../tables/engines/tensorrt.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, fromLabelsOnly, notKnown, type Found } from '../finding.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution, type Demands } from '../service-facts.ts';
import type { UnitFacts } from '../unit-facts.ts';

const tensorRtNames = ['tensorrt', ...tensorRtWheels.map((wheel) => wheel.distribution)];

/** Version of TensorRT in the image: of the library itself, else of the Python distribution. */
export function tensorRtOf(image: ImageFacts): string | null {
  return image.components['tensorrt']?.version ?? distribution(image, tensorRtNames);
}

/** Whether both are the same release: by major, minor and patch, and from 9 on by the build too, where both tell it. */
function isSameRelease(engine: VersionNumbers, runtime: VersionNumbers): boolean {
  const byBuild = Number(engine[0]) > 8 && Math.min(engine.length, runtime.length) > 3;
  const release = (version: VersionNumbers): VersionNumbers => (byBuild ? version : version.slice(0, 3));
  return compareVersions(release(runtime), release(engine)) === 0;
}

/**
 * Whether a runtime loads an engine of another version.
 *
 * | engine | runtime | loads |
 * |---|---|---|
 * | any | the same release | yes |
 * | not version-compatible | any other | no |
 * | version-compatible, from 8.6 on | newer, of the same major | yes |
 * | version-compatible | newer, 8 to 10 or 10 to 11 | yes |
 * | version-compatible | another build of the same patch | yes |
 * | version-compatible | older, or further away | no |
 */
export function versionLoads(engine: VersionNumbers, runtime: VersionNumbers, compatible: boolean): boolean {
  if (isSameRelease(engine, runtime)) return true;
  const isOlder = compareVersions(runtime, engine.slice(0, 3)) < 0;
  if (!compatible || isOlder || compareVersions(engine, [8, 6]) < 0) return false;
  const [from = 0] = engine;
  const [to = 0] = runtime;
  return from === to || (from === 8 && to === 10) || (from === 10 && to === 11);
}

type EngineFacts = Pick<Demands, 'model' | 'image' | 'hardware'>;

/**
 * Whether the model is a TensorRT engine, or may be one.
 *
 * | model | image | |
 * |---|---|---|
 * | an engine | any | yes |
 * | of another format that is known | any | no |
 * | nobody looked at it | TensorRT | perhaps |
 * | of a format that is not known | TensorRT, and nothing else that opens models | perhaps |
 * | of a format that is not known | TensorRT as a library alone, beside a program that opens files of its own | no: they are that program's |
 *
 * Jetson images hold TensorRT whether or not anything calls it. A contract that names the runtime tensorrt says that it is called.
 */
function mayBeEngine({ model, image, hardware }: EngineFacts): boolean {
  if (model !== null && (model.format === 'tensorrt' || model.engine !== null)) return true;
  if (image === null || tensorRtOf(image) === null) return false;
  if (model === null) return true;
  return model.format === 'unknown' && (hardware.runtime['tensorrt'] !== undefined || !isOfAnother(image));
}

const isOfAnother = (image: ImageFacts): boolean =>
  distribution(image, engineCallers) === null && distribution(image, fileReaders) !== null;

/** Whether the model is taken for a file of another program, although it could be an engine: a pass then says so. */
export const isFormatOpen = (demands: EngineFacts): boolean =>
  demands.image !== null &&
  tensorRtOf(demands.image) !== null &&
  demands.model?.format === 'unknown' &&
  !mayBeEngine(demands);

/** The part of the engine's rule that no device changes; null where there is nothing to say. */
export function engineVersion(demands: EngineFacts): Found | null {
  if (!mayBeEngine(demands)) return null;
  const { model, image } = demands;
  const rule = 'engine-version';
  const engine = model?.engine ?? null;
  const engineVersionNumbers = versionOf(engine?.version);
  if (engine === null || engineVersionNumbers === null) {
    return notKnown(rule, 'model.engine', model?.unknown['engine.version'] ?? model?.unknown['engine']);
  }
  const text = image === null ? null : tensorRtOf(image);
  const runtime = versionOf(text);
  if (runtime === null) return notKnown(rule, 'image.components', 'no TensorRT was found in the image');
  const exact = isSameRelease(engineVersionNumbers, runtime);
  if (!exact && engine.versionCompatible === null) {
    return notKnown(rule, 'model.engine', 'whether it was built version-compatible');
  }
  const loads = versionLoads(engineVersionNumbers, runtime, engine.versionCompatible === true);
  return found({
    rule,
    compatibility: loads ? 'native' : 'incompatible',
    message: `the engine is of TensorRT ${engine.version}${engine.versionCompatible === true ? ', built version-compatible' : ''}, and the image brings ${text}`,
    facts: { engine: engine.version, runtime: text },
    source: exact ? engineRules.version : engineRules.versionCompatible,
    fix: loads ? undefined : `TensorRT ${engine.version} in the image, or build the engine with ${text}`,
  });
}

type Because = 'same-model' | 'other-model' | 'compatible' | 'too-old' | 'other-capability' | 'engine' | 'device';

/**
 * | built | runs on |
 * |---|---|
 * | without hardware compatibility | the GPU model that it was built on |
 * | AMPERE_PLUS | capability 8.0 and later |
 * | SAME_COMPUTE_CAPABILITY | the capability that it was built on, from 7.5 on |
 */
function because(engine: TensorRtEngine | null, { capability, product }: UnitFacts): Because {
  if (engine === null) return 'engine';
  const built = capabilityNumber(engine.computeCapability);
  switch (engine.hardwareCompatibility) {
    case null:
      return 'engine';
    case 'ampere-plus':
      if (capability === null) return 'device';
      return capability >= ampere ? 'compatible' : 'too-old';
    case 'same-compute-capability':
      if (built === null) return 'engine';
      if (capability === null) return 'device';
      if (capability !== built) return 'other-capability';
      return capability >= turing ? 'compatible' : 'too-old';
    case 'none':
      if (engine.product === null)
        return built !== null && capability !== null && built !== capability ? 'other-capability' : 'engine';
      if (product === null) return 'device';
      return product === engine.product ? 'same-model' : 'other-model';
  }
}

const ampere = 8000;
const turing = 7005;
const answers: Readonly<Record<Because, Plain>> = {
  'same-model': 'native',
  compatible: 'native',
  'other-model': 'incompatible',
  'other-capability': 'incompatible',
  'too-old': 'incompatible',
  engine: 'unknown',
  device: 'unknown',
};

/** Null for a model that is no TensorRT engine. */
export function engineRule(demands: EngineFacts): DeviceRule | null {
  if (!mayBeEngine(demands)) return null;
  const engine = demands.model?.engine ?? null;
  return {
    facet: 'engine',
    decide: (unit) => answers[because(engine, unit)],
    explain: (unit) => explainEngine(engine, unit, because(engine, unit)),
  };
}

function explainEngine(engine: TensorRtEngine | null, unit: UnitFacts, why: Because): Found {
  const rule = 'engine-device';
  if (engine === null || why === 'engine') {
    return notKnown(rule, 'model.engine', 'the file does not tell for which device it was built, and how');
  }
  if (why === 'device') {
    const fact = engine.hardwareCompatibility === 'none' ? 'product' : 'computeCapability';
    return notKnown(rule, fact, unit.fromLabels ? fromLabelsOnly : undefined);
  }
  const built = `built on ${engine.product ?? 'a product that is not known'} (${engine.computeCapability ?? 'capability not known'}), hardware compatibility ${engine.hardwareCompatibility}`;
  const device = `${unit.product ?? 'a device'} of capability ${unit.capability === null ? 'not known' : capabilityText(unit.capability)}`;
  const runs = answers[why] === 'native';
  return found({
    rule,
    compatibility: answers[why],
    message: `the engine was ${built}; it ${runs ? 'loads' : 'does not load'} on ${device}`,
    facts: { engine: engine.product ?? engine.computeCapability, product: unit.product },
    source: engine.hardwareCompatibility === 'none' ? engineRules.device : engineRules.hardwareCompatible,
    fix: runs
      ? undefined
      : `build the engine on ${unit.product ?? 'this device'}, or with hardware compatibility AMPERE_PLUS on a device from 8.0 on`,
  });
}
