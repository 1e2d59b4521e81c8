import type { RequiredFact } from '../../contract/contract.ts';
import type { ServiceDemands } from '../compatibility.ts';
import { factCommands, type FactName } from '../tables/fact-commands.ts';
import { ncclOf, type DeviceRule } from './device-rules.ts';
import { contractSource, found } from './finding.ts';
import { requireHostOf } from './require/require-finding.ts';
import { checkRequirements, requirementsOf } from './require/require-string.ts';
import { isFormatOpen } from './engines/engine-rule.ts';
import { isShapeOpen } from './engines/kernel-shape-rule.ts';
import { isWheelFloorOpen } from './engines/image-floors.ts';
import { isCompilerOpen } from './engines/run-time-compiler-finding.ts';
import { isPrecisionOpen } from './engines/precision-rule.ts';
import { isBehindNvSwitch, isTegra, needsOneFlavour } from './product-traits.ts';
import { smallestAlignment } from './host/page-size-rule.ts';
import { showsNoCode } from './kernels/without-code.ts';
import { isDriverGlibcOpen } from './loading/driver-glibc-rule.ts';
import { isStackOpen } from './loading/executable-stack-finding.ts';
import { confidentialProducts, olderSwitchProducts } from '../tables/device-states.ts';
import type { UnitFacts } from './unit-facts.ts';

/** A fact that could stop a service which passes otherwise. */
interface CheckedFact {
  readonly fact: FactName;
  /** As people read it in "not checked: ...". */
  readonly says: string;
  /** Null where a fact is missing that would tell. */
  readonly matters: (unit: UnitFacts, demands: ServiceDemands) => boolean | null;
  readonly isRead: (unit: UnitFacts) => boolean;
}

const withConfidentialMode = new RegExp(confidentialProducts);

const withSwitches = new RegExp(olderSwitchProducts);

/** Facts of the image and of the model: they matter only where they were not read. */
const ofImageOrModel = (): boolean => false;

/** NCCL has a rule of its own; what else exchanges memory between devices may need it shared. */
const exchangesMemory = ({ image, hardware }: ServiceDemands): boolean =>
  hardware.devices > 1 && image !== null && ncclOf(image) === null;

/**
 * | fact | matters |
 * |---|---|
 * | fabric | on boards behind NVSwitches |
 * | kernel-module | on capabilities that one flavour alone drives |
 * | iommu | where a replica takes several devices |
 * | health | always |
 * | container-runtime | where the require string of the image refuses the device, and for images on Jetson, whose host hands libraries in |
 * | confidential-mode | on products that know it |
 * | container-devices | in legacy mode |
 * | model-format | where TensorRT lies beside a program that opens files of a format that is not known |
 * | model-precision, compilers, model-kernels | where the engine of the image could stop on the device |
 * | glibc | where the image could hold a library that does not load, or the driver needs a newer one |
 * | unified-memory | on several virtual GPUs |
 * | page-size | where a library of the image is aligned to smaller pages |
 * | nvswitches | on boards before Hopper that may be behind NVSwitches |
 * | device-code | where the image holds none, and its programs may load or compile some |
 */
const checkedFacts: Readonly<Record<RequiredFact, CheckedFact>> = {
  fabric: {
    fact: 'fabric',
    says: 'fabric state',
    matters: (unit) => (unit.product === null ? null : isBehindNvSwitch(unit)),
    isRead: ({ state }) => state.fabric !== undefined,
  },
  'kernel-module': {
    fact: 'kernelModule',
    says: 'kernel module',
    matters: (unit) => (unit.capability === null ? null : needsOneFlavour(unit)),
    isRead: ({ state }) => state.kernelModule !== undefined,
  },
  iommu: {
    fact: 'iommu',
    says: 'IOMMU',
    matters: (_unit, { hardware }) => hardware.devices > 1,
    isRead: ({ state }) => state.iommu !== undefined,
  },
  health: {
    fact: 'health',
    says: 'health of the device',
    matters: () => true,
    isRead: ({ state }) => state.recovery !== undefined || state.rowRemapping !== undefined,
  },
  'container-runtime': {
    fact: 'containerRuntime',
    says: 'mode of the container runtime',
    matters: (unit, { image }) => {
      if (image !== null && isTegra(unit.capability)) return true;
      const requirements = image === null ? null : requirementsOf(image.env);
      if (requirements === null || requirements.disabled || requirements.all.length === 0) return false;
      const host = requireHostOf(unit);
      return host === null ? null : checkRequirements(requirements, 'legacy', host).answer !== 'yes';
    },
    isRead: ({ state }) => state.containerRuntime !== undefined,
  },
  'confidential-mode': {
    fact: 'confidential',
    says: 'confidential mode',
    matters: ({ product }) => (product === null ? null : withConfidentialMode.test(product)),
    isRead: ({ state }) => state.confidential !== undefined,
  },
  'container-devices': {
    fact: 'containerDevices',
    says: 'whether containers keep their devices',
    // Only legacy mode hands devices in behind the back of systemd.
    matters: ({ state: { containerRuntime } }) => containerRuntime === 'legacy' || containerRuntime === 'unchecked',
    isRead: ({ state }) => state.containerDevices !== undefined,
  },
  'model-precision': {
    fact: 'model.precision',
    says: 'precision of the ONNX file',
    matters: (unit, demands) => isPrecisionOpen(demands, unit.capability),
    isRead: ofImageOrModel,
  },
  'unified-memory': {
    fact: 'unifiedMemory',
    says: 'unified memory of the virtual GPUs',
    matters: (unit, demands) => (exchangesMemory(demands) ? unit.virtual : false),
    isRead: ({ state }) => state.unifiedMemory !== undefined,
  },
  'page-size': {
    fact: 'pageBytes',
    says: 'page size of the kernel',
    matters: (_unit, { image }) => image !== null && smallestAlignment(image) !== null,
    isRead: ({ state }) => state.pageBytes !== undefined,
  },
  compilers: {
    fact: 'image.compilers',
    says: 'compilers in the image',
    matters: (_unit, { image }) => isCompilerOpen(image),
    isRead: ofImageOrModel,
  },
  glibc: {
    fact: 'image.glibc',
    says: 'glibc of the image',
    matters: (unit, { image }) => isStackOpen(image) || isWheelFloorOpen(image) || isDriverGlibcOpen(unit, image),
    isRead: ofImageOrModel,
  },
  nvswitches: {
    fact: 'nvSwitches',
    says: 'NVSwitches and their Fabric Manager',
    // Boards before Hopper do not tell the state of the fabric themselves.
    matters: ({ product, state }) => {
      if (state.fabric === 'completed') return false;
      return product === null ? null : withSwitches.test(product);
    },
    isRead: ({ state }) => state.nvSwitches !== undefined,
  },
  'device-code': {
    fact: 'image.libraries',
    says: 'device code that programs load or compile while they run',
    matters: (_unit, { image, hardware }) => image !== null && showsNoCode(image, hardware.libraries),
    isRead: ofImageOrModel,
  },
  'model-format': {
    fact: 'model.format',
    says: 'format of the model, which may be an engine of TensorRT',
    matters: (_unit, demands) => isFormatOpen(demands),
    isRead: ofImageOrModel,
  },
  'model-kernels': {
    fact: 'model.config',
    says: 'kernels of the model (size of its heads, type, experts, scales of FP8)',
    matters: (unit, demands) => isShapeOpen(demands, unit.capability),
    isRead: ofImageOrModel,
  },
};

/** Facts that could still stop the service on the unit, and that nobody read, in words. */
export const listUnchecked = (unit: UnitFacts, demands: ServiceDemands): readonly string[] =>
  Object.values(checkedFacts)
    .filter((one) => !one.isRead(unit) && one.matters(unit, demands) !== false)
    .map(({ says }) => says);

/**
 * `hardware.require` makes conditions of facts.
 *
 * | the fact | matters here | answer |
 * |---|---|---|
 * | was read | | native |
 * | was not read | no | native |
 * | was not read | not known | unknown |
 * | was not read | yes | incompatible |
 */
export function requiredFactsRule(demands: ServiceDemands): DeviceRule | null {
  const required = (demands.hardware.require ?? []).map((name) => checkedFacts[name]);
  if (required.length === 0) return null;
  const open = (unit: UnitFacts): readonly CheckedFact[] =>
    required.filter((one) => !one.isRead(unit) && one.matters(unit, demands) !== false);
  return {
    facet: 'everything',
    decide: (unit) => {
      const missing = open(unit).map((one) => one.matters(unit, demands));
      return missing.includes(true) ? 'incompatible' : missing.length > 0 ? 'unknown' : 'native';
    },
    explain: (unit, decided) => {
      const missing = open(unit);
      return found({
        rule: 'required-facts',
        compatibility: decided,
        message:
          missing.length === 0
            ? 'every fact that hardware.require names was read, or does not matter here'
            : `hardware.require asks for ${missing.map(({ says }) => says).join(', ')}, which nobody read`,
        facts: Object.fromEntries(missing.map(({ fact }) => [fact, null])),
        source: contractSource,
        fix: missing.length === 0 ? undefined : missing.map(({ fact }) => factCommands[fact].command).join('; '),
      });
    },
  };
}
