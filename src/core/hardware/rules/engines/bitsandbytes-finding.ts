import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import type { Source } from '../../tables/source.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { distribution, torchVariant } from '../service-facts.ts';

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

/**
 * Whether bitsandbytes has a library for the CUDA of torch. Null where none of its libraries is in the image, or nothing tells
 * what it looks for, or the file is there.
 *
 * | precision of the model | the file is not there |
 * |---|---|
 * | INT8 | incompatible |
 * | not read: it may be one of bitsandbytes | unknown |
 * | any other | null: nothing opens it |
 */
export function bitsandbytesFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const versions = image.libraries.flatMap(({ path }) => libraryName.exec(`/${path}`)?.[1] ?? []);
  const wanted = wantedBy(image);
  if (versions.length === 0 || wanted === null || versions.includes(wanted)) return null;
  const rule = 'bitsandbytes-cuda';
  const lacks = `bitsandbytes looks for libbitsandbytes_cuda${wanted}.so, and the image holds ${versions.join(', ')}`;
  if (model?.precisions === undefined) return notKnown(rule, 'model.precision', lacks);
  if (!model.precisions.includes('int8')) return null;
  return found({
    rule,
    compatibility: 'incompatible',
    message: lacks,
    facts: { wanted, found: versions.join(' ') },
    source: loader,
    fix: 'a bitsandbytes that was built for the CUDA of torch, or BNB_CUDA_VERSION',
  });
}
