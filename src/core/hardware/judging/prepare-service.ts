import type { Compatibility } from '../../contract/contract.ts';
import type { ImageFacts } from '../../image/image-facts.ts';
import type { ServiceDemands } from '../compatibility.ts';
import { combineCuda, type CudaAnswer } from '../rules/cuda/cuda-and-kernels.ts';
import {
  decideCudaPaths,
  toolkitDriverOf,
  type CompatCase,
  type CudaPaths,
  type ToolkitDriver,
} from '../rules/cuda/cuda-paths.ts';
import { compatDeviceRule } from '../rules/cuda/compat-device-rule.ts';
import { hostLibraryRule } from '../rules/cuda/host-library-rule.ts';
import { branchesNamed, requirementsOf } from '../rules/require/require-string.ts';
import { buildsOf } from '../rules/packages/image-builds.ts';
import { keepOnHost, memoryRangeOf, placeShare } from '../model/memory-range.ts';
import { layerPlacers } from '../tables/engines/layer-placers.ts';
import {
  driverDropsDevice,
  migModeRule,
  rangeRules,
  severalDevices,
  sharingRule,
  sharingSupport,
  type DeviceRule,
} from '../rules/device-rules.ts';
import { memoryRule, type MemoryNeed } from '../rules/memory-rule.ts';
import { bitsandbytesFinding } from '../rules/engines/bitsandbytes-finding.ts';
import { engineFloorRule } from '../rules/engines/engine-floor-rule.ts';
import { engineRule, engineVersion } from '../rules/engines/engine-rule.ts';
import { cdiSpecRule } from '../rules/host/cdi-spec-rule.ts';
import { containerDevicesRule } from '../rules/host/container-devices-rule.ts';
import { driverCallRule } from '../rules/host/driver-call-rule.ts';
import { driverLibraryRule } from '../rules/host/driver-library-rule.ts';
import { hugePagesRule } from '../rules/host/huge-pages-rule.ts';
import { lockedMemoryRule } from '../rules/host/locked-memory-rule.ts';
import { memoryServiceRule } from '../rules/host/memory-service-rule.ts';
import { memoryTakersRule } from '../rules/sharing/memory-takers-rule.ts';
import { mpsClientsRule } from '../rules/sharing/mps-clients-rule.ts';
import { wslDriverRule } from '../rules/host/wsl-driver-rule.ts';
import { nvSwitchesRule } from '../rules/host/nv-switches-rule.ts';
import { pageSizeRule } from '../rules/host/page-size-rule.ts';
import { sharedDevicesRule } from '../rules/sharing/shared-devices-rule.ts';
import { threadStartRule } from '../rules/host/thread-start-rule.ts';
import { uvmRule } from '../rules/host/uvm-rule.ts';
import { argumentFloorRule } from '../rules/arguments/argument-floor-rule.ts';
import { contextFinding } from '../rules/arguments/context-finding.ts';
import { deviceCountFinding } from '../rules/arguments/device-count-finding.ts';
import { memoryShareFinding } from '../rules/arguments/memory-share-finding.ts';
import { processorChoiceFinding } from '../rules/arguments/processor-choice-finding.ts';
import { float16ModelRule } from '../rules/arguments/float16-model-rule.ts';
import { quantizationTypeRule } from '../rules/arguments/quantization-type-rule.ts';
import { servedModel } from '../rules/arguments/served-model.ts';
import { cachedModel, gibOnHost, placedShare, statedLoad } from '../rules/arguments/stated-load.ts';
import { ggufReaderFinding } from '../rules/packages/gguf-reader-finding.ts';
import { virtualProfileRule } from '../rules/sharing/virtual-profile-rule.ts';
import { wslRule } from '../rules/host/wsl-rule.ts';
import { cpuWheelFinding } from '../rules/packages/cpu-wheel-finding.ts';
import { modelSplitFinding } from '../rules/packages/model-split-finding.ts';
import { modelTypeFinding } from '../rules/packages/model-type-finding.ts';
import { neededPackageFinding } from '../rules/packages/needed-package-finding.ts';
import { withoutLibraryEngines } from '../rules/packages/only-program.ts';
import { onnxProgramFinding, sameFilesFinding } from '../rules/packages/onnx-program-finding.ts';
import { packagePairFinding, torchvisionBuildFinding } from '../rules/packages/package-pair-finding.ts';
import { quantizationMethodFinding } from '../rules/packages/quantization-method-finding.ts';
import { sameVersionFinding } from '../rules/packages/same-version-finding.ts';
import { torchAbiFinding } from '../rules/packages/torch-abi-finding.ts';
import { torchBuildFinding } from '../rules/packages/torch-build-finding.ts';
import { requiredFactsRule } from '../rules/checked-facts.ts';
import { compilerFloorRule } from '../rules/engines/compiler-floor-rule.ts';
import { ggmlCodeRule } from '../rules/engines/ggml-code-rule.ts';
import { unifiedMemoryRule } from '../rules/engines/unified-memory-rule.ts';
import { kernelShapeRule } from '../rules/engines/kernel-shape-rule.ts';
import { glibcFinding, glibcxxFinding, tritonRule } from '../rules/engines/image-floors.ts';
import { libraryCeilingRule } from '../rules/engines/library-ceiling-rule.ts';
import { linkedRuntimeFinding } from '../rules/engines/linked-runtime-finding.ts';
import { ncclRule } from '../rules/engines/nccl-rule.ts';
import { onnxVersionFinding } from '../rules/engines/onnx-version-finding.ts';
import { precisionRule } from '../rules/engines/precision-rule.ts';
import { runTimeCompilerFinding } from '../rules/engines/run-time-compiler-finding.ts';
import { sharedMemoryRule } from '../rules/engines/shared-memory-rule.ts';
import { hiddenDevicesFinding, visibleDevicesFinding } from '../rules/engines/visible-devices-finding.ts';
import type { Found } from '../rules/finding.ts';
import { driverFilesRule } from '../rules/loading/driver-files-rule.ts';
import { driverGlibcRule } from '../rules/loading/driver-glibc-rule.ts';
import { executableStackFinding } from '../rules/loading/executable-stack-finding.ts';
import { jetsonBaseRule } from '../rules/loading/jetson-base-rule.ts';
import { mixedCudnnFinding } from '../rules/loading/mixed-cudnn-finding.ts';
import { olderCopyFinding } from '../rules/loading/older-copy-finding.ts';
import { otherMajorFinding } from '../rules/loading/other-major-finding.ts';
import { wheelPathFinding } from '../rules/loading/wheel-path-finding.ts';
import { stubDriverFinding } from '../rules/loading/stub-driver-finding.ts';
import { cudaVersionRule } from '../rules/require/cuda-version-rule.ts';
import { driverCapabilitiesRule } from '../rules/require/driver-capabilities-rule.ts';
import { requireRule } from '../rules/require/require-rule.ts';
import {
  computeModeRule,
  confidentialRule,
  fabricRule,
  healthRule,
  kernelModuleRule,
  licenceRule,
  peerRule,
} from '../rules/state-rules.ts';
import { readCompat } from '../rules/cuda/forward-path.ts';
import { imageAccelerator } from '../rules/image-accelerator.ts';
import { decideZstd, type ZstdAnswer } from '../rules/kernels/compression.ts';
import { decideKernels, type KernelAnswer } from '../rules/kernels/kernels.ts';
import { namedLibraries } from '../rules/kernels/named-libraries.ts';
import { originOfCode } from '../rules/kernels/without-code.ts';
import { groupLibraries, programsOf, type LibraryGroup } from '../rules/kernels/library-groups.ts';
import { contractRuntimes } from '../rules/engines/contract-runtimes.ts';
import { worstOf } from '../rules/outcome.ts';
import { onnxRuntimeFinding, torchVariantFinding, torchWheelRule } from '../rules/engines/published-runtimes.ts';
import { tensorRtCapability, tensorRtFinding } from '../rules/engines/tensorrt-build.ts';
import { loadsCompat, readWhole, toolkitOf, type Toolkit } from '../rules/service-facts.ts';
import type { UnitFacts } from '../rules/unit-facts.ts';

/**
 * A service with everything worked out that does not depend on a device, so that one device costs comparisons of numbers.
 * Explaining and judging many go through the same functions of it.
 */
export interface PreparedService {
  readonly demands: ServiceDemands;
  /** One for each build that the image holds (see `buildsOf`), at least one: a device that takes one of them does. */
  readonly builds: readonly [PreparedBuild, ...PreparedBuild[]];
}

/** The same with one build alone. */
export interface PreparedBuild {
  /** Those of the service, with the image as this build sees it. */
  readonly demands: ServiceDemands;
  /** What holds on every device: runtimes, the version of an engine, an image that has nothing for accelerators. */
  readonly fixed: readonly Found[];
  /** The worst of `fixed`, warnings left out. */
  readonly fixedCompatibility: Compatibility;
  /** Null where there is no toolkit, so that driver and kernels have nothing to say. */
  readonly cuda: PreparedCuda | null;
  readonly rules: readonly DeviceRule[];
}

export interface PreparedCuda {
  readonly toolkit: Toolkit;
  readonly toolkitDriver: ToolkitDriver;
  readonly groups: readonly LibraryGroup[];
  readonly zstd: ZstdAnswer;
  readonly paths: (unit: UnitFacts) => CudaPaths;
  /** By capability alone; worked out once for each. */
  readonly kernels: (capability: number | null) => KernelAnswer;
  readonly answer: (paths: CudaPaths, kernels: KernelAnswer) => CudaAnswer;
}

export function prepareService(demands: ServiceDemands): PreparedService {
  if (demands.image === null) return { demands, builds: [prepareBuild(demands)] };
  const [first = demands.image, ...others] = buildsOf(demands.image);
  const prepare = (image: ImageFacts): PreparedBuild => prepareBuild({ ...demands, image });
  return { demands, builds: [prepare(first), ...others.map(prepare)] };
}

function prepareBuild(demands: ServiceDemands): PreparedBuild {
  const { hardware, image, model } = demands;
  const opened = image === null ? demands : { ...demands, image: withoutLibraryEngines(image) };
  const fixed = [
    imageAccelerator(image),
    ...(image === null
      ? []
      : [
          onnxRuntimeFinding(image, model),
          torchVariantFinding(image),
          tensorRtFinding(image),
          linkedRuntimeFinding(image),
        ]),
    ...contractRuntimes(demands),
    engineVersion(demands),
    modelSplitFinding(opened),
    ggufReaderFinding(demands),
    contextFinding(opened),
    memoryShareFinding(opened),
    deviceCountFinding(opened),
    processorChoiceFinding(opened),
    neededPackageFinding(demands),
    ...(image === null
      ? []
      : [
          glibcFinding(image),
          glibcxxFinding(image),
          bitsandbytesFinding(image, model),
          visibleDevicesFinding(image),
          hiddenDevicesFinding(image, hardware.devices),
          executableStackFinding(image),
          namedLibraries(image, hardware.libraries),
          onnxVersionFinding(demands),
          onnxProgramFinding(image, model),
          sameFilesFinding(image, model),
          olderCopyFinding(image),
          mixedCudnnFinding(image),
          wheelPathFinding(image, hardware.libraries),
          stubDriverFinding(image),
          runTimeCompilerFinding(image),
          packagePairFinding(image, model),
          sameVersionFinding(image),
          quantizationMethodFinding(withoutLibraryEngines(image), model),
          torchvisionBuildFinding(image),
          torchBuildFinding(image),
          cpuWheelFinding(image, model, hardware.libraries ?? []),
          torchAbiFinding(image),
          modelTypeFinding(opened),
          otherMajorFinding(image, hardware.libraries),
        ]),
  ].filter((finding) => finding !== null);
  const rules = [
    driverDropsDevice,
    ...rangeRules(hardware),
    migModeRule,
    ...(hardware.devices > 1 ? [severalDevices(hardware.devices, image)] : []),
    memoryRule(memoryNeed(demands)),
    sharingRule(hardware.sharing),
    sharingSupport,
    engineRule(demands),
    fabricRule,
    kernelModuleRule,
    licenceRule,
    ...(hardware.devices > 1 ? [peerRule(hardware.devices, image)] : []),
    healthRule,
    confidentialRule,
    driverLibraryRule(image),
    hostLibraryRule,
    uvmRule,
    containerDevicesRule(demands),
    lockedMemoryRule(demands),
    computeModeRule,
    nvSwitchesRule,
    cdiSpecRule,
    virtualProfileRule,
    mpsClientsRule,
    wslDriverRule,
    ...(hardware.devices > 1 ? [sharedDevicesRule(hardware.devices)] : []),
    memoryServiceRule(demands),
    sharedMemoryRule(demands),
    requiredFactsRule(demands),
    argumentFloorRule(opened),
    quantizationTypeRule(demands),
    float16ModelRule(opened),
    compilerFloorRule(demands),
    ...(image === null
      ? []
      : [
          tensorRtCapability(image),
          torchWheelRule(image),
          engineFloorRule(withoutLibraryEngines(image), demands.args ?? []),
          libraryCeilingRule(image),
          precisionRule(servedModel(model, demands.args ?? []), image),
          kernelShapeRule(model, image),
          hardware.devices > 1 ? ncclRule(image) : null,
          hardware.devices > 1 ? unifiedMemoryRule(image) : null,
          hardware.devices > 1 ? wslRule(image) : null,
          threadStartRule(image),
          driverFilesRule(image),
          memoryTakersRule(image, demands.args ?? []),
          driverGlibcRule(image),
          jetsonBaseRule(image),
          driverCallRule(image),
          compatDeviceRule(image),
          ggmlCodeRule(image),
          pageSizeRule(image),
          hugePagesRule(image),
          cudaVersionRule(image),
          tritonRule(image),
          requireRule(image),
          driverCapabilitiesRule(image),
        ]),
  ].filter((rule) => rule !== null);
  return {
    demands,
    fixed,
    fixedCompatibility: worstOf(deciding(fixed)),
    cuda: prepareCuda(demands),
    rules,
  };
}

const deciding = (all: readonly Found[]): readonly Compatibility[] =>
  all.filter(({ weight }) => weight !== 'warning').map(({ compatibility }) => compatibility);

/** What the contract writes, and what follows from the model under its load. */
function memoryNeed(demands: ServiceDemands): MemoryNeed {
  const { hardware, image } = demands;
  const programs = image === null ? null : programsOf(image);
  const range = memoryRangeOf(cachedModel(demands), statedLoad(demands), hardware.devices);
  const onHost = gibOnHost(demands) * 2 ** 30;
  const onDevice = range === null || onHost === 0 ? range : keepOnHost(range, onHost);
  const share = placedShare(demands);
  return {
    writtenBytes: hardware.memoryBytes ?? null,
    range: onDevice === null || share === null ? onDevice : placeShare(onDevice, share),
    placer: layerPlacers.find(({ folder }) => programs?.has(folder) === true) ?? null,
  };
}

function prepareCuda({ image, hardware }: ServiceDemands): PreparedCuda | null {
  const toolkit = image === null ? null : toolkitOf(image);
  if (image === null || toolkit === null) return null;
  const toolkitDriver = toolkitDriverOf(toolkit.cuda);
  const groups = groupLibraries(image, hardware.libraries);
  const compat: CompatCase = {
    compat: readCompat(image),
    known: readWhole(image, 'compat'),
    loaded: loadsCompat(image),
    statedBranches: requirementsOf(image.env).all.flatMap(({ text }) => branchesNamed(text)),
  };
  const zstd = decideZstd(groups, toolkit.cuda);
  const librariesKnown = readWhole(image, 'libraries');
  const instead = { origin: originOfCode(image), toolkitCuda: toolkit.cuda };
  const byCapability = new Map<number | null, KernelAnswer>();
  return {
    toolkit,
    toolkitDriver,
    groups,
    zstd,
    paths: (unit) => decideCudaPaths(toolkitDriver, compat, unit),
    kernels: (capability) => {
      const known = byCapability.get(capability);
      if (known !== undefined) return known;
      const answer = decideKernels(groups, librariesKnown, capability, instead);
      byCapability.set(capability, answer);
      return answer;
    },
    answer: (paths, kernels) => combineCuda(paths, kernels, zstd.answer, hardware.allow),
  };
}
