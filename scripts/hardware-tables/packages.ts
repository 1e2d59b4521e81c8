import { bitsandbytesWheels, byRuntime } from '../../src/core/hardware/tables/packages/bitsandbytes-wheels.ts';
import { codeProgramNames, codePrograms, codeSources } from '../../src/core/hardware/tables/packages/code-programs.ts';
import { cpuWheels } from '../../src/core/hardware/tables/packages/cpu-wheels.ts';
import { ggufReaders, ggufReadersSource } from '../../src/core/hardware/tables/packages/gguf-readers.ts';
import { libraryEngines } from '../../src/core/hardware/tables/packages/library-engines.ts';
import { modelSplits } from '../../src/core/hardware/tables/packages/model-splits.ts';
import { modelTypes } from '../../src/core/hardware/tables/model-types/model-types.ts';
import { neededPackages } from '../../src/core/hardware/tables/packages/needed-packages.ts';
import { onnxElsewhere, onnxOnDevices, sameFiles } from '../../src/core/hardware/tables/packages/onnx-programs.ts';
import { packagePairs } from '../../src/core/hardware/tables/packages/package-pairs.ts';
import { quantizationMethods } from '../../src/core/hardware/tables/packages/quantization-methods.ts';
import { sameVersions } from '../../src/core/hardware/tables/packages/same-versions.ts';
import { abiSource, attentionImport, torchAbis } from '../../src/core/hardware/tables/packages/torch-builds.ts';
import { transformersPairs } from '../../src/core/hardware/tables/packages/transformers-pairs.ts';
import { section, versions } from './section.ts';

/** Distributions beside one another, and beside a model. */
export const packageSections: readonly string[] = [
  section('Programs that compute an ONNX file on no NVIDIA device', onnxElsewhere, {
    distribution: ({ distribution }) => distribution,
    'computes on': ({ on }) => on,
    'not beside': () => onnxOnDevices.join(', '),
  }),
  section('Distributions that write the same files', [sameFiles], {
    distributions: ({ names }) => names.join(', '),
  }),
  section('Packages that are built for one another', packagePairs, {
    distribution: ({ distribution }) => distribution,
    ...versions,
    beside: ({ beside }) => beside,
    least: ({ least }) => least,
    most: ({ most }) => most,
    'not beside': ({ otherBuilds }) => otherBuilds?.map((build) => `+${build}`).join(', ') ?? null,
    'imported by': ({ importedBy }) => importedBy?.join(', ') ?? null,
    'perhaps by': ({ perhaps }) => perhaps?.join(', ') ?? null,
    'not with': ({ unless, without }) => unless ?? without?.join(', ') ?? null,
  }),
  section('bitsandbytes that looks for the CUDA runtime, and not for that of torch', [byRuntime], {
    to: ({ to }) => to,
  }),
  section('CUDA of wheels of bitsandbytes (x86)', bitsandbytesWheels, {
    ...versions,
    CUDA: ({ cuda }) => cuda.join(', '),
  }),
  section('Versions of Transformers that an engine starts beside', transformersPairs, {
    distribution: ({ distribution }) => distribution,
    ...versions,
    least: ({ least }) => least,
    most: ({ most }) => most,
    'and not': ({ fails }) => fails?.join(' to ') ?? null,
    'for models of type': ({ models }) => models?.join(', ') ?? null,
    'quantized by': ({ methods }) => methods?.join(', ') ?? null,
    'alone with': ({ only }) => only?.join(', ') ?? null,
  }),
  section(
    'C++ ABI of wheels of torch (x86)',
    torchAbis.map((row) => ({ ...row, source: abiSource })),
    {
      ...versions,
      builds: ({ builds }) => builds?.map((build) => (build === '' ? 'none' : build)).join(', ') ?? null,
      ABI: ({ abi }) => abi,
    },
  ),
  section('Distributions that hold no CUDA as they are published', cpuWheels, {
    distribution: ({ of }) => of,
    ...versions,
    'for the architecture': ({ architecture }) => architecture ?? 'every one',
    'in its place': ({ fix }) => fix ?? null,
  }),
  section('Programs that import an attention library for every model', [attentionImport], {
    program: ({ program }) => program,
    ...versions,
    library: ({ distribution, least }) => `${distribution} from ${least} on`,
    'alone, or beside': ({ importedBy }) => importedBy.join(', '),
  }),
  section('Packages that an engine needs', neededPackages, {
    engine: ({ engine }) => engine,
    ...versions,
    'for models quantized by': ({ method }) => method ?? null,
    'one of': ({ oneOf }) => oneOf.join(', '),
    'alone with': ({ only }) => only?.join(', ') ?? null,
  }),
  section('Distributions that compare their versions', sameVersions, {
    distribution: ({ distribution }) => distribution,
    'must be': ({ kind }) => (kind === 'same' ? 'of the version of' : 'no newer than'),
    beside: ({ beside }) => beside,
    from: ({ from }) => from,
    'not with': ({ unless }) => (unless === undefined ? null : `${unless.name}=${unless.value}`),
  }),
  section(
    'Architectures of GGUF that Transformers reads, beside those of older versions',
    ggufReaders.map((row) => ({ ...row, source: ggufReadersSource })),
    { Transformers: ({ version }) => version, adds: ({ adds }) => adds.join(', ') },
  ),
  section('Quantization methods that an engine does not know', quantizationMethods, {
    engine: ({ engine }) => engine,
    method: ({ method }) => method,
    to: ({ to }) => to,
  }),
  section('Types of models by the first version that knows them', modelTypes, {
    distribution: ({ distribution }) => distribution,
    types: ({ types }) => types.join(', '),
    from: ({ from, lastWith }) => (lastWith === undefined ? from : null),
    'not in': ({ lastWithout }) => lastWithout ?? null,
    'up to': ({ lastWith }) => lastWith ?? null,
    'quantized by': ({ method }) => method ?? null,
    'with arguments': ({ words }) => words?.join(' ') ?? null,
    'and not': ({ unless }) => unless?.join(' ') ?? null,
  }),
  section('Engines that lie in an image as a library of another', libraryEngines, {
    engine: ({ engine }) => engine,
    of: ({ of }) => of,
    ...versions,
  }),
  section(
    'How engines divide a model over devices',
    modelSplits.map((row) => ({ ...row, source: row.heads })),
    {
      engine: ({ engine }) => engine,
      'devices of a layer': ({ tensorArguments }) => tensorArguments.map((name) => `\`${name}\``).join(', '),
      'divides something else': ({ otherArguments }) => otherArguments.map((name) => `\`${name}\``).join(', '),
    },
  ),
  section(
    'Programs that bring device code, or compile it themselves',
    [{ programs: [...codePrograms, `\`${codeProgramNames}\``].join(', '), source: codeSources.compiled }],
    { programs: ({ programs }) => programs },
  ),
];
