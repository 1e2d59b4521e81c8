import type { Clock } from '../../ports/process/clock.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { SignalSample } from '../../schemas/view/view.ts';
import { ratesBetween, sumRates, type GatewayRates } from './gateway-rates.ts';

/** Ten minutes of seconds. */
const samplesKept = 600;
/** A gateway that is silent for longer adds nothing to a sample. */
const currentMs = 3_000;

interface Heard {
  readonly report: GatewayReport;
  readonly rates: GatewayRates;
  readonly heardMs: number;
}

/** Turns the reports of gateways into one sample a second, and keeps the newest of them. */
export class SignalFeed {
  readonly #clock: Clock;
  readonly #batchFill: () => number | null;
  readonly #heard = new Map<string, Heard>();
  readonly #samples: SignalSample[] = [];

  constructor(clock: Clock, batchFill: () => number | null) {
    this.#clock = clock;
    this.#batchFill = batchFill;
  }

  report(report: GatewayReport): void {
    const before = this.#heard.get(report.gatewayId);
    // A report that follows at once (a generation was applied) has too short an interval to make a rate of.
    if (before !== undefined && report.atMs - before.report.atMs < 200 && report.atMs >= before.report.atMs) return;
    this.#heard.set(report.gatewayId, {
      report,
      rates: ratesBetween(before?.report ?? null, report),
      heardMs: this.#clock.monotonicMs(),
    });
  }

  sample(): SignalSample {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, heard] of this.#heard) if (nowMs - heard.heardMs > 10 * currentMs) this.#heard.delete(id);
    const current = [...this.#heard.values()].filter((heard) => nowMs - heard.heardMs <= currentMs);
    const sample = sumRates(
      current.map((heard) => heard.rates),
      this.#batchFill(),
      this.#clock.nowMs(),
    );
    this.#samples.push(sample);
    if (this.#samples.length > samplesKept) this.#samples.shift();
    return sample;
  }

  /** Oldest first. */
  latest(count: number): readonly SignalSample[] {
    return this.#samples.slice(-count);
  }
}
