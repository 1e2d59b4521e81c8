import type { ImageFacts } from '../../../image/image-facts.ts';
import { hostSources } from '../../tables/host-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import type { UnitFacts } from '../unit-facts.ts';

/** The library of the image with the smallest alignment; null where all load with pages of any size, or nobody looked. */
export function smallestAlignment({ pageSizes }: Pick<ImageFacts, 'pageSizes'>): readonly [string, number] | null {
  return Object.entries(pageSizes ?? {}).toSorted(([, a], [, b]) => a - b)[0] ?? null;
}

/**
 * Whether the kernel can map every library of the image. Null where none has an alignment of its own.
 *
 * | pages of the kernel | answer |
 * |---|---|
 * | no larger than the smallest alignment, or not read | native |
 * | larger | incompatible: the library does not load |
 */
export function pageSizeRule(image: ImageFacts): DeviceRule | null {
  const smallest = smallestAlignment(image);
  if (smallest === null) return null;
  const [path, alignment] = smallest;
  return {
    facet: 'pageBytes',
    decide: ({ state: { pageBytes } }: UnitFacts) =>
      pageBytes !== undefined && pageBytes > alignment ? 'incompatible' : 'native',
    explain: ({ state: { pageBytes } }, decided) =>
      found({
        rule: 'page-size',
        compatibility: decided,
        message:
          decided === 'incompatible'
            ? `${path} is aligned to ${alignment} bytes, and the kernel has pages of ${pageBytes}: the library does not load`
            : `the kernel maps ${path}, which is aligned to ${alignment} bytes (pages: ${pageBytes ?? 'not read'})`,
        facts: { pageBytes: pageBytes === undefined ? null : String(pageBytes), alignment: String(alignment) },
        source: hostSources.pageSize,
        fix:
          decided === 'incompatible'
            ? 'a kernel with pages of 4 KiB, or a build that is linked with -z max-page-size=65536'
            : undefined,
      }),
  };
}
