import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { ReadinessAnswer } from '../../core/readiness/readiness.ts';
import type { ScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Clock } from '../../ports/process/clock.ts';

/** Judges the release that is shown; may take a while, and may fail while something is out of reach. */
export interface JudgementSource {
  judge(): Promise<Judgements>;
}

export interface Judgements {
  readonly owner: string | null;
  /** The release that was judged; null before the first. */
  readonly release: number | null;
  readonly evidence: readonly EvidenceState[];
  readonly readiness: readonly ReadinessAnswer[];
  /** Null while it was never judged. */
  readonly scaling: ScalingFacts | null;
}

const keepMs = 10_000;
const none: Judgements = { owner: null, release: null, evidence: [], readiness: [], scaling: null };

/** Judged again now and then, beside everything else; a failure keeps the last judgement and is told. */
export class JudgementCache {
  readonly #source: JudgementSource;
  readonly #clock: Clock;
  readonly #problem: (thrown: unknown) => void;
  #judgements: Judgements = none;
  #judgedMs = -Infinity;
  #judging: Promise<void> | null = null;

  constructor(source: JudgementSource, clock: Clock, problem: (thrown: unknown) => void) {
    this.#source = source;
    this.#clock = clock;
    this.#problem = problem;
  }

  current(): Judgements {
    return this.#judgements;
  }

  outdate(): void {
    this.#judgedMs = -Infinity;
  }

  /** Resolves when the judgement is at most `keepMs` old. */
  async refresh(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#judgedMs < keepMs) return;
    this.#judging ??= this.#judge().finally(() => {
      this.#judging = null;
    });
    await this.#judging;
  }

  async #judge(): Promise<void> {
    this.#judgedMs = this.#clock.monotonicMs();
    try {
      this.#judgements = await this.#source.judge();
    } catch (thrown) {
      this.#problem(thrown);
    }
  }
}
