import { addOutcomes, noOutcomes, outcomesSince, type Outcomes, type OutcomeSpan } from '../../core/health/outcomes.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';

const fineMs = 5_000;
const minuteMs = 60_000;
/** Spans of five seconds are kept for so long, then they become one of a minute. */
const fineKeptMs = 2 * minuteMs;
const keptMs = 60 * minuteMs;
/** A gateway that is silent for longer is forgotten; comes it back, its counts go on from where it is then. */
const forgottenMs = 10 * minuteMs;
const gatewaysAtMost = 200;

interface Heard {
  readonly startedAtMs: number;
  readonly outcomes: Outcomes;
  readonly heardMs: number;
}

/**
 * Adds up what all gateways report into spans of time: five seconds each for the last two minutes, a minute each for the last
 * hour. Memory is bounded whatever is reported.
 */
export class OutcomeWatch {
  readonly #clock: Clock;
  readonly #sinceMs: number;
  readonly #heard = new Map<string, Heard>();
  #spans: OutcomeSpan[] = [];
  #heardAtMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** When a gateway last reported; null before the first. */
  get heardAtMs(): number | null {
    return this.#heardAtMs;
  }

  /** Oldest first. */
  spans(): readonly OutcomeSpan[] {
    this.#roll();
    return this.#spans;
  }

  /** What was recorded of the last hour, before anything is reported here. */
  restore(spans: readonly OutcomeSpan[]): void {
    const before = spans.map(({ fromMs, toMs, ...span }) => ({ fromMs, toMs, ...addOutcomes([span]) }));
    this.#spans = [...before.filter(({ toMs }) => toMs <= this.#clock.nowMs()), ...this.#spans];
  }

  report(report: GatewayReport): void {
    const outcomes = outcomesIn(report);
    const before = this.#heard.get(report.gatewayId);
    if (before === undefined && this.#heard.size >= gatewaysAtMost) return;
    this.#heardAtMs = this.#clock.nowMs();
    this.#heard.set(report.gatewayId, {
      startedAtMs: report.startedAtMs,
      outcomes,
      heardMs: this.#clock.monotonicMs(),
    });
    const base = this.#baseOf(before, report);
    if (base !== null) this.#add(outcomesSince(base, outcomes));
  }

  /** What to count from: nothing for a gateway that began after this did. What an older one counted before is unknown. */
  #baseOf(before: Heard | undefined, { startedAtMs }: GatewayReport): Outcomes | null {
    if (before?.startedAtMs === startedAtMs) return before.outcomes;
    return before !== undefined || startedAtMs >= this.#sinceMs ? noOutcomes : null;
  }

  #add(more: Outcomes): void {
    this.#roll();
    const newest = this.#spans.at(-1);
    if (newest === undefined) return;
    this.#spans[this.#spans.length - 1] = { ...newest, ...addOutcomes([newest, more]) };
  }

  /** Begins the span of now where it is not there, joins those of a minute that is over, and forgets what is too old. */
  #roll(): void {
    const nowMs = this.#clock.nowMs();
    const fromMs = Math.floor(nowMs / fineMs) * fineMs;
    const newest = this.#spans.at(-1);
    // A clock that was set back by little goes on in the span of before; by more, what is known is of no use.
    if (newest !== undefined && newest.fromMs - fromMs > minuteMs) this.#spans = [];
    const last = this.#spans.at(-1);
    if (last !== undefined && last.fromMs >= fromMs) return;
    this.#spans.push({ fromMs, toMs: fromMs + fineMs, ...noOutcomes });
    this.#spans = joinOld(
      this.#spans.filter(({ toMs }) => toMs > nowMs - keptMs),
      nowMs,
    );
    for (const [id, { heardMs }] of this.#heard) {
      if (this.#clock.monotonicMs() - heardMs > forgottenMs) this.#heard.delete(id);
    }
  }
}

function joinOld(spans: readonly OutcomeSpan[], nowMs: number): OutcomeSpan[] {
  const isOld = ({ toMs }: OutcomeSpan): boolean => Math.ceil(toMs / minuteMs) * minuteMs <= nowMs - fineKeptMs;
  const byMinute = Map.groupBy(spans.filter(isOld), ({ fromMs }) => Math.floor(fromMs / minuteMs));
  const minutes = [...byMinute.values()].map((parts) => {
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    return {
      fromMs: Math.min(...parts.map(({ fromMs }) => fromMs)),
      toMs: Math.max(...parts.map(({ toMs }) => toMs)),
      ...addOutcomes(parts),
    };
  });
  return [...minutes, ...spans.filter((span) => !isOld(span))];
}

/** A gateway of before outcomes counts nearly the same: no latency, and deadlines that were missed without a replica. */
function outcomesIn({ outcomes, answered, rejected, failed }: GatewayReport): Outcomes {
  return outcomes ?? { requests: answered + rejected, failed: failed + rejected, latency: {} };
}
