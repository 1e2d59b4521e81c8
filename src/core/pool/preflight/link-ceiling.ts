import type { LinkFacts } from '../node-facts.ts';

/** Bytes in a second of one lane in one direction, after the line code: 8b/10b up to generation 2, 128b/130b up to 5, flits from 6 on. */
const laneBytesPerSecond: Readonly<Record<number, number>> = {
  1: 250e6,
  2: 500e6,
  3: 984.6e6,
  4: 1_969.2e6,
  5: 3_938.5e6,
  6: 7_563e6,
};

/** What a copy has to reach of the ceiling. A link that trained at half its width, or one generation lower, carries half. */
export const leastLinkShare = 0.5;

/**
 * Bytes in a second that the link carries at most in one direction; null where its largest generation or width is not known. Source: PCI
 * Express Base Specification 6.0, table of data rates.
 */
export function ceilingOfLink(link: LinkFacts | null): number | null {
  const lane = laneBytesPerSecond[link?.maxGeneration ?? 0];
  const width = link?.maxWidth ?? null;
  return lane === undefined || width === null || width === 0 ? null : lane * width;
}
