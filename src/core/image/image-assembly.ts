import type { Digest } from '../units/digest.ts';
import { compareVersions } from '../units/quantity/quantity-version-range.ts';
import { readVersion } from '../units/version.ts';
import { compilersOf } from './compilers.ts';
import { listDriverFiles } from './driver-files.ts';
import { findComponents } from './image-components.ts';
import type { CompatPackage, DeviceLibrary, ImageFacts, LibraryInstructions, VersionFound } from './image-facts.ts';
import type { LayerLibrary, OverlaidLayer } from './image-layer.ts';
import { overlayLayers } from './image-overlay.ts';
import { pythonOf } from './image-python.ts';
import { listCopies } from './library-copies.ts';
import { loaderFoldersOf } from './loader-folders.ts';
import { hardwareLabels, hardwareVariables } from './image-variables.ts';

export interface ImageParts {
  readonly digest: Digest;
  readonly platform: ImageFacts['platform'];
  /** `NAME=VALUE` lines of the image's configuration. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Lowest first. */
  readonly layers: readonly OverlaidLayer[];
}

/** Reasons that are written out; a broken image may have thousands. */
const reasonsAtMost = 50;

/** Puts what was read of configuration and layers together. */
export function assembleImageFacts({ digest, platform, env, labels, layers }: ImageParts): ImageFacts {
  const variables = hardwareVariables(env);
  const chosenLabels = hardwareLabels(labels);
  const files = overlayLayers(layers);
  const python = pythonOf(files.python.values());
  const components = findComponents(files.libraries, python);
  const libraries = deviceLibrariesOf(files.libraries);
  const cuda = cudaOf(components, variables.kept);
  const compat = compatOf(files.libraries);
  const searchPaths = loaderFoldersOf(layers);
  const compilers = compilersOf(layers);
  return {
    digest,
    platform,
    env: variables.kept,
    labels: chosenLabels.kept,
    cuda,
    components,
    python,
    compat,
    libraries,
    ...(searchPaths === undefined ? {} : { searchPaths }),
    ...ownVersion(files.libraries, 'glibc'),
    ...ownVersion(files.libraries, 'glibcxx'),
    copies: listCopies(files, python),
    instructions: instructionsOf(files.libraries),
    ...(compilers === undefined ? {} : { compilers }),
    ...(platform.architecture === 'arm64' ? { pageSizes: pageSizesOf(files.libraries) } : {}),
    execStack: execStackOf(files.libraries),
    driverFiles: listDriverFiles(files),
    cpuLevel: cpuLevelOf(files.libraries),
    unknown: {
      ...variables.unknown,
      ...chosenLabels.unknown,
      ...cudaUnknown(cuda, libraries),
      ...compatUnknown(compat, files.libraries),
      ...Object.assign({}, ...layers.map(({ facts }) => facts.unknown)),
      ...unreadLibraries(files.libraries),
    },
  };
}

/** Of the C or the C++ library of the image; of several the newest, because a program may bring its own. */
function ownVersion(
  libraries: ReadonlyMap<string, LayerLibrary>,
  name: 'glibc' | 'glibcxx',
): Pick<ImageFacts, 'glibc' | 'glibcxx'> {
  const versions = [...libraries.values()].flatMap(({ versions: told }) => told[name] ?? []);
  const [newest] = versions.sort((a, b) => compareVersions(readVersion(b) ?? [], readVersion(a) ?? []));
  return newest === undefined ? {} : { [name]: newest };
}

/** Libraries that are listed; an image with more of them holds something else than one engine. */
const mostInstructions = 200;

const instructionsOf = (libraries: ReadonlyMap<string, LayerLibrary>): readonly LibraryInstructions[] =>
  [...libraries]
    .flatMap(([path, { instructions }]) => (instructions === undefined ? [] : [{ ...instructions, path }]))
    .sort((one, other) => (one.path < other.path ? -1 : 1))
    .slice(0, mostInstructions);

const mostStacks = 200;
/** What a program of Python opens; other files may never be loaded. */
const ofPython = /(?:^|\/)(?:site|dist)-packages\//;

/** Libraries with device code, or of Python, that ask for an executable stack. */
const execStackOf = (libraries: ReadonlyMap<string, LayerLibrary>): readonly string[] =>
  [...libraries]
    .flatMap(([path, { execStack, device }]) =>
      execStack === true && (device !== null || ofPython.test(path)) ? [path] : [],
    )
    .sort()
    .slice(0, mostStacks);

const mostPageSizes = 200;

/** Libraries that do not load with every page, those with the smallest first. */
const pageSizesOf = (libraries: ReadonlyMap<string, LayerLibrary>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...libraries]
      .flatMap(([path, { pageSize }]) => (pageSize === undefined ? [] : [[path, pageSize] as const]))
      .sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1))
      .slice(0, mostPageSizes),
  );

function deviceLibrariesOf(libraries: ReadonlyMap<string, LayerLibrary>): readonly DeviceLibrary[] {
  return [...libraries]
    .flatMap(([path, { device }]) => (device === null ? [] : [{ ...device, path }]))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The library itself, before the variable that says what was meant to be installed. */
function cudaOf(
  components: Readonly<Record<string, VersionFound>>,
  env: Readonly<Record<string, string>>,
): VersionFound | null {
  const version = env['CUDA_VERSION']?.trim();
  const stated = version === undefined || readVersion(version) === null ? null : { version, from: 'CUDA_VERSION' };
  return components['cudart'] ?? stated;
}

function cudaUnknown(cuda: VersionFound | null, libraries: readonly DeviceLibrary[]): Readonly<Record<string, string>> {
  if (cuda !== null || libraries.length === 0) return {};
  return {
    cuda: 'no libcudart is inside; libraries with device code may carry a runtime linked into them, which is not seen',
  };
}

const compatPattern = /(?:^|\/)(?:cuda-)?compat\/(?:.*\/)?libcuda\.so\.(\d+(?:\.\d+){1,2})$/;

/** Of several the newest: it is what the newest CUDA of the image brought. */
function compatOf(libraries: ReadonlyMap<string, LayerLibrary>): CompatPackage | null {
  const found = [...libraries].flatMap(([path, { compatNote }]) => {
    const version = compatPattern.exec(path)?.[1];
    return version === undefined ? [] : [{ version, path, note: compatNote }];
  });
  return found.sort((a, b) => compareVersions(readVersion(b.version) ?? [], readVersion(a.version) ?? []))[0] ?? null;
}

/** Whether a file of this path belongs to the `cuda-compat` package. */
export const isCompatLibrary = (path: string): boolean => compatPattern.test(path);

function compatUnknown(
  compat: CompatPackage | null,
  libraries: ReadonlyMap<string, LayerLibrary>,
): Readonly<Record<string, string>> {
  if (compat === null || compat.note !== null) return {};
  const reason = libraries.get(compat.path)?.unknown['compatNote'];
  return { 'compat.note': reason ?? 'its libcuda.so has no section .note.cuda.fwd_compatibility' };
}

function cpuLevelOf(libraries: ReadonlyMap<string, LayerLibrary>): ImageFacts['cpuLevel'] {
  let highest: { readonly level: string; readonly path: string } | null = null;
  for (const [path, { cpuLevel: level }] of libraries) {
    if (level !== null && (highest === null || level > highest.level)) highest = { level, path };
  }
  return highest;
}

function unreadLibraries(libraries: ReadonlyMap<string, LayerLibrary>): Readonly<Record<string, string>> {
  const reasons = [...libraries].flatMap(([path, { unknown }]) => {
    const [reason] = Object.entries(unknown).map(([field, why]) => `${field}: ${why}`);
    return reason === undefined ? [] : [[`libraries ${path}`.slice(0, 500), reason] as const];
  });
  const left = reasons.length - reasonsAtMost;
  const more = left > 0 ? [['libraries', `${left} more files could not be read whole`] as const] : [];
  return Object.fromEntries([...reasons.slice(0, reasonsAtMost), ...more]);
}
