/** Bytes of a parser's corpus; all of them together stay under 2 MB in git. */
const corpusBytesAtMost = 192 * 1024;

/**
 * Few and short inputs that together reach what all of them reach: shortest first, each is kept when it adds something. It is
 * the greedy answer to set cover, not the best one, which nobody needs.
 */
export async function smallCorpus(
  inputs: readonly Uint8Array[],
  reached: (bytes: Uint8Array) => Promise<readonly number[]>,
): Promise<readonly Uint8Array[]> {
  const covered = new Set<number>();
  const chosen: Uint8Array[] = [];
  let bytesLeft = corpusBytesAtMost;
  for (const bytes of [...inputs].sort((one, other) => one.length - other.length)) {
    if (bytes.length > bytesLeft) break;
    const before = covered.size;
    for (const place of await reached(bytes)) covered.add(place);
    if (covered.size === before) continue;
    chosen.push(bytes);
    bytesLeft -= bytes.length;
  }
  return chosen;
}
