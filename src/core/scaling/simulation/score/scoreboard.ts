import type { AcceleratorSeconds, SimulatedWorld, SimulationResult } from '../world.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { WorstWindow } from './worst-window.ts';

/** Counts of the scored time: requests that arrive in it, and what the policy does in it. */
export class Scoreboard {
  requests = 0;
  answered = 0;
  late = 0;
  dropped = 0;
  coldHits = 0;
  starts = 0;
  wakes = 0;
  failedStarts = 0;
  startsOfSpares = 0;
  decisions = 0;
  reversals = 0;
  readonly #fromMs: number;
  readonly #endMs: number;
  readonly #latencyMs: number;
  readonly #hasSpares: boolean;
  readonly #latencies = new LatencyHistogram();
  readonly #worst: WorstWindow;
  #desired: number | null = null;
  #direction = 0;

  constructor(world: SimulatedWorld) {
    this.#fromMs = world.scoreFromMs;
    this.#endMs = world.endMs;
    this.#latencyMs = world.terms.latencyMs;
    this.#hasSpares = world.spares !== undefined;
    this.#worst = new WorstWindow(world.scoreFromMs, world.endMs);
  }

  arrived(atMs: number, cold: boolean): void {
    if (atMs < this.#fromMs) return;
    this.requests += 1;
    if (cold) this.coldHits += 1;
    this.#worst.arrived(atMs);
  }

  /** Whether it kept the latency. */
  answer(arrivedAtMs: number, nowMs: number): boolean {
    const latencyMs = nowMs - arrivedAtMs;
    const kept = latencyMs <= this.#latencyMs;
    if (arrivedAtMs < this.#fromMs) return kept;
    this.answered += 1;
    if (!kept) this.late += 1;
    this.#latencies.record(latencyMs);
    this.#worst.ended(arrivedAtMs, kept);
    return kept;
  }

  drop(arrivedAtMs: number): void {
    if (arrivedAtMs < this.#fromMs) return;
    this.dropped += 1;
    this.#worst.ended(arrivedAtMs, false);
  }

  started(nowMs: number): void {
    if (this.#counts(nowMs)) this.starts += 1;
  }

  woken(nowMs: number): void {
    if (this.#counts(nowMs)) this.wakes += 1;
  }

  startFailed(nowMs: number): void {
    if (this.#counts(nowMs)) this.failedStarts += 1;
  }

  tookSpare(nowMs: number): void {
    if (this.#counts(nowMs)) this.startsOfSpares += 1;
  }

  decided(nowMs: number, desired: number): void {
    const direction = this.#desired === null ? 0 : Math.sign(desired - this.#desired);
    const reversed = direction !== 0 && this.#direction !== 0 && direction !== this.#direction;
    if (direction !== 0) this.#direction = direction;
    this.#desired = desired;
    if (!this.#counts(nowMs)) return;
    this.decisions += 1;
    if (reversed) this.reversals += 1;
  }

  /** Decisions that changed nothing, `periodMs` apart from `fromMs` on. */
  rested(fromMs: number, periodMs: number, decisions: number): void {
    const before = (atMs: number): number => Math.min(decisions, Math.max(0, Math.ceil((atMs - fromMs) / periodMs)));
    this.decisions += before(this.#endMs) - before(this.#fromMs);
  }

  result(policy: string, acceleratorSeconds: AcceleratorSeconds): SimulationResult {
    this.#worst.finish();
    const hours = (this.#endMs - this.#fromMs) / 3_600_000;
    return {
      policy,
      requests: this.requests,
      attainmentShare: this.requests === 0 ? 1 : (this.answered - this.late) / this.requests,
      late: this.late,
      dropped: this.dropped,
      coldHits: this.coldHits,
      latencyP50Ms: this.#latencies.quantileMs(0.5),
      latencyP99Ms: this.#latencies.quantileMs(0.99),
      acceleratorSeconds,
      starts: this.starts,
      wakes: this.wakes,
      failedStarts: this.failedStarts,
      ...(this.#hasSpares ? { startsOfSpares: this.startsOfSpares } : {}),
      reversalsPerHour: hours > 0 ? this.reversals / hours : 0,
      worstFiveMinutesShare: this.#worst.worstShare,
      decisions: this.decisions,
    };
  }

  #counts(nowMs: number): boolean {
    return nowMs >= this.#fromMs && nowMs < this.#endMs;
  }
}
