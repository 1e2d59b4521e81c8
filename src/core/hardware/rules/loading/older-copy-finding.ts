import type { DeviceLibrary, ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { orderedLibraries, wheelPath, type OrderedLibrary } from '../../tables/loading/loaded-copies.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { findCopy, type Copy } from './search-order.ts';

const rule = 'older-copy';
const inWheel = new RegExp(wheelPath);

/**
 * Whether an older copy of the system goes before the one that a wheel brings for itself. Null where none does.
 *
 * | the loader finds | answer |
 * |---|---|
 * | the copy of the wheel, a newer one, or none | null: torch opens that of the wheel itself |
 * | a copy outside of wheels, of an older minor version | incompatible: symbols are missing |
 * | not known which, and such a copy is in the image | unknown |
 *
 * A library with neither DT_RPATH nor DT_RUNPATH beside torch gets what torch opened before.
 */
export function olderCopyFinding(image: ImageFacts): Found | null {
  const copies = Object.entries(image.copies ?? {}).map(([path, version]): Copy => ({ path, version }));
  const torch = distribution(image, ['torch']) !== null;
  const findings = image.libraries
    .filter(({ path, looksIn }) => inWheel.test(path) && !(torch && looksIn?.tag === 'none'))
    .flatMap((library) => (library.needs ?? []).flatMap((soname) => judge(library, soname, copies, image) ?? []));
  return findings.find(({ compatibility }) => compatibility === 'incompatible') ?? findings[0] ?? null;
}

function judge(library: DeviceLibrary, soname: string, copies: readonly Copy[], image: ImageFacts): Found | null {
  const row = orderedLibraries.find((one) => soname.startsWith(`${one.library}.so.`));
  if (row === undefined) return null;
  const same = copies.filter(({ path }) => path.includes(`/${soname}`));
  const own = same.find(({ path }) => inWheel.test(path));
  if (own === undefined) return null;
  const older = same.filter((copy) => !inWheel.test(copy.path) && isOlder(copy, own));
  if (older.length === 0) return null;
  const answer = findCopy(soname, library, image);
  if (answer.answer === 'unknown') {
    return notKnown(rule, answer.fact, `${older[0]?.path} is older than ${own.path}, and may go before it`);
  }
  return answer.answer === 'found' && older.some(({ path }) => path === answer.copy.path)
    ? refused(row, library, answer.copy, own)
    : null;
}

const minorOf = ({ version }: Copy): readonly number[] => (versionOf(version) ?? []).slice(0, 2);

/** A version that nothing tells is not older. */
const isOlder = (copy: Copy, than: Copy): boolean =>
  copy.version !== '' && compareVersions(minorOf(copy), minorOf(than)) < 0;

const refused = (row: OrderedLibrary, library: DeviceLibrary, copy: Copy, own: Copy): Found =>
  found({
    rule,
    compatibility: 'incompatible',
    message: `${library.path} gets ${copy.path} (${copy.version}), which is older than ${own.path} (${own.version}) that it was built for`,
    facts: { loaded: copy.version, needed: own.version },
    source: row.source,
    fix: `LD_LIBRARY_PATH without that folder, or with the folder of ${own.path} before it`,
  });
