import { digestOf, type Digest } from '../../units/digest.ts';
import { brands } from './brands.ts';
import { capabilities, kernelRules } from './capabilities.ts';
import { publishedCompressions, zstdBranch, zstdToolkit } from './engines/compressed-builds.ts';
import { cpuLevels, runtimePlatforms } from './cpu-levels.ts';
import { cudaDrivers, cudaToldFrom, jetsonReleases, minorVersionFloors } from './cuda-drivers.ts';
import {
  boardsOfBaseboard,
  brokenPeers,
  confidentialProducts,
  gridBoards,
  ncclWithPools,
  nvLinkProducts,
  nvSwitchProducts,
  olderSwitchProducts,
  openModuleProducts,
  openModuleProductsOf,
  openModulesFrom,
  openModulesNotBelow,
  productsOnHostMemory,
  vgpuBrands,
  vgpuProducts,
} from './device-states.ts';
import { engineCallers, fileReaders } from './engines/engine-callers.ts';
import { engineFloors } from './engines/engine-floors.ts';
import { ggmlCode } from './engines/ggml-code.ts';
import { enginePrecisions, methodReader, precisionLibraries } from './engines/engine-precisions.ts';
import { compiledWheel, compilerFloors } from './engines/compiler-floors.ts';
import {
  attentionSinks,
  blockMemory,
  callsOfXformers,
  flashModels,
  kernelShapes,
  refuseFloat16,
  sparseAttention,
} from './engines/kernel-shapes.ts';
import { folderBuilds, newestCuda } from './engines/folder-builds.ts';
import { layerPlacers } from './engines/layer-placers.ts';
import { libraryCeilings } from './engines/library-ceilings.ts';
import { labelledRuntimes, linkedRuntimes, wheelFolders } from './engines/linked-runtimes.ts';
import { ncclFloors } from './engines/nccl-floors.ts';
import { runTimeCompilers } from './engines/run-time-compilers.ts';
import { advisedShm, engineQueues, ncclSegments, shmOfContainers, tritonVariable } from './engines/shared-memory.ts';
import { newerOpsets, onnxVersions, ordinaryIrVersion } from './engines/onnx-versions.ts';
import {
  builderFlags,
  builtForOneCpu,
  ollamaRunner,
  ollamaServer,
  ollamaServerFlags,
  wheelInstructions,
} from './engines/wheel-instructions.ts';
import { earlierForward, forwardStatements, forwardTable } from './forward-compatibility.ts';
import { gpus } from './gpus.ts';
import { hugePageVariables, leastLockedBytes, unlimitedBytes } from './host-states.ts';
import {
  dockerWithClone3,
  execStackTunable,
  execStackWheels,
  glibcWithClone3,
  glibcWithoutExecStack,
  linuxBranchesFrom,
  linuxBranchStep,
  mpsClients,
  ncclFailsUnderWsl,
  toolkitWithCgroups2,
  toolkitWithWslLibrary,
  wslDriverFrom,
  wslLibraryFrom,
  profilesForDesktops,
  profilesWithoutCuda,
} from './host/container-hosts.ts';
import { defaultCapabilities, driverGlibcs, injectedLibraries } from './host/injected-libraries.ts';
import {
  driverCallFloors,
  mappingsRefusedBelow,
  memoryServiceUsers,
  poolsFromCuda,
  wholeOfBoard,
} from './host/memory-services.ts';
import { libraryRoles } from './library-roles.ts';
import { blindWheels } from './loading/blind-wheels.ts';
import { cudnnParts, orderedLibraries, wheelPath } from './loading/loaded-copies.ts';
import { migBoards } from './mig-profiles.ts';
import { argumentFloors, statedTypes } from './arguments/argument-floors.ts';
import { quantizationArguments, quantizationTypes, typeFalls } from './arguments/quantization-types.ts';
import { contextArguments } from './arguments/context-arguments.ts';
import { deviceCounts } from './arguments/device-counts.ts';
import { memoryShare } from './arguments/memory-share.ts';
import { ollamaFolder, processorChoices } from './arguments/processor-choices.ts';
import { float16Models } from './arguments/float16-models.ts';
import {
  cacheArguments,
  contextChangers,
  hostArguments,
  layerArguments,
  lengthArguments,
  wholeContexts,
} from './arguments/load-arguments.ts';
import {
  bitsandbytesPrograms,
  bitsandbytesWheels,
  builtApart,
  byRuntime,
  sourceVersion,
} from './packages/bitsandbytes-wheels.ts';
import { ggufEngine, ggufPrograms, ggufReaders } from './packages/gguf-readers.ts';
import { libraryEngines } from './packages/library-engines.ts';
import { modelSplits } from './packages/model-splits.ts';
import { configReaders, modelOpeners } from './model-types/model-openers.ts';
import { modelTypes } from './model-types/model-types.ts';
import { cpuWheels, formatsOfTensorRt } from './packages/cpu-wheels.ts';
import { codeProgramNames, codePrograms, componentsWithoutCode } from './packages/code-programs.ts';
import { jetsonBases, tegraFolder, tegraWheel } from './host/jetson-bases.ts';
import { memoryTakers } from './host/memory-takers.ts';
import { boardMultiprocessors, mpsShare } from './host/mps-shares.ts';
import { alwaysBeside, neededPackages } from './packages/needed-packages.ts';
import { pathWithoutOnnx, onnxElsewhere, onnxOnDevices, sameFiles } from './packages/onnx-programs.ts';
import { packagePairs } from './packages/package-pairs.ts';
import { transformersPairs } from './packages/transformers-pairs.ts';
import { quantizationMethods } from './packages/quantization-methods.ts';
import { sameVersions } from './packages/same-versions.ts';
import {
  abiLabel,
  armWithoutCuda,
  attentionImport,
  ofTensorflow,
  otherEngines,
  torchAbis,
  torchEngines,
} from './packages/torch-builds.ts';
import { ncclOnInstances, sharingFloors } from './sharing-floors.ts';
import { tritonCompilers, tritonEngines, wheelFloors } from './engines/wheel-floors.ts';
import { onnxRuntimeRows, torchKernels, torchRows } from './engines/runtimes.ts';
import { engineRules, tensorRtRows, tensorRtWheels } from './engines/tensorrt.ts';

/** Everything that a verdict may rest on, beside the facts of nodes, image and model. */
export const ruleTables = {
  cudaDrivers,
  minorVersionFloors,
  cudaToldFrom,
  jetsonReleases,
  forwardTable,
  earlierForward,
  forwardStatements,
  brands,
  capabilities,
  kernelRules,
  onnxRuntimeRows,
  torchRows,
  torchKernels,
  tensorRtRows,
  tensorRtWheels,
  engineRules,
  gpus,
  migBoards,
  cpuLevels,
  runtimePlatforms,
  libraryRoles,
  publishedCompressions,
  zstdBranch,
  zstdToolkit,
  engineFloors,
  ggmlCode,
  enginePrecisions,
  methodReader,
  precisionLibraries,
  blockMemory,
  kernelShapes,
  refuseFloat16,
  sparseAttention,
  attentionSinks,
  flashModels,
  callsOfXformers,
  alwaysBeside,
  neededPackages,
  onnxPrograms: { pathWithoutOnnx, onnxElsewhere, onnxOnDevices, sameFiles },
  packagePairs,
  transformersPairs,
  bitsandbytes: { bitsandbytesPrograms, bitsandbytesWheels, builtApart, byRuntime, sourceVersion },
  modelTypes,
  configReaders,
  modelOpeners,
  libraryEngines,
  modelSplits,
  torchBuilds: { abiLabel, armWithoutCuda, attentionImport, ofTensorflow, otherEngines, torchAbis, torchEngines },
  cpuWheels: { cpuWheels, formatsOfTensorRt },
  engineCallers: { engineCallers, fileReaders },
  codePrograms: { codeProgramNames, codePrograms, componentsWithoutCode },
  argumentFloors,
  quantizationTypes: { quantizationArguments, quantizationTypes, typeFalls },
  statedTypes,
  contextArguments,
  deviceCounts,
  memoryShare,
  processorChoices: { ollamaFolder, processorChoices },
  float16Models,
  loadArguments: { cacheArguments, contextChangers, hostArguments, layerArguments, lengthArguments, wholeContexts },
  sameVersions,
  ggufReaders: { ggufEngine, ggufPrograms, ggufReaders },
  quantizationMethods,
  hostStates: { hugePageVariables, leastLockedBytes, unlimitedBytes },
  containerHosts: {
    dockerWithClone3,
    execStackTunable,
    execStackWheels,
    glibcWithClone3,
    glibcWithoutExecStack,
    linuxBranchesFrom,
    linuxBranchStep,
    boardMultiprocessors,
    mpsClients,
    mpsShare,
    ncclFailsUnderWsl,
    toolkitWithCgroups2,
    toolkitWithWslLibrary,
    wslDriverFrom,
    wslLibraryFrom,
    profilesForDesktops,
    profilesWithoutCuda,
  },
  injectedLibraries: { defaultCapabilities, driverGlibcs, injectedLibraries },
  jetsonBases: { jetsonBases, tegraFolder, tegraWheel },
  memoryTakers,
  memoryServices: { driverCallFloors, mappingsRefusedBelow, memoryServiceUsers, poolsFromCuda, wholeOfBoard },
  compiledWheel,
  compilerFloors,
  ncclFloors,
  runTimeCompilers,
  sharedMemory: { advisedShm, engineQueues, ncclSegments, shmOfContainers, tritonVariable },
  layerPlacers,
  folderBuilds: { folderBuilds, newestCuda },
  libraryCeilings,
  labelledRuntimes,
  linkedRuntimes,
  wheelFolders,
  wheelFloors,
  tritonCompilers,
  tritonEngines,
  onnxVersions: { newerOpsets, onnxVersions, ordinaryIrVersion },
  wheelInstructions,
  builtForOneCpu,
  ollamaRunner,
  ollamaServer: { ollamaServer, ollamaServerFlags },
  builderFlags,
  orderedLibraries,
  cudnnParts,
  wheelPath,
  blindWheels,
  sharingFloors,
  ncclOnInstances,
  deviceStates: {
    boardsOfBaseboard,
    brokenPeers,
    confidentialProducts,
    gridBoards,
    ncclWithPools,
    nvSwitchProducts,
    olderSwitchProducts,
    nvLinkProducts,
    vgpuBrands,
    vgpuProducts,
    openModuleProducts,
    openModuleProductsOf,
    openModulesFrom,
    openModulesNotBelow,
    productsOnHostMemory,
  },
} as const;

/** The subject `rule-tables` of the hardware evidence: a row that changes makes it stale. */
export const ruleTablesDigest: Digest = digestOf(ruleTables);
