import { distance } from 'fastest-levenshtein';

/** The candidate that was most likely meant: fewest edits, at most a third of the longer word (and at least 2). */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestDistance) [best, bestDistance] = [candidate, edits];
  }
  return best !== null && bestDistance <= Math.max(2, Math.ceil(Math.max(word.length, best.length) / 3)) ? best : null;
}
