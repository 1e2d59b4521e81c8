import type { MetricsAnswer } from '../../ports/serving/metrics-source.ts';

/** What is read of one replica, and of all together: a long list of metrics takes 5 ms for each 100 kB. */
const bytesPerSecond = { ofOne: 2 * 1024 * 1024, ofAll: 8 * 1024 * 1024 };
/** Shorter rests are none: replicas are asked once a second at the most. */
const shortestRestMs = 250;
/** A replica that was not asked for so long after its rest is forgotten. */
const forgottenAfterMs = 60_000;

interface Rest {
  readonly untilMs: number;
  /** Null where it does not rest. */
  readonly answer: MetricsAnswer | null;
}

/**
 * How much a replica may tell of itself. Metrics are what the code of a service says, and reading them takes time from all
 * others: one that tells more than its share is asked more rarely, and what it told stands until then, with its time.
 *
 * | told | replicas | asked again after |
 * |---|---|---|
 * | 100 kB, as vLLM does | up to 20 | at once |
 * | the same | 200 | 2.4 s |
 * | 16 MiB | 1 | 8 s |
 */
export class ScrapeBackoff {
  readonly #monotonicMs: () => number;
  readonly #rests = new Map<string, Rest>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** What the replica told last, where it is not asked again yet; null where it is. */
  standing(replicaId: string): MetricsAnswer | null {
    const rest = this.#rests.get(replicaId);
    return rest !== undefined && this.#monotonicMs() < rest.untilMs ? rest.answer : null;
  }

  /** @param bytes that the answer took, also where it was no metrics. */
  keep(replicaId: string, bytes: number, answer: MetricsAnswer): void {
    const nowMs = this.#monotonicMs();
    for (const [id, { untilMs }] of this.#rests) if (untilMs + forgottenAfterMs < nowMs) this.#rests.delete(id);
    const replicas = this.#rests.size + (this.#rests.has(replicaId) ? 0 : 1);
    const share = Math.min(bytesPerSecond.ofOne, bytesPerSecond.ofAll / replicas);
    const restMs = (bytes / share) * 1_000;
    const isResting = restMs >= shortestRestMs;
    this.#rests.set(replicaId, { untilMs: isResting ? nowMs + restMs : nowMs, answer: isResting ? answer : null });
  }
}
