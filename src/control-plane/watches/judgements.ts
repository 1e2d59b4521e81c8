import type { Promises } from '../../core/contract/promises.ts';
import type { EvidenceKind, EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { LabelPlan } from '../../core/monitoring/labels/label-plan.ts';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import type { ReadinessAnswer } from '../../core/readiness/readiness.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { ScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Digest } from '../../core/units/digest.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
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
  /** What the release goes by, as `digestOfMeasured` gives it: an invalidation names it. Left out where that is not known. */
  readonly measured?: MeasuredDigests;
  readonly readiness: readonly ReadinessAnswer[];
  /** Null while it was never judged. */
  readonly scaling: ScalingFacts | null;
  /** Null where the contract of the release is not known. */
  readonly promises: Promises | null;
  /** Null where nothing is captured; undefined where the contract of the release is not known. */
  readonly monitoring: MonitoringTerms | null | undefined;
  /** What labels are judged by. Null where the contract asks for none; left out where that is not known. */
  readonly labels?: LabelPlan | null;
  /** How golden sets are replayed. Null where they are not; left out where that is not known. */
  readonly replay?: ReplayTerms | null;
}

/** Pieces of evidence by their kind. */
export type MeasuredDigests = Readonly<Partial<Record<EvidenceKind, Digest>>>;

const keepMs = 10_000;
/** As long as the last judgement stands for the present while none succeeds. */
const standsMs = 60_000;
const none: Judgements = {
  owner: null,
  release: null,
  evidence: [],
  readiness: [],
  scaling: null,
  promises: null,
  monitoring: undefined,
};

/**
 * Judged again now and then, beside everything else. A failure is told; the last judgement stands for a minute, then all that it
 * said is unknown.
 */
export class JudgementCache {
  readonly #source: JudgementSource;
  readonly #clock: Clock;
  readonly #problem: (thrown: unknown) => void;
  #judgements: Judgements = none;
  #askedMs = -Infinity;
  #judgedMs: number;
  #failure: string | null = null;
  #judging: Promise<void> | null = null;

  constructor(source: JudgementSource, clock: Clock, problem: (thrown: unknown) => void) {
    this.#source = source;
    this.#clock = clock;
    this.#problem = problem;
    this.#judgedMs = clock.monotonicMs();
  }

  current(): Judgements {
    const agoMs = this.#clock.monotonicMs() - this.#judgedMs;
    if (agoMs <= standsMs) return this.#judgements;
    const why = this.#failure ?? 'the judgement takes too long';
    return unknownBecause(this.#judgements, `not judged for ${formatElapsed(agoMs)}: ${why}`);
  }

  outdate(): void {
    this.#askedMs = -Infinity;
  }

  /** Resolves when the judgement is at most `keepMs` old. */
  async refresh(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#askedMs < keepMs) return;
    this.#judging ??= this.#judge().finally(() => {
      this.#judging = null;
    });
    await this.#judging;
  }

  async #judge(): Promise<void> {
    this.#askedMs = this.#clock.monotonicMs();
    try {
      this.#judgements = await this.#source.judge();
      this.#judgedMs = this.#clock.monotonicMs();
      this.#failure = null;
    } catch (thrown) {
      this.#failure = asPlimsollError(thrown).message;
      this.#problem(thrown);
    }
  }
}

/** What was asked stays asked; nothing of it is known any more. A scaler without facts keeps the number that it ordered. */
function unknownBecause(
  { owner, release, evidence, measured, readiness, monitoring, replay }: Judgements,
  reason: string,
): Judgements {
  return {
    owner,
    release,
    evidence: evidence.map((state) => {
      if (state.freshness === 'not-asked') return state;
      return { ...state, freshness: 'unknown', verdict: 'unknown', reasons: [reason] };
    }),
    readiness: readiness.map((answer) => ({ ...answer, answer: 'not-measured', reason })),
    scaling: null,
    promises: null,
    monitoring,
    ...(measured === undefined ? {} : { measured }),
    ...(replay === undefined ? {} : { replay }),
  };
}
