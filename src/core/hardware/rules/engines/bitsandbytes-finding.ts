import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { bitsandbytesPrograms, bitsandbytesWheels, builtApart } from '../../tables/packages/bitsandbytes-wheels.ts';
import type { Source } from '../../tables/source.ts';
import { found, notKnown, type Found } from '../finding.ts';
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
const libraryName = /\/libbitsandbytes_cuda(\d+)[^/]*\.so/;

/** CUDA that bitsandbytes looks for, as its files write it (`124`); null where nothing tells it. */
function wantedBy(image: ImageFacts): string | null {
  const stated = image.env['BNB_CUDA_VERSION'] ?? '';
  if (stated !== '') return stated;
  return torchVariant(distribution(image, ['torch']) ?? '')?.replace('.', '') ?? null;
}

/** Whether the model is computed by bitsandbytes: it says so, or is in INT8 and names no other method. Null where nobody read its precision. */
function isComputed(model: ModelHardwareFacts | null): boolean | null {
  if (model?.quantMethod === 'bitsandbytes') return true;
  if (model?.precisions === undefined) return null;
  return model.precisions.includes('int8') && ['', 'none'].includes(model.quantMethod ?? '');
}

/**
 * Whether bitsandbytes has a library for the CUDA of torch. Null where nothing tells what it looks for, or the file is there.
 *
 * | libraries in the image | model of bitsandbytes, or in INT8 | not read: it may be one | any other |
 * |---|---|---|---|
 * | some, and not the one | incompatible | unknown | null: nothing opens it |
 * | none, and the wheel has none for that CUDA | incompatible | null | null |
 * | none, every library of the image was read, and sources of that version install without | incompatible | null | null |
 */
export function bitsandbytesFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const versions = image.libraries.flatMap(({ path }) => libraryName.exec(`/${path}`)?.[1] ?? []);
  const wanted = wantedBy(image);
  if (wanted === null || versions.includes(wanted)) return null;
  if (versions.length === 0) return withoutLibraries(image, model, wanted);
  const lacks = `bitsandbytes looks for libbitsandbytes_cuda${wanted}.so, and the image holds ${versions.join(', ')}`;
  const computed = isComputed(model);
  if (computed === null) return notKnown(rule, 'model.precision', lacks);
  return computed ? refused(lacks, wanted, versions, loader) : null;
}

const rule = 'bitsandbytes-cuda';

/** None of its libraries is there: what its wheel holds tells, else that sources were installed before they were built. */
function withoutLibraries(image: ImageFacts, model: ModelHardwareFacts | null, wanted: string): Found | null {
  const text = distribution(image, ['bitsandbytes']);
  const isSure = model?.quantMethod === 'bitsandbytes' || isOnlyProgram(image, bitsandbytesPrograms);
  if (text === null || isComputed(model) !== true || !isSure) return null;
  const version = publishedOf(image, 'bitsandbytes');
  const wheel = version === null || image.platform.architecture !== 'amd64' ? null : rowOf(bitsandbytesWheels, version);
  const looks = `bitsandbytes ${text} looks for libbitsandbytes_cuda${wanted}.so`;
  if (wheel !== null && !wheel.cuda.includes(wanted))
    return refused(`${looks}, and its wheel holds ${wheel.cuda.join(', ')}`, wanted, wheel.cuda, wheel.source);
  const isApart = version !== null && rowOf([{ from: '0', to: builtApart.to }], version) !== null;
  const isRead = image.libraries.length > 0 && readWhole(image, 'libraries');
  return isApart && isRead
    ? refused(`${looks}, and the image holds no library of it`, wanted, [], builtApart.source)
    : null;
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
