import type { ImageFacts, TorchAbi } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { abiLabel, abiSource, attentionImport, torchAbis } from '../../tables/packages/torch-builds.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, type Found } from '../finding.ts';
import { groupLibraries } from '../kernels/library-groups.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { isOnlyProgram } from './only-program.ts';
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

/** Whether a program imports flash-attn beside every model, so that it must load. */
function importsAttention(image: ImageFacts): boolean {
  const { program, distribution: name, least, only, importedBy } = attentionImport;
  const own = versionOf(distribution(image, [program]));
  const attention = versionOf(distribution(image, [name]));
  if (own === null || rowOf([attentionImport], own) === null) return false;
  if (attention !== null && compareVersions(attention, versionOf(least) ?? []) < 0) return false;
  return distribution(image, importedBy) !== null || isOnlyProgram(image, only);
}

/** What was built for a torch of some ABI, and must load. */
interface Built {
  readonly of: string;
  readonly abi: TorchAbi;
}

const attentionLibrary = new RegExp(attentionImport.library);

/** Libraries that the program needs, and that say what they were built for; those of features that it does without are left out. */
function builtLibraries(image: ImageFacts): readonly Built[] {
  const imports = importsAttention(image);
  return groupLibraries(image)
    .filter(({ role, name }) => role?.role !== 'optional' || (imports && attentionLibrary.test(`/${name}`)))
    .flatMap(({ libraries }) => libraries)
    .filter(({ path }) => !ofTorch(path))
    .flatMap(({ path, torchAbi }) => (torchAbi === undefined ? [] : [{ of: path, abi: torchAbi }]));
}

const label = new RegExp(abiLabel, 'i');

/** The same of wheels whose version says it. */
function labelledWheels(image: ImageFacts): readonly Built[] {
  return image.python
    .filter(({ name }) => name !== attentionImport.distribution || importsAttention(image))
    .flatMap(({ name, version }): readonly Built[] => {
      const says = label.exec(version)?.[1]?.toLowerCase();
      return says === undefined ? [] : [{ of: `${name} ${version}`, abi: says === 'true' ? 'cxx11' : 'old' }];
    });
}

/**
 * Whether libraries that call torch were built for the C++ ABI of torch.
 *
 * | ABI of the library | ABI of torch | answer |
 * |---|---|---|
 * | read, or said by the version of its wheel | the same | null |
 * | read, or said by the version of its wheel | the other | incompatible: undefined symbols |
 * | not read | any | null |
 * | read | neither read nor published | null |
 *
 * A library that the program does without counts where it is imported all the same.
 */
export function torchAbiFinding(image: ImageFacts): Found | null {
  const own = abiOfTorch(image);
  const built = [...builtLibraries(image), ...labelledWheels(image)].find(({ abi }) => abi !== own);
  if (own === null || built === undefined) return null;
  const text = distribution(image, ['torch']);
  return found({
    rule: 'torch-abi',
    compatibility: 'incompatible',
    message: `${built.of} is built for the ${nameOf[built.abi]} C++ ABI, and torch ${text ?? ''} for the ${nameOf[own]} one: its symbols are not found`,
    facts: { torch: text, torchAbi: own, library: built.of },
    source: abiSource,
    fix: `${built.of} built for torch ${text ?? 'of the image'}, or torch of the other ABI`,
  });
}

const nameOf: Readonly<Record<TorchAbi, string>> = { old: 'old', cxx11: 'new' };
