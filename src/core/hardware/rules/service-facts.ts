import type { HardwareSection } from '../../contract/contract.ts';
import type { ServiceDemands } from '../compatibility.ts';
import type { CompatPackage, ImageFacts } from '../../image/image-facts.ts';
import { isOptional, programsOf } from './kernels/library-groups.ts';
import { cudaNameOf, cudaNumber, majorOf } from './numbers.ts';

/** The CUDA toolkit that a service needs: the newest of those that its image brings along. */
export interface Toolkit {
  /** See `cudaNumber`. */
  readonly cuda: number;
  readonly text: string;
  /** Where it was read: a path, a variable, or `torch 2.9.0+cu130`. */
  readonly from: string;
}

/**
 * An image may hold several: that of its base image, and that of a wheel which brings its own. The process loads the
 * newest of them at the latest when that wheel is imported, so that the newest decides.
 */
export function toolkitOf(image: ImageFacts): Toolkit | null {
  const candidates: Toolkit[] = [];
  const add = (text: string, from: string): void => {
    const cuda = cudaNumber(text);
    if (cuda !== null) candidates.push({ cuda, text, from });
  };
  if (image.cuda !== null) add(image.cuda.version, image.cuda.from);
  for (const { name, version } of image.python) {
    if (/^nvidia-cuda-runtime(?:-cu\d+)?$/.test(name)) add(version, `${name} ${version}`);
    const variant = name === 'torch' ? torchVariant(version) : null;
    if (variant !== null) add(variant, `torch ${version}`);
  }
  return candidates.reduce<Toolkit | null>((best, one) => (best === null || one.cuda > best.cuda ? one : best), null);
}

/** `2.9.0+cu130` is built with CUDA 13.0, `2.4.0+cu118` with 11.8; null for a build that does not say. */
export function torchVariant(version: string): string | null {
  const match = /\+cu(\d{2})(\d)$/.exec(version);
  return match === null ? null : `${match[1]}.${match[2]}`;
}

/** Version of a Python distribution by any of its names; null when it is not in the image. */
export function distribution(image: ImageFacts, names: readonly string[]): string | null {
  return image.python.find(({ name }) => names.includes(name))?.version ?? null;
}

/**
 * Whether a build for a CUDA loads beside the toolkit of an image (`12` and `10.1`, see `cudaNameOf`). Before CUDA 11 torch brings a runtime of
 * its own, of another minor version than the system has: the newest of the two does not tell which one the build finds.
 */
export function isCudaOf(name: string, { cuda }: Toolkit, image: ImageFacts): boolean {
  const own = cudaNameOf(cuda);
  if (name === own) return true;
  return own.includes('.') && name.startsWith(`${majorOf(cuda)}.`) && distribution(image, ['torch']) !== null;
}

/** Fields of an image that rules draw on. */
export type ImageField = 'cuda' | 'components' | 'python' | 'compat' | 'libraries' | 'cpuLevel';

/** What could not be read of one file, as the inspector names it, and the fields of the image that this leaves open. */
const fieldsOfFile: Readonly<Record<string, readonly ImageField[]>> = {
  device: ['libraries'],
  versions: ['cuda', 'components'],
  compatNote: ['compat'],
  cpuLevel: ['cpuLevel'],
};
const everyField = Object.values(fieldsOfFile).flat();

/**
 * Why a field of the image may be incomplete; null where it was read whole. The inspector names a field itself, a whole
 * layer (`layer`, `paths`), or one file (`libraries PATH` with `device: reason`). A file that is listed says so itself.
 */
export function unreadReason(image: ImageFacts, field: ImageField): string | null {
  const { unknown } = image;
  const whole = unknown[field] ?? unknown['layer'] ?? unknown['paths'];
  if (whole !== undefined) return whole;
  for (const [key, reason] of Object.entries(unknown)) {
    if (!key.startsWith('libraries ')) continue;
    const path = key.slice('libraries '.length);
    const fields = fieldsOfFile[reason.split(':')[0] ?? ''] ?? everyField;
    if (!fields.includes(field)) continue;
    const isListed = image.libraries.some((library) => library.path === path);
    if (field === 'libraries' && (isListed || isOptional(path, programsOf(image)))) continue;
    if (field === 'compat' && image.compat?.path !== path) continue;
    return `${path}: ${reason}`;
  }
  return null;
}

export const readWhole = (image: ImageFacts, field: ImageField): boolean => unreadReason(image, field) === null;

/** The `cuda-compat` of an image, and the newest CUDA runtime in it. */
type CompatImage = Pick<ImageFacts, 'compat' | 'cuda'>;

/**
 * Whether the image itself puts the folder of its `cuda-compat` before the driver's library: by LD_LIBRARY_PATH, or by a file
 * of `etc/ld.so.conf.d`. Null where these files were not read and the variable does not name it, unless only its entrypoint does.
 * `/usr/local/cuda` is a link to the folder with the version in its name.
 */
export function loadsCompat({
  env,
  compat,
  searchPaths,
}: Pick<ImageFacts, 'env' | 'compat' | 'searchPaths'>): boolean | null {
  const own = compat === null ? standardCompat : plainFolder(folderOf(compat.path));
  const names = (folders: readonly string[]): boolean => folders.map(plainFolder).includes(own);
  if (names((env['LD_LIBRARY_PATH'] ?? '').split(':'))) return true;
  const isOpen = compat !== null && !isOfEntrypoint(compat) && searchPaths === undefined;
  return isOpen ? null : names(searchPaths ?? []);
}

const standardCompat = 'usr/local/cuda/compat';
const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');

/**
 * Whether the package lies where the container runtime looks for it. `/usr/local/cuda` leads to the folder of the toolkit: a package of a
 * newer CUDA than that was installed beside it, in a folder of its own. A runtime of a wheel, or of a build, is not that of the folder.
 */
export function isInStandardFolder({ compat, cuda }: CompatImage): boolean {
  if (compat === null || plainFolder(folderOf(compat.path)) !== standardCompat) return false;
  const own = cudaNumber(/\/cuda-(\d+\.\d+)\//.exec(`/${compat.path}`)?.[1]);
  const ofSystem = cuda !== null && !/(?:site|dist)-packages\/|\/ollama\//.test(cuda.from);
  return own === null || own <= ((ofSystem ? cudaNumber(cuda.version) : null) ?? Infinity);
}

/** Images of NVIDIA keep the package in a folder that nothing names. What starts in them puts it first where CUDA starts with it. */
const isOfEntrypoint = ({ path }: CompatPackage): boolean =>
  plainFolder(folderOf(path)) === `${standardCompat}/lib.real`;

const plainFolder = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => part.replace(/^cuda-\d+(?:\.\d+)?$/, 'cuda'))
    .join('/');

/** Nothing in it can use an accelerator: no CUDA runtime, no device code, and both were looked for everywhere. */
export const isCpuOnly = (image: ImageFacts): boolean =>
  toolkitOf(image) === null &&
  image.libraries.length === 0 &&
  (['cuda', 'libraries', 'python'] as const).every((field) => readWhole(image, field));

export type Demands = Pick<ServiceDemands, 'image' | 'model' | 'runtime'> & { readonly hardware: HardwareSection };
