import type { CaseRow } from './case-row.ts';
import { deviceCases } from './device-cases.ts';
import { driverCases } from './drivers/driver-cases.ts';
import { forwardLimitCases } from './drivers/forward-limit-cases.ts';
import { forwardLoadedCases } from './drivers/forward-loaded-cases.ts';
import { forwardTableCases } from './drivers/forward-table-cases.ts';
import { injectionCases } from './injection-cases.ts';
import { compressionCases } from './kernels/compression-cases.ts';
import { libraryGroupCases } from './kernels/library-group-cases.ts';
import { targetCases } from './kernels/target-cases.ts';
import { unreadCodeCases } from './kernels/unread-code-cases.ts';
import { loadedCases } from './loaded-cases.ts';
import { memoryCases } from './memory-cases.ts';
import { noCodeCases } from './drivers/no-code-cases.ts';
import { olderDriverCases } from './drivers/older-driver-cases.ts';
import { wheelPathCases } from './loading/wheel-path-cases.ts';
import { copyCases } from './engines/copy-cases.ts';
import { injectedCases } from './engines/injected-cases.ts';
import { driverCapabilityCases } from './engines/driver-capability-cases.ts';
import { engineFloorCases } from './engines/engine-floor-cases.ts';
import { kernelShapeCases } from './engines/kernel-shape-cases.ts';
import { libraryVersionCases } from './engines/library-version-cases.ts';
import { libraryCeilingCases } from './engines/library-ceiling-cases.ts';
import { linkedRuntimeCases } from './engines/linked-runtime-cases.ts';
import { loadedFileCases } from './engines/loaded-file-cases.ts';
import { methodPrecisionCases } from './engines/method-precision-cases.ts';
import { precisionCases } from './engines/precision-cases.ts';
import { publishedCases } from './published-cases.ts';
import { requirementCases } from './requirement-cases.ts';
import { onnxRuntimeCases } from './runtimes/onnx-runtime-cases.ts';
import { onnxVersionCases } from './runtimes/onnx-version-cases.ts';
import { statedRuntimeCases } from './runtimes/stated-runtime-cases.ts';
import { tensorRtCases } from './runtimes/tensorrt-cases.ts';
import { tensorRtEngineCases } from './runtimes/tensorrt-engine-cases.ts';
import { torchWheelCases } from './runtimes/torch-wheel-cases.ts';
import { stateCases } from './states/state-cases.ts';
import { readStateCases } from './states/read-state-cases.ts';
import { sharedMemoryCases } from './states/shared-memory-cases.ts';
import { hostStateCases } from './states/host-state-cases.ts';
import { compilerFloorCases } from './engines/compiler-floor-cases.ts';
import { cudaVersionCases } from './engines/cuda-version-cases.ts';
import { folderBuildCases } from './engines/folder-build-cases.ts';
import { ggmlCodeCases } from './engines/ggml-code-cases.ts';
import { hostRuleCases } from './states/host-rule-cases.ts';
import { expertSplitCases } from './packages/expert-split-cases.ts';
import { exlTypeCases } from './models/exl-type-cases.ts';
import { ggufTypeCases } from './models/gguf-type-cases.ts';
import { libraryEngineCases } from './models/library-engine-cases.ts';
import { lmdeployTypeCases } from './models/lmdeploy-type-cases.ts';
import { modelTypeCases } from './models/model-type-cases.ts';
import { packageBuildCases } from './packages/package-build-cases.ts';
import { neededPackageCases } from './packages/needed-package-cases.ts';
import { onnxProgramCases } from './packages/onnx-program-cases.ts';
import { pairCases } from './packages/pair-cases.ts';
import { torchAbiCases } from './packages/torch-abi-cases.ts';
import { cpuWheelCases } from './packages/cpu-wheel-cases.ts';
import { splitCases } from './packages/split-cases.ts';
import { engineVersionCases } from './packages/engine-version-cases.ts';
import { versionCases } from './packages/version-cases.ts';
import { argumentCases } from './arguments/argument-cases.ts';
import { backendCases } from './arguments/backend-cases.ts';
import { computeTypeCases } from './arguments/compute-type-cases.ts';
import { float16Cases } from './arguments/float16-cases.ts';
import { flagCases } from './arguments/flag-cases.ts';
import { loadCases } from './arguments/load-cases.ts';
import { processorCases } from './arguments/processor-cases.ts';
import { shareCases } from './arguments/share-cases.ts';
import { frameworkCases } from './engines/framework-cases.ts';
import { containerHostCases } from './hosts/container-host-cases.ts';
import { wslCases } from './hosts/wsl-cases.ts';
import { virtualProfileCases } from './hosts/virtual-profile-cases.ts';
import { driverLibraryCases } from './hosts/driver-library-cases.ts';
import { hostLibraryCases } from './hosts/host-library-cases.ts';
import { jetsonCases, tensorRtBesideCases } from './hosts/jetson-cases.ts';
import { loaderCases } from './hosts/loader-cases.ts';
import { mpsClientCases } from './hosts/mps-client-cases.ts';
import { memoryTakerCases } from './hosts/memory-taker-cases.ts';
import { memoryServiceCases } from './hosts/memory-service-cases.ts';
import { bitsandbytesCases } from './packages/bitsandbytes-cases.ts';
import { transformersCases } from './packages/transformers-cases.ts';
import { wheelFloorCases } from './packages/wheel-floor-cases.ts';
import { warningCases } from './warning-cases.ts';

/** Every case of one service on one device. */
export const allCases: readonly CaseRow[] = [
  ...publishedCases,
  ...driverCases,
  ...olderDriverCases,
  ...forwardLoadedCases,
  ...forwardTableCases,
  ...forwardLimitCases,
  ...targetCases,
  ...libraryGroupCases,
  ...unreadCodeCases,
  ...deviceCases,
  ...onnxRuntimeCases,
  ...onnxVersionCases,
  ...torchWheelCases,
  ...tensorRtCases,
  ...tensorRtEngineCases,
  ...statedRuntimeCases,
  ...warningCases,
  ...injectionCases,
  ...compressionCases,
  ...loadedCases,
  ...memoryCases,
  ...precisionCases,
  ...methodPrecisionCases,
  ...engineFloorCases,
  ...libraryCeilingCases,
  ...linkedRuntimeCases,
  ...folderBuildCases,
  ...kernelShapeCases,
  ...libraryVersionCases,
  ...loadedFileCases,
  ...copyCases,
  ...wheelPathCases,
  ...injectedCases,
  ...driverCapabilityCases,
  ...stateCases,
  ...readStateCases,
  ...sharedMemoryCases,
  ...hostStateCases,
  ...ggmlCodeCases,
  ...compilerFloorCases,
  ...cudaVersionCases,
  ...requirementCases,
  ...hostRuleCases,
  ...packageBuildCases,
  ...modelTypeCases,
  ...lmdeployTypeCases,
  ...exlTypeCases,
  ...ggufTypeCases,
  ...libraryEngineCases,
  ...expertSplitCases,
  ...onnxProgramCases,
  ...pairCases,
  ...neededPackageCases,
  ...torchAbiCases,
  ...transformersCases,
  ...bitsandbytesCases,
  ...wheelFloorCases,
  ...splitCases,
  ...versionCases,
  ...engineVersionCases,
  ...argumentCases,
  ...backendCases,
  ...flagCases,
  ...float16Cases,
  ...loadCases,
  ...processorCases,
  ...shareCases,
  ...computeTypeCases,
  ...frameworkCases,
  ...memoryServiceCases,
  ...containerHostCases,
  ...mpsClientCases,
  ...virtualProfileCases,
  ...wslCases,
  ...driverLibraryCases,
  ...noCodeCases,
  ...jetsonCases,
  ...tensorRtBesideCases,
  ...cpuWheelCases,
  ...memoryTakerCases,
  ...hostLibraryCases,
  ...loaderCases,
];
