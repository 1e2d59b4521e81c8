import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { configReaders, modelTypes, type ModelTypeRow } from '../../tables/packages/model-types.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';

/** Transformers counts beside a program that asks it for every model, or where no other program could. */
const isAsked = ({ distribution: name }: ModelTypeRow, image: ImageFacts): boolean =>
  name !== 'transformers' || configReaders.some((reader) => distribution(image, [reader]) !== null);

/** Whether the image asks a version of the distribution that does not know the types of the row. */
function isTooOld(row: ModelTypeRow, image: ImageFacts): boolean {
  const version = isAsked(row, image) ? versionOf(distribution(image, [row.distribution])) : null;
  if (version === null) return false;
  const last = versionOf(row.lastWithout);
  return last === null
    ? compareVersions(version, versionOf(row.from) ?? []) < 0
    : compareVersions(version.slice(0, last.length), last) <= 0;
}

/**
 * Whether the program that opens the model knows its type.
 *
 * | type of the model | the distribution of its row | answer |
 * |---|---|---|
 * | of a row, in its format | older | incompatible: the architecture is not recognized |
 * | of a row, in a format that nobody knows | older | unknown |
 * | of a row | as new, or between the versions that were read | null |
 * | of no row, or not known | any | null |
 */
export function modelTypeFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  if (model?.modelType === undefined) return null;
  const type = model.modelType;
  const isKnown = model.format !== 'unknown';
  const row = modelTypes.find(
    (one) => one.types.includes(type) && (!isKnown || one.format === model.format) && isTooOld(one, image),
  );
  if (row === undefined) return null;
  if (!isKnown) return notKnown('model-type', 'model', `${row.distribution} of the image knows no ${type}`);
  const text = distribution(image, [row.distribution]);
  return found({
    rule: 'model-type',
    compatibility: 'incompatible',
    message: `${row.distribution} knows models of type ${type} ${row.lastWithout === undefined ? `from ${row.from} on` : `in ${row.from}, and not in ${row.lastWithout}`}; the image brings ${text}`,
    facts: { [row.distribution]: text, modelType: type },
    source: row.source,
    fix: `${row.distribution} ${row.from} or newer in the image`,
  });
}
