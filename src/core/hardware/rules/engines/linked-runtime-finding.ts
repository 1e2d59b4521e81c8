import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import {
  labelledRuntimes,
  linkedRuntimes,
  wheelFolders,
  wheelFolderSource,
  type LabelledRuntime,
  type LinkedRuntime,
} from '../../tables/engines/linked-runtimes.ts';
import { nameOf as fileName } from '../../../image/image-path.ts';
import { wheelPath } from '../../tables/loading/loaded-copies.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { cudaNumber, majorOf, versionOf } from '../numbers.ts';
import { isOnlyProgram } from '../packages/only-program.ts';
import { publishedOf } from '../packages/package-pair-finding.ts';
import { distribution, readWhole, toolkitOf, type Toolkit } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

const rule = 'linked-runtime';

interface Cudnn {
  readonly version: string;
  /** Path where it was read; null where only its distribution is known. */
  readonly from: string | null;
}

/** The cuDNN that the runtime takes: of a wheel where it finds those itself, else of a library, else of a wheel. */
function cudnnOf(image: ImageFacts, { findsWheels }: Row): Cudnn | null {
  const component = image.components['cudnn'];
  const version = distribution(image, ['nvidia-cudnn-cu11', 'nvidia-cudnn-cu12', 'nvidia-cudnn-cu13']);
  const wheel = version === null ? null : { version, from: null };
  return findsWheels === true ? (wheel ?? component ?? null) : (component ?? wheel);
}

const isOfRow = ({ cudaMajor, cudaMinor }: LinkedRuntime, cuda: number): boolean =>
  majorOf(cuda) === cudaMajor && (cudaMinor === undefined || cudaNumber(`${cudaMajor}.${cudaMinor}`) === cuda);

/** Whether a cuDNN is of the major of the row, and not older than the one that it was compiled with. */
function cudnnFits({ cudnnMajor, cudnnLeast }: Row, cudnn: Cudnn): boolean {
  const version = versionOf(cudnn.version);
  if (version?.[0] !== cudnnMajor) return false;
  return cudnnLeast === undefined || compareVersions(version, versionOf(cudnnLeast) ?? []) >= 0;
}

/**
 * What a runtime that opens CUDA and cuDNN by name finds in the image. Null where the image holds no runtime of the table.
 *
 * | CUDA | cuDNN of a model that needs it | answer |
 * |---|---|---|
 * | of another major, or another minor where its names hold that, and no wheel of cuBLAS of its own | any | incompatible |
 * | of its major | none, of another major, or older than the one that it was compiled with | incompatible |
 * | of its major | not read | unknown |
 * | of its major | of its major, in the folder of a wheel that nothing names | incompatible |
 * | of its major | of its major, in such a folder, and the search paths were not read | unknown |
 * | of its major in the folder of such a wheel alone | any | as for cuDNN |
 * | of its major | of its major, elsewhere, or torch opens it first | native |
 */
export function linkedRuntimeFinding(image: ImageFacts): Found | null {
  const row = rowIn(image) ?? labelledIn(image);
  if (row === null) return null;
  const toolkit = toolkitOf(image);
  const wheel = distribution(image, [`nvidia-cublas-cu${row.cudaMajor}`]);
  if (toolkit === null && wheel === null) return notKnown(rule, 'image.cuda', `${nameOf(row)} is in the image`);
  const cudaFits = wheel !== null || (toolkit !== null && isOfRow(row, toolkit.cuda));
  const unfound = wheel === null || row.findsWheels === true ? null : cublasFound(image, row, { wheel, toolkit });
  if (unfound !== null) return unfound;
  const needsCudnn = row.cudnnFor.some((name) => distribution(image, [name]) !== null);
  if (!cudaFits || !needsCudnn) return judged(row, cudaFits, `CUDA ${toolkit?.text ?? wheel ?? ''}`);
  const cudnn = cudnnOf(image, row);
  if (cudnn === null && !readWhole(image, 'components'))
    return notKnown(rule, 'image.components', 'cuDNN was not found');
  if (cudnn === null) return judged(row, false, 'no cuDNN');
  if (!cudnnFits(row, cudnn)) return judged(row, false, `cuDNN ${cudnn.version}`);
  return (row.findsWheels === true ? null : cudnnFound(image, cudnn)) ?? judged(row, true, `cuDNN ${cudnn.version}`);
}

type Row = LinkedRuntime & { readonly text: string };

/** Conda builds a program for its own CUDA, which these distributions are. */
const ofConda = ['cudatoolkit', 'cuda-version', 'cuda-cudart'];

/** Whether no other program uses accelerators than these, and pip installed them. */
const isAlone = (only: readonly string[], image: ImageFacts): boolean =>
  distribution(image, ofConda) === null && isOnlyProgram(image, only);

const isCalled = (row: LinkedRuntime, image: ImageFacts): boolean =>
  row.only === undefined ||
  (publishedOf(image, row.distribution) !== null && isAlone(row.only, image) && !isOfAnotherToolkit(row, image));

/**
 * Whether somebody compiled the program by a toolkit of another minor version than its published wheels are of: the PTX in its libraries
 * tells by which. Only where the minor matters, before CUDA 11.
 */
function isOfAnotherToolkit(row: LinkedRuntime, { libraries }: ImageFacts): boolean {
  if (row.cudaMinor === undefined) return false;
  const inFolder = new RegExp(String.raw`/${row.distribution.replace(/-gpu$/, '')}(?:_core)?/`);
  return libraries.some(({ path, ptxCuda }) => {
    const compiledBy = ptxCuda === undefined ? null : cudaNumber(ptxCuda);
    return compiledBy !== null && inFolder.test(path) && !isOfRow(row, compiledBy);
  });
}

function rowIn(image: ImageFacts): Row | null {
  for (const name of new Set(linkedRuntimes.map(({ distribution: one }) => one))) {
    const text = distribution(image, [name]);
    const version = versionOf(text);
    if (text === null || version === null) continue;
    const rows = linkedRuntimes.filter((one) => one.distribution === name);
    const row = rowOf(rows, version);
    if (row !== null && isCalled(row, image)) return { ...row, text };
  }
  return null;
}

/** What the label of a version says; null where it says nothing, or another program may serve. */
function labelledRow(
  { distribution: name, label, cudnnFor, only, source }: LabelledRuntime,
  image: ImageFacts,
): Row | null {
  const text = distribution(image, [name]);
  const match = new RegExp(label).exec(text ?? '');
  if (text === null || match === null || !isAlone(only, image)) return null;
  const [cudaMajor, cudnnMajor] = [Number(match[1]), Number(match[2])];
  const cudnnLeast = `${match[2]}.${match[3]}`;
  return {
    distribution: name,
    from: text,
    to: text,
    cudaMajor,
    cudnnMajor,
    cudnnLeast,
    cudnnFor,
    findsWheels: true,
    source,
    text,
  };
}

const labelledIn = (image: ImageFacts): Row | null =>
  labelledRuntimes.map((one) => labelledRow(one, image)).find((row) => row !== null) ?? null;

const nameOf = ({ distribution: name, text }: Row): string => `${name} ${text}`;

function judged(row: Row, fits: boolean, brings: string): Found {
  const least = row.cudnnLeast === undefined ? `${row.cudnnMajor}.x` : `${row.cudnnMajor}.x from ${row.cudnnLeast} on`;
  const cuda = `CUDA ${row.cudaMajor}.${row.cudaMinor ?? 'x'}`;
  const needs = row.cudnnFor.length === 0 && row.cudnnLeast === undefined ? cuda : `${cuda} and cuDNN ${least}`;
  return found({
    rule,
    compatibility: fits ? 'native' : 'incompatible',
    message: `${nameOf(row)} opens ${needs} by name; the image brings ${brings}`,
    facts: { [row.distribution]: row.text, brings },
    source: row.source,
    fix: fits ? undefined : `${needs} in the image, or a version of ${row.distribution} for what the image brings`,
  });
}

const isInWheel = (path: string): boolean => new RegExp(wheelPath).test(path);

/** Told by a distribution, or read from a library of one. */
const isOfWheel = ({ from }: Toolkit): boolean => isInWheel(from) || /^(?:torch|nvidia-cuda-runtime)/.test(from);

/** Whether the loader finds the cuBLAS of a wheel; null where it does, or where the system has one too. */
function cublasFound(
  image: ImageFacts,
  row: Row,
  { wheel, toolkit }: { readonly wheel: string; readonly toolkit: Toolkit | null },
): Found | null {
  const name = `libcublas.so.${row.cudaMajor}`;
  const ofSystem = toolkit !== null && !isOfWheel(toolkit) && isOfRow(row, toolkit.cuda);
  if (ofSystem || Object.keys(image.copies ?? {}).some((path) => fileName(path) === name && !isInWheel(path)))
    return null;
  return isNamed(image, 'cuBLAS', wheel);
}

/** Whether the loader finds a cuDNN that only a wheel brings; null where it does. */
function cudnnFound(image: ImageFacts, { version, from }: Cudnn): Found | null {
  const path = from === null ? null : `/${from.replace(/^\//, '')}`;
  return path !== null && !new RegExp(wheelFolders.cuDNN).test(path) ? null : isNamed(image, 'cuDNN', version);
}

/** Whether somebody names the folder of a wheel to the loader; null where it does. torch opens the libraries of its wheels itself. */
function isNamed(image: ImageFacts, library: keyof typeof wheelFolders, version: string): Found | null {
  if (distribution(image, ['torch']) !== null) return null;
  const folderOf = new RegExp(wheelFolders[library]);
  const named = [...(image.env['LD_LIBRARY_PATH'] ?? '').split(':'), ...(image.searchPaths ?? [])];
  if (named.some((folder) => folderOf.test(`/${folder.replace(/^\/|\/$/g, '')}/`))) return null;
  if (image.searchPaths === undefined) {
    return notKnown('library-path', 'image.searchPaths', `${library} ${version} lies in the folder of a wheel`);
  }
  return found({
    rule: 'library-path',
    compatibility: 'incompatible',
    message: `${library} ${version} lies in the folder of a wheel, which neither LD_LIBRARY_PATH nor ld.so.conf.d names`,
    facts: { [library]: version, 'image.searchPaths': image.searchPaths.join(' ') },
    source: wheelFolderSource,
    fix: 'LD_LIBRARY_PATH with the folders nvidia/cudnn/lib and nvidia/cublas/lib of site-packages',
  });
}
