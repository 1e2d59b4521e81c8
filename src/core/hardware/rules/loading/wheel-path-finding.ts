import type { DeviceLibrary, ImageFacts } from '../../../image/image-facts.ts';
import { nameOf } from '../../../image/image-path.ts';
import { blindWheels, type BlindWheel } from '../../tables/loading/blind-wheels.ts';
import { wheelPath } from '../../tables/loading/loaded-copies.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { isNamed } from '../kernels/library-names.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { findCopy } from './search-order.ts';

const rule = 'library-path';
const inWheel = new RegExp(wheelPath);

/**
 * Whether a library gets what it is linked to where only a wheel brings that. Null where it does, or no row speaks of it.
 *
 * | copies in the image | folders that the loader searches | answer |
 * |---|---|---|
 * | none, or one outside of wheels | any | null: another rule asks for what is missing |
 * | in wheels alone | one of them holds it | null |
 * | in wheels alone | none of them holds it | incompatible |
 * | in wheels alone | not read | unknown |
 *
 * Beside a distribution whose import opens the libraries of wheels nothing is said.
 */
export function wheelPathFinding(image: ImageFacts, named: readonly string[] = []): Found | null {
  const [first] = rowsIn(image).flatMap((row) =>
    image.libraries
      .filter(({ path }) => new RegExp(row.library).test(`/${path}`) && (row.named !== true || isNamed(path, named)))
      .flatMap((library) => judge(row, library, image) ?? []),
  );
  return first ?? null;
}

function rowsIn(image: ImageFacts): readonly BlindWheel[] {
  return blindWheels.filter((row) => {
    const version = versionOf(distribution(image, [row.distribution]));
    return version !== null && rowOf([row], version) !== null && distribution(image, row.openers) === null;
  });
}

function judge(row: BlindWheel, library: DeviceLibrary, image: ImageFacts): Found | null {
  const copies = Object.keys(image.copies ?? {});
  for (const soname of (library.needs ?? []).filter((one) => new RegExp(row.asks).test(one))) {
    const same = copies.filter((path) => nameOf(path) === soname || nameOf(path).startsWith(`${soname}.`));
    const [copy] = same;
    if (copy === undefined || same.some((path) => !inWheel.test(path))) continue;
    // Where nobody read its own folders: the row says that they hold none of these.
    const answer = findCopy(soname, { path: library.path, looksIn: library.looksIn ?? nowhere }, image);
    if (answer.answer === 'unknown')
      return notKnown(rule, answer.fact, `${library.path} is linked to ${soname}, which a wheel brings`);
    if (answer.answer === 'none') return refused(row, library, copy);
  }
  return null;
}

const nowhere = { tag: 'none', folders: [] } as const;

const refused = (row: BlindWheel, { path }: DeviceLibrary, copy: string): Found =>
  found({
    rule,
    compatibility: 'incompatible',
    message: `${path} is linked to ${nameOf(copy)}, which lies in the folder of a wheel that neither LD_LIBRARY_PATH nor ld.so.conf.d names`,
    facts: { library: path, copy },
    source: row.source,
    fix: `LD_LIBRARY_PATH with the folder of ${copy}`,
  });
