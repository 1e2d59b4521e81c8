import { findOutliers, type PeerLook } from '../../../core/diagnosis/peers/find-outliers.ts';
import { PeerMemory, describePeerNews, placeOf, type PeerNews } from '../../../core/diagnosis/peers/peer-memory.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { Watch, WatchedWorld, WatchNews } from '../watch.ts';

/** Accelerators of all nodes that anything tells of; null where nobody is asked, or the answer is none. */
export type PeerSource = (signal: AbortSignal) => Promise<readonly PeerLook[] | null>;

export interface PeerWatchParts {
  readonly source: PeerSource;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

const everyMs = 60_000;

/**
 * Compares the accelerators under this service with all others of their class, once a minute, and tells when one leaves its peers
 * and when it is back. It invalidates nothing: what was measured on a healthy node still holds there.
 */
export class PeerWatch implements Watch {
  readonly subject = 'peers of the accelerators';
  readonly #parts: PeerWatchParts;
  readonly #memory = new PeerMemory();
  #lookedMs = -Infinity;
  /** Told again until it is recorded. */
  #news: readonly PeerNews[] = [];

  constructor(parts: PeerWatchParts) {
    this.#parts = parts;
  }

  async look({ replicas }: WatchedWorld, signal: AbortSignal): Promise<readonly WatchNews[]> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#lookedMs >= everyMs) {
      this.#lookedMs = nowMs;
      const looks = await this.#parts.source(signal);
      const nodes = new Set(replicas.map(({ node }) => node));
      if (looks !== null) this.#news = [...this.#news, ...this.#compare(looks, nodes)];
    }
    return this.#news.map(newsOf);
  }

  recorded(): void {
    this.#news = [];
  }

  /** All are compared; only those under this service are told. */
  #compare(looks: readonly PeerLook[], nodes: ReadonlySet<string>): readonly PeerNews[] {
    const isOurs = ({ node }: { readonly node: string }): boolean => nodes.has(node);
    const compared = new Set(looks.filter(isOurs).map(placeOf));
    return this.#memory.add(findOutliers(looks).filter(isOurs), compared);
  }
}

function newsOf(news: PeerNews): WatchNews {
  const { node, device, fact, value, median, peers, change } = news;
  return {
    invalidation: null,
    event: {
      kind: 'hardware.left-peers',
      summary: describePeerNews(news),
      data: { node, device, fact, value, median, peers, change },
    },
  };
}
