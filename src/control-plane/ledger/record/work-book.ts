import { apportion } from '../../../core/cost/apportion.ts';
import type { FactClock, WorkAccount, WorkCounters } from '../../../core/cost/ledger/fact.ts';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import { joinBusy } from './join-busy.ts';
import type { NewFact } from './new-fact.ts';
import {
  addCounts,
  noCounts,
  readCounts,
  writeCounters,
  type CountedWork,
  type ResumedWork,
  type WorkCounts,
} from './work-counts.ts';

interface KnownGateway {
  startedAtMs: number;
  seenMs: number;
  /** By its own clock. */
  reportedAtMs: number;
  /** What to add to its clock for that of this process: the smallest difference, as of the report that took least time. */
  offsetMs: number;
  /** Null: of a gateway that does not report the work of its replicas. */
  readonly counters: Map<string, WorkCounts | null>;
  /** What was counted since the last account, by replica, over restarts of the gateway. */
  readonly uncounted: Map<string, CountedWork | null>;
}

/** A gateway that is silent for so long may still serve: no account is made until it is heard, or is given up. */
const silentMs = 10_000;
const givenUpMs = 300_000;
/** What happened for longer than this without a control plane is not spread over that time. */
const resumedAtMostMs = 3_600_000;

/** A clock of a gateway that moves by more than this has stepped. */
const stepMs = 2_000;

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
 * | those of the account before this process count on | from that account on, where it is at most an hour ago |
 * | one is silent for more than 10 s | none yet; the next account covers this time too |
 * | one does not report the work of a replica that it leads to | none for this replica |
 * | one leads to the replica | its busy time |
 * | several do | busy time as `joinBusy` has it, second by second, and what it is at least and at most |
 */
export class WorkBook {
  readonly #gateways = new Map<string, KnownGateway>();
  /** Ends of the last accounts, by claim. */
  readonly #accountedMs = new Map<string, number>();
  readonly #resume: (claim: string) => ResumedWork | null;
  #sinceMs: number | null = null;

  /** @param resume what the last account said of a claim that an earlier process recorded; null for all others. */
  constructor(resume: (claim: string) => ResumedWork | null = () => null) {
    this.#resume = resume;
  }

  /** @param nowMs monotonic. The first report of a gateway that is older than this book says where its counters stand. */
  report(report: Pick<GatewayReport, 'gatewayId' | 'startedAtMs' | 'atMs' | 'replicas'>, nowMs: number): void {
    const { gatewayId, startedAtMs, atMs } = report;
    const known = this.#gateways.get(gatewayId);
    const isNew = known === undefined;
    const bookedForMs = this.#sinceMs === null ? 0 : nowMs - this.#sinceMs;
    const startedInBook = atMs - startedAtMs <= bookedForMs;
    const gateway = known ?? newGateway(report, nowMs);
    const isRestarted = gateway.startedAtMs !== startedAtMs;
    if (isRestarted) gateway.counters.clear();
    const offsetMs = nowMs - atMs;
    const hasStepped = offsetMs < gateway.offsetMs - stepMs || offsetMs > gateway.offsetMs + stepMs;
    gateway.offsetMs = hasStepped ? offsetMs : Math.min(gateway.offsetMs, offsetMs);
    const beganAtMs = isNew || isRestarted ? startedAtMs : gateway.reportedAtMs;
    // A clock that stands still or went back says nothing: the reports' own times do.
    const span =
      beganAtMs < atMs
        ? { fromMs: beganAtMs + gateway.offsetMs, toMs: atMs + gateway.offsetMs }
        : { fromMs: gateway.seenMs, toMs: nowMs };
    Object.assign(gateway, { startedAtMs, seenMs: nowMs, reportedAtMs: atMs });
    for (const { replicaId, work } of report.replicas) {
      const before = gateway.counters.get(replicaId);
      const now = work === undefined ? null : readCounts(work);
      gateway.counters.set(replicaId, now);
      if (now === null || before === null) gateway.uncounted.set(replicaId, null);
      else if (!isNew || startedInBook) addTo(gateway.uncounted, replicaId, now, before ?? noCounts, span);
      else {
        const resumed = this.#accountedMs.has(replicaId) ? null : this.#resumed(replicaId, nowMs);
        const counts = resumed === null ? null : findCounters(resumed, report, nowMs);
        if (resumed !== null && counts !== null)
          addTo(gateway.uncounted, replicaId, now, counts, { fromMs: resumed.atMs, toMs: nowMs });
      }
    }
    this.#gateways.set(gatewayId, gateway);
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
      const resumed = this.#accountedMs.has(claim) ? null : this.#resumed(claim, nowMs);
      const isHeard = resumed === null || resumed.counters.every((each) => this.#isHeard(each));
      if (!isHeard && nowMs - sinceMs <= silentMs) return [];
      const beganMs = resumed?.atMs ?? this.#accountedMs.get(claim) ?? sinceMs;
      const fromMs = Math.round(Math.max(readySinceMs, beganMs));
      const counted = gateways.map(({ uncounted }) => uncounted.get(claim));
      if (fromMs >= nowMs) return [];
      for (const { uncounted } of gateways) uncounted.delete(claim);
      this.#accountedMs.set(claim, nowMs);
      if (!isHeard || counted.includes(null)) return [];
      const own = counted.filter((each) => each !== null && each !== undefined);
      const account = accountOf(own, nowMs - fromMs, ratePerSecond);
      return [{ kind: 'work-account', claim, at, fromMonotonicMs: fromMs, ...account, ...this.#countersOf(claim) }];
    });
  }

  #countersOf(claim: string): Pick<WorkAccount, 'counters'> {
    const counters = [...this.#gateways].flatMap(([id, { startedAtMs, counters: all }]) => {
      const counts = all.get(claim);
      return counts === null || counts === undefined ? [] : [writeCounters(id, startedAtMs, counts)];
    });
    return counters.length === 0 ? {} : { counters };
  }

  /** Returns what the account before this process said of a claim; null where there is none, or it is too old. */
  #resumed(claim: string, nowMs: number): ResumedWork | null {
    const resumed = this.#resume(claim);
    return resumed === null || nowMs - resumed.atMs > resumedAtMostMs ? null : resumed;
  }

  #isHeard({ gateway, startedAtMs }: WorkCounters): boolean {
    return this.#gateways.get(gateway)?.startedAtMs === startedAtMs;
  }

  forget(claim: string): void {
    this.#accountedMs.delete(claim);
    for (const { counters, uncounted } of this.#gateways.values()) {
      counters.delete(claim);
      uncounted.delete(claim);
    }
  }
}

function newGateway({ startedAtMs, atMs }: Pick<GatewayReport, 'startedAtMs' | 'atMs'>, nowMs: number): KnownGateway {
  return {
    ...{ startedAtMs, seenMs: nowMs, reportedAtMs: atMs, offsetMs: nowMs - atMs },
    ...{ counters: new Map(), uncounted: new Map() },
  };
}

/** Returns where the counters of a gateway stood at the account before; at 0 where it started later. Null: not known. */
function findCounters(
  { atMs, counters }: ResumedWork,
  { gatewayId, startedAtMs, atMs: reportedAtMs }: Pick<GatewayReport, 'gatewayId' | 'startedAtMs' | 'atMs'>,
  nowMs: number,
): WorkCounts | null {
  const found = counters.find((each) => each.gateway === gatewayId && each.startedAtMs === startedAtMs);
  if (found !== undefined) return { ...noCounts, ...found };
  return reportedAtMs - startedAtMs <= nowMs - atMs ? noCounts : null;
}

function addTo(
  uncounted: KnownGateway['uncounted'],
  replicaId: string,
  now: WorkCounts,
  before: WorkCounts,
  span: { readonly fromMs: number; readonly toMs: number },
): void {
  const soFar = uncounted.get(replicaId);
  if (soFar !== null) uncounted.set(replicaId, addCounts(soFar, now, before, span));
}

type Account = Pick<WorkAccount, 'busyMs' | 'joined' | 'filledMs' | 'answers' | 'tokens' | 'source'>;

/** Returns the account of a replica over `spanMs`, by the counts of the gateways that lead to it. */
function accountOf(counted: readonly CountedWork[], spanMs: number, ratePerSecond: number | null): Account {
  const sumOf = (key: keyof WorkCounts): number => counted.reduce((sum, each) => sum + each[key], 0);
  const joined = joinBusy(counted.map(({ segments }) => segments));
  const [busyMs, atLeastMs, atMostMs] = [joined.busyMs, joined.atLeastMs, joined.atMostMs].map((ms) =>
    Math.min(spanMs, Math.round(ms)),
  ) as [number, number, number];
  const [shadowMs, goldenMs] = [sumOf('shadowMs'), sumOf('goldenMs')];
  const answersMs = Math.max(0, sumOf('busyMs') - shadowMs - goldenMs);
  const [answers = 0, shadow = 0, golden = 0] = apportion(busyMs, [
    { key: 'answers', weight: Math.round(answersMs) },
    { key: 'shadow', weight: Math.round(shadowMs) },
    { key: 'golden', weight: Math.round(goldenMs) },
  ]);
  const filledMs = ratePerSecond === null ? null : Math.round((sumOf('answers') / ratePerSecond) * 1_000);
  return {
    busyMs: { answers, ...(shadow === 0 ? {} : { shadow }), ...(golden === 0 ? {} : { golden }) },
    ...(atLeastMs === atMostMs ? {} : { joined: { atLeastMs, atMostMs } }),
    // A request below capacity takes longer than its share of the capacity: more than busy is not filled.
    filledMs: filledMs === null ? null : Math.min(filledMs, busyMs),
    ...{ answers: sumOf('inside'), tokens: sumOf('tokens'), source: 'gateway' },
  };
}
