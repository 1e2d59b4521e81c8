import { compareVersions } from '../units/quantity/quantity-version-range.ts';
import { readVersion } from '../units/version.ts';
import type { PythonDistribution, VersionFound } from './image-facts.ts';
import type { LayerLibrary } from './image-layer.ts';
import { nameOf } from './image-path.ts';

interface Component {
  readonly component: string;
  /** File name up to `.so`. */
  readonly library: string;
  /** Python distribution that carries it, without `-cu12`. */
  readonly distribution?: string;
}

/**
 * Names of files and of PyPI distributions, as NVIDIA's packages have them (CUDA 11 to 13 images on Docker Hub and wheels on
 * PyPI, 2026-11).
 */
const components: readonly Component[] = [
  { component: 'cudart', library: 'libcudart', distribution: 'nvidia-cuda-runtime' },
  { component: 'cudnn', library: 'libcudnn', distribution: 'nvidia-cudnn' },
  { component: 'nccl', library: 'libnccl', distribution: 'nvidia-nccl' },
  { component: 'tensorrt', library: 'libnvinfer', distribution: 'tensorrt-libs' },
  { component: 'cublas', library: 'libcublas', distribution: 'nvidia-cublas' },
  { component: 'cublaslt', library: 'libcublasLt', distribution: 'nvidia-cublas' },
  { component: 'cufft', library: 'libcufft', distribution: 'nvidia-cufft' },
  { component: 'curand', library: 'libcurand', distribution: 'nvidia-curand' },
  { component: 'cusolver', library: 'libcusolver', distribution: 'nvidia-cusolver' },
  { component: 'cusparse', library: 'libcusparse', distribution: 'nvidia-cusparse' },
  { component: 'cusparselt', library: 'libcusparseLt', distribution: 'nvidia-cusparselt' },
  { component: 'cutensor', library: 'libcutensor', distribution: 'cutensor' },
  { component: 'nvrtc', library: 'libnvrtc', distribution: 'nvidia-cuda-nvrtc' },
  { component: 'nvjitlink', library: 'libnvJitLink', distribution: 'nvidia-nvjitlink' },
  { component: 'nvshmem', library: 'libnvshmem_host', distribution: 'nvidia-nvshmem' },
  { component: 'onnxruntime', library: 'libonnxruntime' },
];
const byLibrary = new Map(components.map((each) => [each.library, each]));

/** `usr/lib/libcudnn.so.9.1.0` is cudnn 9.1.0; a file without a number in its name (`libcudart.so`) has no version. */
export function componentOfFile(path: string): { readonly component: string; readonly version: string | null } | null {
  const match = /^(lib\w+)\.so(?:\.(\d+(?:\.\d+){0,4}))?$/.exec(nameOf(path));
  const known = match === null ? undefined : byLibrary.get(match[1] ?? '');
  return known === undefined ? null : { component: known.component, version: match?.[2] ?? null };
}

/**
 * The version of each component. A library tells the most of itself; else the name of its file; and where that has only the
 * major number, as in wheels, the wheel beside it. Of several in one image the newest counts: what it needs of a driver
 * is enough for the others.
 */
export function findComponents(
  libraries: ReadonlyMap<string, LayerLibrary>,
  python: readonly PythonDistribution[],
): Readonly<Record<string, VersionFound>> {
  const found: Record<string, VersionFound> = {};
  for (const [path, library] of libraries) {
    for (const [component, candidate] of candidatesOf(path, library, python)) {
      const best = Object.hasOwn(found, component) ? found[component] : undefined;
      if (best === undefined || isNewer(candidate.version, best.version)) found[component] = candidate;
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Version of one file of a component, as `findComponents` reads it; null where nothing tells it. */
export function versionOfFile(
  path: string,
  library: Pick<LayerLibrary, 'versions'>,
  python: readonly PythonDistribution[],
): string | null {
  const component = componentOfFile(path)?.component;
  return candidatesOf(path, library, python).find(([name]) => name === component)?.[1].version ?? null;
}

function candidatesOf(
  path: string,
  library: Pick<LayerLibrary, 'versions'>,
  python: readonly PythonDistribution[],
): readonly (readonly [string, VersionFound])[] {
  const named = componentOfFile(path);
  const names = new Set([...Object.keys(library.versions), ...(named === null ? [] : [named.component])]);
  return [...names].flatMap((component) => {
    const byName = named?.component === component ? named.version : null;
    const version = mostExact(library.versions[component] ?? null, byName);
    return version === null ? [] : [[component, throughWheel(component, { version, from: path }, python)] as const];
  });
}

function mostExact(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return places(b) > places(a) ? b : a;
}

/** `libcudart.so.12` of the wheel nvidia-cuda-runtime-cu12 12.4.127 is 12.4.127. */
function throughWheel(component: string, found: VersionFound, python: readonly PythonDistribution[]): VersionFound {
  const carrier = components.find((each) => each.component === component)?.distribution;
  if (carrier === undefined || !/(^|\/)(site|dist)-packages\//.test(found.from)) return found;
  const wheel = python.find(
    ({ name, version }) => name.replace(/-cu\d+$/, '') === carrier && version.startsWith(`${found.version}.`),
  );
  return wheel === undefined ? found : { version: wheel.version, from: found.from };
}

function isNewer(a: string, b: string): boolean {
  const order = compareVersions(readVersion(a) ?? [], readVersion(b) ?? []);
  return order > 0 || (order === 0 && places(a) > places(b));
}

const places = (version: string): number => version.split('.').length;
