import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { configReaders, type ModelTypeRow } from '../../tables/model-types/model-openers.ts';
import { modelTypes } from '../../tables/model-types/model-types.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { otherOpener } from './only-program.ts';
import { explainFix, explainKnown } from './explain-model-type.ts';

interface Asked {
  readonly image: ImageFacts;
  readonly model: ModelHardwareFacts;
  readonly args: readonly string[];
}

/** Transformers counts beside a program that asks it for every model, or where no other program could. */
const isAsked = ({ distribution: name }: ModelTypeRow, image: ImageFacts): boolean =>
  name !== 'transformers' || configReaders.some((reader) => distribution(image, [reader]) !== null);

/** Whether the arguments choose the engine of the row, or the row speaks of the whole distribution. */
const isChosen = ({ words = [], unless = [] }: ModelTypeRow, args: readonly string[]): boolean =>
  words.every((word) => args.includes(word)) && !unless.some((word) => args.includes(word));

const upTo = (version: VersionNumbers, last: VersionNumbers): boolean =>
  compareVersions(version.slice(0, last.length), last) <= 0;

/** Whether a version does not know the types of the row: not yet, or no more. */
function lacks({ from, lastWithout, lastWith }: ModelTypeRow, version: VersionNumbers): boolean {
  const [without, last] = [versionOf(lastWithout), versionOf(lastWith)];
  if (last !== null) return !upTo(version, last);
  return without === null ? compareVersions(version, versionOf(from) ?? []) < 0 : upTo(version, without);
}

/** Rows of the type whose distribution is in the image, is asked for the model, and does not know it. */
const refusing = ({ image, model, args }: Asked): readonly ModelTypeRow[] =>
  modelTypes.filter((row) => {
    const version = versionOf(distribution(image, [row.distribution]));
    if (version === null || !row.types.includes(model.modelType ?? '') || !isAsked(row, image)) return false;
    if (model.format !== 'unknown' && row.format !== model.format) return false;
    if (row.method !== undefined && row.method !== model.quantMethod) return false;
    return isChosen(row, args) && lacks(row, version);
  });

/** A program of the image that may open the model in place of that of the row; undefined where none may. */
const otherThan = (row: ModelTypeRow, rows: readonly ModelTypeRow[], image: ImageFacts): string | undefined =>
  row.method?.startsWith('exl') === true || row.words !== undefined || row.distribution === 'transformers'
    ? undefined
    : otherOpener(
        image,
        row.format,
        rows.map(({ distribution: name }) => name),
      );

/**
 * Whether the program that opens the model knows its type.
 *
 * | type of the model | the distribution of its row | answer |
 * |---|---|---|
 * | of a row, in its format | older, or newer than the last that knows it | incompatible: the architecture is not recognized |
 * | the same | the same, beside another program that may open the model | unknown |
 * | of a row, in a format that nobody knows | the same | unknown |
 * | of a row | as new, or between the versions that were read | null |
 * | of no row, or not known | any | null |
 */
export function modelTypeFinding({ image, model, args = [] }: ServiceDemands): Found | null {
  if (image === null || model?.modelType === undefined) return null;
  const type = model.modelType;
  const rows = refusing({ image, model, args });
  const row = rows.find((one) => otherThan(one, rows, image) === undefined) ?? rows[0];
  if (row === undefined) return null;
  if (model.format === 'unknown')
    return notKnown('model-type', 'model', `${row.distribution} of the image knows no ${type}`);
  const other = otherThan(row, rows, image);
  if (other !== undefined) {
    const because = `${row.distribution} of the image knows no ${type}, and ${other} may open it in its place`;
    return notKnown('model-type', 'image.python', because);
  }
  const text = distribution(image, [row.distribution]);
  return found({
    rule: 'model-type',
    compatibility: 'incompatible',
    message: `${explainKnown(row, type)}; the image brings ${text}`,
    facts: { [row.distribution]: text, modelType: type },
    source: row.source,
    fix: explainFix(row),
  });
}
