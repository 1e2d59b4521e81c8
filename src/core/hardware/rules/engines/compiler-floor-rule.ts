import { compilerKind } from '../../../image/compilers.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import { compiledWheel, compilerFloors, type CompilerFloor } from '../../tables/engines/compiler-floors.ts';
import type { DeviceRule } from '../device-rules.ts';
import { valueOf, type Arguments } from '../arguments/arguments.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { capabilityNumber, capabilityText, cudaNumber, cudaText, versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

/**
 * Whether nvcc of the image builds for a device what its engine compiles while it starts. Null where no row speaks of the engine, nobody
 * looked for compilers, an argument chooses another library, or the image holds no nvcc: `run-time-compiler` speaks of that.
 *
 * | nvcc | device | answer |
 * |---|---|---|
 * | of the toolkit of the row, or newer | any | native |
 * | older | below the capability of the row | native |
 * | older | from it on | incompatible |
 * | of a version that neither its path tells nor the CUDA beside it | from it on | unknown |
 * | older, or not told | not known | unknown |
 */
export function compilerFloorRule({ image, args = [] }: ServiceDemands): DeviceRule | null {
  if (image === null) return null;
  const row = compilerFloors.find((each) => isCalled(each, image) && isChosen(each, args));
  const compilers = (image.compilers ?? []).filter((path) => compilerKind(path) === 'cuda');
  if (row === undefined || compilers.length === 0) return null;
  const newest = toolkitOfCompilers(compilers, image);
  if (newest !== null && newest >= (cudaNumber(row.cuda) ?? 0)) return null;
  const least = capabilityNumber(row.capability) ?? 0;
  return {
    facet: 'capability',
    decide: ({ capability }) => {
      if (capability === null) return 'unknown';
      if (capability < least) return 'native';
      return newest === null ? 'unknown' : 'incompatible';
    },
    explain: ({ capability, fromLabels }, decided) => {
      if (capability === null)
        return notKnown('compiler-floor', 'computeCapability', fromLabels ? fromLabelsOnly : undefined);
      const nvcc = newest === null ? 'nvcc of an unknown version' : `nvcc of CUDA ${cudaText(newest)}`;
      return found({
        rule: 'compiler-floor',
        compatibility: decided,
        message: `${row.library} compiles for capability ${row.capability} and later by CUDA ${row.cuda} or newer; the image holds ${nvcc}, and the device is ${capabilityText(capability)}`,
        facts: { compilers: compilers.join(' '), computeCapability: capabilityText(capability) },
        source: row.source,
        fix: decided === 'native' ? undefined : `nvcc of CUDA ${row.cuda} in the image, or ${row.unless}`,
      });
    },
  };
}

function isCalled(row: CompilerFloor, image: ImageFacts): boolean {
  const version = versionOf(distribution(image, [row.engine]));
  const library = distribution(image, [row.library]);
  return (
    version !== null &&
    rowOf([row], version) !== null &&
    library !== null &&
    !isCompiled.test(library) &&
    distribution(image, [row.unless]) === null
  );
}

const isCompiled = new RegExp(compiledWheel);

const isChosen = ({ chosenBy }: CompilerFloor, args: Arguments): boolean =>
  chosenBy === undefined || (valueOf(args, [chosenBy.argument]) ?? chosenBy.value) === chosenBy.value;

/** 12,008 of `usr/local/cuda-12.8/bin/nvcc`, and of a folder without a version where the CUDA of the image lies in it; else null. */
function toolkitOfCompiler(path: string, { cuda }: ImageFacts): number | null {
  const told = cudaNumber(/(?:^|\/)cuda-(\d+\.\d+)\//.exec(path)?.[1]);
  if (told !== null || cuda === null) return told;
  const folder = path.replace(/bin\/[^/]+$/, '');
  const isBeside = cuda.from.startsWith(folder) && besideBin.test(cuda.from.slice(folder.length));
  return isBeside ? cudaNumber(cuda.version) : null;
}

const besideBin = /^(?:lib|lib64|targets)\//;

/** The newest of them; null where one is not known. */
function toolkitOfCompilers(paths: readonly string[], image: ImageFacts): number | null {
  const versions = paths.map((path) => toolkitOfCompiler(path, image));
  return versions.reduce<number | null>(
    (newest, one) => (newest === null || one === null ? null : Math.max(newest, one)),
    0,
  );
}
