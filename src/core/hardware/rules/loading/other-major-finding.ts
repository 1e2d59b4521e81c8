import type { DeviceLibrary, ImageFacts } from '../../../image/image-facts.ts';
import { nameOf } from '../../../image/image-path.ts';
import { sonameSource } from '../../tables/loading/loaded-copies.ts';
import { found, type Found } from '../finding.ts';
import { groupLibraries } from '../kernels/library-groups.ts';

interface Lack {
  readonly library: DeviceLibrary;
  readonly soname: string;
  readonly brought: string;
}

/** `libnvrtc.so.` of `libnvrtc.so.12`; null of a name without a number. */
const stemOf = (soname: string): string | null => /^(.+\.so\.)\d+$/.exec(soname)?.[1] ?? null;

/** The CUDA library that a library is linked to and that the image brings in other majors alone. */
function lackOf(library: DeviceLibrary, names: readonly string[]): Lack | null {
  for (const soname of library.needs ?? []) {
    const stem = stemOf(soname);
    const same = stem === null ? [] : names.filter((name) => name.startsWith(stem));
    const isThere = same.some((name) => name === soname || name.startsWith(`${soname}.`));
    const [brought] = same;
    if (brought !== undefined && !isThere) return { library, soname, brought };
  }
  return null;
}

/**
 * Whether a library that every service loads is linked to a CUDA library of which the image holds other majors only. Null where none is,
 * or nobody listed the libraries of the image.
 *
 * | the image holds | answer |
 * |---|---|
 * | the major that the library is linked to, or none at all (the program may bring it otherwise) | null |
 * | another major only | incompatible: the library does not load |
 *
 * Shards stand in for one another, so that all of a group must lack it. Optional libraries do not count.
 */
export function otherMajorFinding(image: ImageFacts, required?: readonly string[]): Found | null {
  if (image.copies === undefined) return null;
  const names = Object.keys(image.copies).map(nameOf);
  for (const { libraries, role } of groupLibraries(image, required)) {
    if (role?.role === 'optional') continue;
    const lacks = libraries.map((library) => lackOf(library, names));
    const [lack] = lacks;
    if (lack === undefined || lack === null || lacks.includes(null)) continue;
    return found({
      rule: 'other-major',
      compatibility: 'incompatible',
      message: `${lack.library.path} is linked to ${lack.soname}, and the image brings ${lack.brought}: it does not load`,
      facts: { needed: lack.soname, brought: lack.brought },
      source: sonameSource,
      fix: `${lack.soname} in the image, or a build of the library for what the image brings`,
    });
  }
  return null;
}
