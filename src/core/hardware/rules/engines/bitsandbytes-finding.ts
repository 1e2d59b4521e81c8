import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import {
  bitsandbytesPrograms,
  bitsandbytesWheels,
  builtApart,
  byRuntime,
  sourceVersion,
} from '../../tables/packages/bitsandbytes-wheels.ts';
import type { Source } from '../../tables/source.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { isOnlyProgram } from '../packages/only-program.ts';
import { publishedOf } from '../packages/package-pair-finding.ts';
import { distribution, readWhole, torchVariant } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

const loader: Source = {
  title:
    'bitsandbytes issues 631 and 1848: "Configured CUDA binary not found"; the file of the CUDA of torch is opened',
  url: 'https://github.com/bitsandbytes-foundation/bitsandbytes/issues/1848',
  date: '2026',
};
const ofSources = new RegExp(sourceVersion);
const libraryName = /\/libbitsandbytes_cuda(\d+)[^/]*\.so/;

/**
 * CUDA that bitsandbytes looks for, as its files write it (`124`); null where nothing tells it. Older versions take the CUDA runtime that they
 * find in the folders of the environment, and not that of torch.
 */
function wantedBy(image: ImageFacts): string | null {
  const stated = image.env['BNB_CUDA_VERSION'] ?? '';
  if (stated !== '') return stated;
  const version = versionOf(distribution(image, ['bitsandbytes']));
  const isByRuntime = version !== null && rowOf([{ from: '0', to: byRuntime.to }], version) !== null;
  const runtime = isByRuntime ? versionOf(image.cuda?.version) : null;
  if (runtime !== null) return runtime.slice(0, 2).join('');
  return torchVariant(distribution(image, ['torch']) ?? '')?.replace('.', '') ?? null;
}

/**
 * Whether the model is computed by bitsandbytes: it says so, or is in INT8 and names no other method. Null where nobody read its precision, and where
 * the image names the file of bitsandbytes: a program may quantize the model while it loads.
 */
function isComputed(model: ModelHardwareFacts | null, image: ImageFacts): boolean | null {
  if (model?.quantMethod === 'bitsandbytes') return true;
  const method = model?.quantMethod ?? '';
  if (!['', 'none'].includes(method)) return false;
  if (model?.precisions === undefined) return null;
  if (model.precisions.includes('int8')) return true;
  return (image.env['BNB_CUDA_VERSION'] ?? '') === '' ? false : null;
}

/**
 * Whether bitsandbytes has a library for the CUDA of torch. Null where nothing tells what it looks for, or the file is there.
 *
 * | libraries in the image | model of bitsandbytes, or in INT8 | not read: it may be one | any other |
 * |---|---|---|---|
 * | some, and not the one | incompatible | unknown | null: nothing opens it |
 * | none, and the wheel has none for that CUDA | incompatible | unknown | null |
 * | none, every library of the image was read, and sources of that version install without | incompatible | unknown | null |
 *
 * A model of any other kind may be one too where the image sets BNB_CUDA_VERSION.
 */
export function bitsandbytesFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const versions = image.libraries.flatMap(({ path }) => libraryName.exec(`/${path}`)?.[1] ?? []);
  const wanted = wantedBy(image);
  if (wanted === null || versions.includes(wanted)) return null;
  if (versions.length === 0) return withoutLibraries(image, model, wanted);
  const lacks = `bitsandbytes looks for libbitsandbytes_cuda${wanted}.so, and the image holds ${versions.join(', ')}`;
  const computed = isComputed(model, image);
  if (computed === null) return notKnown(rule, 'model.precision', lacks);
  return computed ? refused(lacks, wanted, versions, loader) : null;
}

const rule = 'bitsandbytes-cuda';

/** None of its libraries is there: what its wheel holds tells, else that sources were installed before they were built. */
function withoutLibraries(image: ImageFacts, model: ModelHardwareFacts | null, wanted: string): Found | null {
  const text = distribution(image, ['bitsandbytes']);
  const computed = isComputed(model, image);
  const isSure = model?.quantMethod === 'bitsandbytes' || isOnlyProgram(image, bitsandbytesPrograms);
  if (text === null || computed === false || !isSure) return null;
  const missing = missingOf(image);
  if (missing === null || missing.cuda.includes(wanted)) return null;
  const lacks = `bitsandbytes ${text} looks for libbitsandbytes_cuda${wanted}.so, and ${missing.says}`;
  return computed === null
    ? notKnown(rule, 'model.precision', lacks)
    : refused(lacks, wanted, missing.cuda, missing.source);
}

/** What there is of its libraries, as CUDA versions; null where nothing tells it. A wheel that has the one says nothing of sources. */
function missingOf(
  image: ImageFacts,
): { readonly cuda: readonly string[]; readonly says: string; readonly source: Source } | null {
  const isRead = image.libraries.length > 0 && readWhole(image, 'libraries');
  const none = { cuda: [], says: 'the image holds no library of it', source: builtApart.source };
  if (isRead && ofSources.test(distribution(image, ['bitsandbytes']) ?? '')) return none;
  const version = publishedOf(image, 'bitsandbytes');
  if (version === null) return null;
  const wheel = image.platform.architecture === 'amd64' ? rowOf(bitsandbytesWheels, version) : null;
  const isApart = rowOf([{ from: '0', to: builtApart.to }], version) !== null;
  if (isApart && isRead && (wheel === null || wheel.cuda.includes(wantedBy(image) ?? ''))) return none;
  return wheel === null
    ? null
    : { cuda: wheel.cuda, says: `its wheel holds ${wheel.cuda.join(', ')}`, source: wheel.source };
}

const refused = (message: string, wanted: string, versions: readonly string[], source: Source): Found =>
  found({
    rule,
    compatibility: 'incompatible',
    message,
    facts: { wanted, found: versions.join(' ') },
    source,
    fix: 'a bitsandbytes that was built for the CUDA of torch, or BNB_CUDA_VERSION',
  });
