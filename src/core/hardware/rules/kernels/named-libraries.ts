import type { ImageFacts } from '../../../image/image-facts.ts';
import { contractSource, found, notKnown, type Found } from '../finding.ts';
import { readWhole } from '../service-facts.ts';
import { isNamed } from './library-names.ts';

/** A finding where a library that `hardware.libraries` names is not in the image; null where all are. */
export function namedLibraries(image: ImageFacts, names: readonly string[] = []): Found | null {
  const missing = names.filter((name) => !image.libraries.some(({ path }) => isNamed(path, [name])));
  if (missing.length === 0) return null;
  if (!readWhole(image, 'libraries'))
    return notKnown('libraries', 'image.libraries', `${missing.join(', ')} was not found`);
  return found({
    rule: 'libraries',
    compatibility: 'incompatible',
    message: `hardware.libraries names ${missing.join(', ')}, and the image holds no device code of that name`,
    facts: { libraries: missing.join(', ') },
    source: contractSource,
    fix: 'an image with that library, or hardware.libraries without it',
  });
}
