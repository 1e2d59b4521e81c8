import type { Outlier, PeerFact } from './find-outliers.ts';

/** How a device left or came back. */
export interface PeerNews extends Omit<Outlier, 'value'> {
  readonly change: 'left' | 'returned';
  /** Null where it came back. */
  readonly value: number | null;
}

/** One bad look is a copy that was disturbed; this many in a row are a node. */
const looksInARow = 3;

/**
 * Remembers looks, and tells a device once when it leaves its peers and once when it is back: each after three looks in a row.
 * A device that is looked at no more is forgotten without news.
 */
export class PeerMemory {
  readonly #counts = new Map<string, { outlier: Outlier; inARow: number; isTold: boolean }>();

  /** @param compared devices of this look, as `NODE DEVICE`: those that are not among them say nothing. */
  add(outliers: readonly Outlier[], compared: ReadonlySet<string>): readonly PeerNews[] {
    const news: PeerNews[] = [];
    const now = new Map(outliers.map((outlier) => [keyOf(outlier), outlier]));
    for (const [key, outlier] of now) {
      const entry = this.#counts.get(key) ?? { outlier, inARow: 0, isTold: false };
      entry.outlier = outlier;
      entry.inARow = Math.min(looksInARow, Math.max(0, entry.inARow) + 1);
      this.#counts.set(key, entry);
      if (entry.inARow < looksInARow || entry.isTold) continue;
      entry.isTold = true;
      news.push({ ...outlier, change: 'left' });
    }
    for (const [key, entry] of this.#counts) {
      if (now.has(key)) continue;
      if (!compared.has(placeOf(entry.outlier))) this.#counts.delete(key);
      else if (this.#recovers(key, entry)) news.push({ ...entry.outlier, value: null, change: 'returned' });
    }
    return news;
  }

  /** Told ones come back after as many good looks; others are forgotten at the first. */
  #recovers(key: string, entry: { inARow: number; isTold: boolean }): boolean {
    entry.inARow = Math.min(0, entry.inARow) - 1;
    if (entry.isTold && entry.inARow > -looksInARow) return false;
    this.#counts.delete(key);
    return entry.isTold;
  }
}

export const placeOf = ({ node, device }: Pick<Outlier, 'node' | 'device'>): string => `${node} ${device}`;
const keyOf = (outlier: Outlier): string => `${placeOf(outlier)} ${outlier.fact}`;

const factWords: Readonly<Record<PeerFact, string>> = {
  bandwidth: 'copies bytes to memory at',
  'link-width': 'has a link of a width of',
  'link-generation': 'has a link of generation',
  clock: 'runs at a clock of',
};

/** `node-3 GPU-1 has a link of a width of 8; the median of 7 peers is 16.` */
export function describePeerNews({ node, device, fact, value, median, peers, change }: PeerNews): string {
  if (change === 'returned') return `${node} ${device} is with its peers again (${fact})`;
  return `${node} ${device} ${factWords[fact]} ${value ?? 0}; the median of ${peers} peers is ${median}`;
}
