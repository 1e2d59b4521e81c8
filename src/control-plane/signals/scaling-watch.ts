import { scalingSignals } from '../../core/scaling/acting/scaling-signals.ts';
import { unknownSignals, type ScalingSignals } from '../../core/scaling/signals.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';

/** A gateway that is silent for longer is not known any more; reports come once a second. */
const silentMs = 3_000;
/** After so long a silence it is gone for good: the others are all there are. As long as it counts for the rollout. */
const goneMs = 10_000;
/** Rates over a shorter time than this say little. */
const shortestMs = 500;

interface HeardReport {
  readonly report: GatewayReport;
  /** When it was heard, by a clock that never steps. */
  readonly heardMs: number;
}

interface Heard {
  readonly newest: HeardReport;
  /** The newest at the last reading. */
  readonly taken: HeardReport | null;
  /** What rates count from: the newest at the reading before that. */
  readonly before: HeardReport | null;
}

/** Keeps what scaling needs of the reports of gateways: of each the newest one, and the one that was read before it. */
export class ScalingWatch {
  readonly #clock: Clock;
  readonly #sinceMs: number;
  readonly #heard = new Map<string, Heard>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  report(report: GatewayReport): void {
    const known = this.#heard.get(report.gatewayId);
    this.#heard.set(report.gatewayId, {
      newest: { report, heardMs: this.#clock.monotonicMs() },
      taken: known?.taken ?? null,
      before: known?.before ?? null,
    });
  }

  /** Whether a request waits in a gateway, as of its newest report. */
  get waiting(): boolean {
    return [...this.#heard.values()].some(({ newest }) => newest.report.queueDepth > 0);
  }

  /** Rates are those since the reading before. Unknown until every gateway that runs had the time to report. */
  read(): ScalingSignals {
    const signals = this.#signals(this.#advance());
    const settling = this.#clock.monotonicMs() - this.#sinceMs < silentMs;
    return settling ? unknownSignals(signals.atMs) : signals;
  }

  /** For people: rates go on from where the last reading began. */
  look(): ScalingSignals {
    return this.#signals(this.#heard);
  }

  #signals(heard: ReadonlyMap<string, Heard>): ScalingSignals {
    const nowMs = this.#clock.monotonicMs();
    const gateways = [...heard.values()].map(({ newest, before }) => ({
      before: before?.report ?? null,
      now: nowMs - newest.heardMs > silentMs ? null : newest.report,
      ...(before === null ? {} : { heardBetweenMs: newest.heardMs - before.heardMs }),
    }));
    // By the clock of the day as it is now, which may have been set since.
    const oldestMs = Math.max(0, ...[...heard.values()].map(({ newest }) => nowMs - newest.heardMs));
    return scalingSignals(gateways, this.#clock.nowMs() - oldestMs);
  }

  #advance(): ReadonlyMap<string, Heard> {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, heard] of this.#heard) {
      if (nowMs - heard.newest.heardMs > goneMs) {
        this.#heard.delete(id);
        continue;
      }
      const { newest, taken } = heard;
      // The same process too soon after: its rates still count from the same report.
      const isSameProcess = taken?.report.startedAtMs === newest.report.startedAtMs;
      const soon = taken !== null && isSameProcess && newest.heardMs - taken.heardMs < shortestMs;
      if (!soon) this.#heard.set(id, { ...heard, before: taken, taken: newest });
    }
    return this.#heard;
  }
}
