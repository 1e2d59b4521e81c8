import { kernelRules } from '../../tables/capabilities.ts';
import { cudaDrivers, ptxLimit } from '../../tables/cuda-drivers.ts';
import type { CudaAnswer } from '../cuda/cuda-and-kernels.ts';
import { leastDriver } from '../cuda/explain-cuda.ts';
import { found, fromLabelsOnly, notKnown, type Found } from '../finding.ts';
import { targetText } from './kernel-runs.ts';
import type { KernelAnswer } from './kernels.ts';
import type { LibraryGroup } from './library-groups.ts';
import { codeSources } from '../../tables/packages/code-programs.ts';
import { capabilityText, cudaNumber, cudaText, smText } from '../numbers.ts';
import type { UnitFacts } from '../unit-facts.ts';

/** What the libraries hold for the device: one finding, and a warning for each optional library without a kernel. */
export function explainKernels(
  kernels: KernelAnswer,
  answer: CudaAnswer,
  unit: UnitFacts,
  groups: number,
): readonly Found[] {
  return [kernelFinding(kernels, answer, unit, groups), ...optional(kernels, unit)];
}

function kernelFinding(kernels: KernelAnswer, answer: CudaAnswer, unit: UnitFacts, groups: number): Found {
  const { capability } = unit;
  if (kernels.answer === 'unknown' || capability === null) return unknownKernels(kernels, unit, groups);
  const device = `capability ${capabilityText(capability)}`;
  const facts = { computeCapability: capabilityText(capability), libraries: names(kernels.limiting) };
  if (kernels.origin !== undefined) return insteadFinding(kernels, answer, unit);
  if (kernels.answer === 'missing') {
    return found({
      rule: 'kernels',
      compatibility: 'incompatible',
      message: `no kernel for ${device} in ${names(kernels.limiting)}, which ${kernels.limiting.length === 1 ? 'holds' : 'hold'} ${held(kernels.limiting[0])}`,
      facts,
      source: kernelRules.binary,
      fix: `build with sm_${smText(capability)} kernels, or PTX for compute_${smText(capability)} or older`,
    });
  }
  if (kernels.jitCuda === null || answer.because === 'ptx') return ptxFinding(kernels, answer, unit);
  const compiled = kernels.jitCuda > 0;
  return found({
    rule: 'kernels',
    compatibility: 'native',
    message: compiled
      ? `${names(kernels.limiting)} has only PTX for ${device}, compiled when it is first loaded; the other libraries have kernels`
      : `all ${groups} libraries with device code have kernels for ${device}`,
    facts,
    source: compiled ? kernelRules.ptx : kernelRules.binary,
  });
}

/** Of an image that holds no device code. */
function insteadFinding({ origin, jitCuda }: KernelAnswer, answer: CudaAnswer, { driverText }: UnitFacts): Found {
  const toolkit = cudaText(jitCuda ?? 0);
  if (answer.compatibility === 'unknown' && answer.missing === 'image.ptxCuda') {
    return notKnown(
      'kernels-ptx',
      'image.ptxCuda',
      `the image holds no device code and a compiler of CUDA ${toolkit}, whose PTX driver ${driverText} refuses (error 222)`,
    );
  }
  return found({
    rule: 'kernels-none',
    compatibility: 'native',
    message:
      origin === 'nowhere'
        ? 'the image holds no device code, and nothing that compiles any: the driver alone decides'
        : `the image holds no device code: its compiler of CUDA ${toolkit} knows the device, and what it compiles was not judged`,
    facts: { 'image.libraries': 'none' },
    source: codeSources[origin === 'nowhere' ? 'none' : 'compiled'],
    warning: true,
  });
}

function ptxFinding(
  kernels: KernelAnswer,
  answer: CudaAnswer,
  { capability, driverCuda, driverText }: UnitFacts,
): Found {
  const device = `capability ${capabilityText(capability ?? 0)}`;
  const limiting = names(kernels.limiting);
  if (kernels.jitCuda === null) {
    return notKnown(
      'kernels-ptx',
      'image.ptxCuda',
      `${limiting} has only PTX for ${device}, and a driver refuses PTX of a newer toolkit (error 222)`,
    );
  }
  const row = cudaDrivers.find(({ cuda }) => cudaNumber(cuda) === kernels.jitCuda) ?? null;
  return found({
    rule: 'kernels-ptx',
    compatibility: answer.because === 'ptx' ? 'incompatible' : 'native',
    message: `${limiting} has only PTX of CUDA ${cudaText(kernels.jitCuda)} for ${device}, and driver ${driverText} compiles PTX up to CUDA ${cudaText(driverCuda ?? 0)} (error 222)`,
    facts: { ptxCuda: cudaText(kernels.jitCuda), driverCuda: driverCuda === null ? null : cudaText(driverCuda) },
    source: ptxLimit,
    fix: `${leastDriver({ row, cuda: kernels.jitCuda })}, or build with sm_${smText(capability ?? 0)} kernels`,
  });
}

function unknownKernels({ missing, limiting }: KernelAnswer, unit: UnitFacts, groups: number): Found {
  const fact = missing ?? 'computeCapability';
  if (fact === 'computeCapability') return notKnown('kernels', fact, unit.fromLabels ? fromLabelsOnly : undefined);
  if (groups === 0)
    return notKnown(
      'kernels',
      fact,
      'a CUDA runtime is in the image and no library with device code: what its programs load or compile while they run cannot be told',
    );
  return notKnown(
    'kernels',
    fact,
    limiting.length === 0
      ? 'not every library could be read'
      : `${names(limiting)} could not be read whole, and what was read has nothing for the device`,
  );
}

function optional({ without }: KernelAnswer, { capability }: UnitFacts): readonly Found[] {
  return without.map((group) =>
    found({
      rule: 'kernels-optional',
      compatibility: 'native',
      message: `${group.name} has no kernel for capability ${capabilityText(capability ?? 0)}: ${group.role?.reason ?? ''}`,
      facts: { libraries: group.name },
      source: group.role?.source ?? kernelRules.binary,
      warning: true,
    }),
  );
}

const most = 3;
function names(groups: readonly LibraryGroup[]): string {
  const shown = groups.slice(0, most).map(({ name }) => name);
  const rest = groups.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

/** `sm_80 sm_90a and no PTX`. */
function held(group: LibraryGroup | undefined): string {
  const libraries = group?.libraries ?? [];
  const cubins = libraries.flatMap((library) => library.cubins.map((target) => targetText('sm', target)));
  const ptx = libraries.flatMap((library) => library.ptx.map((target) => targetText('compute', target)));
  const list = (all: readonly string[]): string => [...new Set(all)].join(' ');
  return `${cubins.length === 0 ? 'no machine code' : list(cubins)} and ${ptx.length === 0 ? 'no PTX' : list(ptx)}`;
}
