import type { DeviceLibrary, ImageFacts, TorchAbi } from '../../../image/image-facts.ts';
import { abiSource, torchAbis } from '../../tables/packages/torch-builds.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, type Found } from '../finding.ts';
import { groupLibraries } from '../kernels/library-groups.ts';
import { distribution } from '../service-facts.ts';
import { publishedOf } from './package-pair-finding.ts';

const ofTorch = (path: string): boolean => /(?:^|\/)torch\/lib\/[^/]+$/.test(path);

/** ABI of torch itself: of its libraries where that was read, else as its wheel was published; null where neither tells it. */
function abiOfTorch(image: ImageFacts): TorchAbi | null {
  const read = image.libraries.find(({ path, torchAbi }) => torchAbi !== undefined && ofTorch(path))?.torchAbi;
  if (read !== undefined) return read;
  const version = publishedOf(image, 'torch');
  if (version === null || image.platform.architecture !== 'amd64') return null;
  const build = distribution(image, ['torch'])?.split('+')[1] ?? '';
  const rows = torchAbis.filter(({ builds }) => builds === undefined || builds.includes(build));
  return rowOf(rows, version)?.abi ?? null;
}

/** Libraries that the program needs, and that say what they were built for; those of features that it does without are left out. */
const builtForTorch = (image: ImageFacts): readonly DeviceLibrary[] =>
  groupLibraries(image)
    .filter(({ role }) => role?.role !== 'optional')
    .flatMap(({ libraries }) => libraries)
    .filter(({ path, torchAbi }) => torchAbi !== undefined && !ofTorch(path));

/**
 * Whether libraries that call torch were built for the C++ ABI of torch.
 *
 * | ABI of the library | ABI of torch | answer |
 * |---|---|---|
 * | read | the same | null |
 * | read | the other | incompatible: undefined symbols |
 * | not read | any | null |
 * | read | neither read nor published | null |
 */
export function torchAbiFinding(image: ImageFacts): Found | null {
  const own = abiOfTorch(image);
  const library = builtForTorch(image).find(({ torchAbi }) => torchAbi !== own);
  if (own === null || library === undefined) return null;
  const text = distribution(image, ['torch']);
  return found({
    rule: 'torch-abi',
    compatibility: 'incompatible',
    message: `${library.path} is built for the ${nameOf[library.torchAbi ?? own]} C++ ABI, and torch ${text ?? ''} for the ${nameOf[own]} one: its symbols are not found`,
    facts: { torch: text, torchAbi: own, library: library.path },
    source: abiSource,
    fix: `${library.path} built for torch ${text ?? 'of the image'}, or torch of the other ABI`,
  });
}

const nameOf: Readonly<Record<TorchAbi, string>> = { old: 'old', cxx11: 'new' };
