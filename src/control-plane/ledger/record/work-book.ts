import type { FactClock } from '../../../core/cost/ledger/fact.ts';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import type { NewFact } from './new-fact.ts';

interface Counted {
  readonly answers: number;
  readonly busyMs: number;
}

interface KnownGateway {
  startedAtMs: number;
  seenMs: number;
  /** Null: of a gateway that does not report the work of its replicas. */
  readonly counters: Map<string, Counted | null>;
  /** What was counted since the last account, by replica, over restarts of the gateway. */
  readonly uncounted: Map<string, Counted | null>;
}

/** A gateway that is silent for so long may still serve: no account is made until it is heard, or is given up. */
const silentMs = 10_000;
const givenUpMs = 300_000;

const nothing: Counted = { answers: 0, busyMs: 0 };

/** A claim that may have worked. */
export interface Worker {
  readonly claim: string;
  /** Since when it is ready, by the clock of this recorder. */
  readonly readySinceMs: number;
}

/**
 * What replicas of one service did, by the counters of its gateways. One account covers the time since the one before it.
 *
 * | gateways | account |
 * |---|---|
 * | none was heard since this process began | none: the time is `work-not-reported` |
 * | one is silent for more than 10 s | none yet; the next account covers this time too |
 * | one does not report the work of a replica that it leads to | none for this replica |
 * | one leads to the replica | its busy time |
 * | several do | busy time as if they were independent: of two that are busy for half of the time each, three quarters |
 */
export class WorkBook {
  readonly #gateways = new Map<string, KnownGateway>();
  /** Ends of the last accounts, by claim. */
  readonly #accountedMs = new Map<string, number>();
  #sinceMs: number | null = null;

  /** @param nowMs monotonic. The first report of a gateway that is older than this book says where its counters stand. */
  report(report: Pick<GatewayReport, 'gatewayId' | 'startedAtMs' | 'atMs' | 'replicas'>, nowMs: number): void {
    const known = this.#gateways.get(report.gatewayId);
    const isNew = known === undefined;
    const bookedForMs = this.#sinceMs === null ? 0 : nowMs - this.#sinceMs;
    const startedInBook = report.atMs - report.startedAtMs <= bookedForMs;
    const gateway = known ?? {
      ...{ startedAtMs: report.startedAtMs, seenMs: nowMs },
      ...{ counters: new Map<string, Counted | null>(), uncounted: new Map<string, Counted | null>() },
    };
    if (gateway.startedAtMs !== report.startedAtMs) gateway.counters.clear();
    gateway.startedAtMs = report.startedAtMs;
    gateway.seenMs = nowMs;
    for (const { replicaId, work } of report.replicas) {
      const before = gateway.counters.get(replicaId);
      gateway.counters.set(replicaId, work ?? null);
      if (work === undefined || before === null) gateway.uncounted.set(replicaId, null);
      else if (!isNew || startedInBook) addTo(gateway.uncounted, replicaId, work, before ?? nothing);
    }
    this.#gateways.set(report.gatewayId, gateway);
    this.#sinceMs ??= nowMs;
  }

  /**
   * Returns accounts up to now, and begins the next ones.
   * @param ratePerSecond what one replica sustains; null where it is not measured.
   */
  take(workers: readonly Worker[], at: FactClock, ratePerSecond: number | null): readonly NewFact[] {
    const nowMs = at.monotonicMs;
    const sinceMs = this.#sinceMs;
    for (const [id, { seenMs }] of this.#gateways) if (nowMs - seenMs > givenUpMs) this.#gateways.delete(id);
    const gateways = [...this.#gateways.values()];
    if (sinceMs === null || gateways.length === 0 || gateways.some(({ seenMs }) => nowMs - seenMs > silentMs))
      return [];
    return workers.flatMap(({ claim, readySinceMs }): readonly NewFact[] => {
      const fromMs = Math.round(Math.max(readySinceMs, sinceMs, this.#accountedMs.get(claim) ?? -Infinity));
      const counted = gateways.map(({ uncounted }) => uncounted.get(claim));
      if (fromMs >= nowMs) return [];
      for (const { uncounted } of gateways) uncounted.delete(claim);
      this.#accountedMs.set(claim, nowMs);
      if (counted.includes(null)) return [];
      const work = joinWork(
        counted.filter((each) => each !== null && each !== undefined),
        nowMs - fromMs,
      );
      const filledMs = ratePerSecond === null ? null : Math.round((work.answers / ratePerSecond) * 1_000);
      return [
        {
          ...{ kind: 'work-account', claim, at, fromMonotonicMs: fromMs, busyMs: { answers: work.busyMs } },
          // A request below capacity takes longer than its share of the capacity: more than busy is not filled.
          filledMs: filledMs === null ? null : Math.min(filledMs, work.busyMs),
          ...{ answers: work.answers, tokens: 0, source: 'gateway' },
        },
      ];
    });
  }

  forget(claim: string): void {
    this.#accountedMs.delete(claim);
    for (const { counters, uncounted } of this.#gateways.values()) {
      counters.delete(claim);
      uncounted.delete(claim);
    }
  }
}

function addTo(uncounted: Map<string, Counted | null>, replicaId: string, now: Counted, before: Counted): void {
  const so = uncounted.get(replicaId);
  if (so === null) return;
  uncounted.set(replicaId, {
    answers: (so?.answers ?? 0) + Math.max(0, now.answers - before.answers),
    busyMs: (so?.busyMs ?? 0) + Math.max(0, now.busyMs - before.busyMs),
  });
}

/** `busy = span (1 - product of (1 - busy of each / span))`. */
function joinWork(counted: readonly Counted[], spanMs: number): Counted {
  const quiet = counted.reduce((product, { busyMs }) => product * (1 - Math.min(1, busyMs / spanMs)), 1);
  return {
    answers: counted.reduce((sum, { answers }) => sum + answers, 0),
    busyMs: Math.min(spanMs, Math.round(spanMs * (1 - quiet))),
  };
}
