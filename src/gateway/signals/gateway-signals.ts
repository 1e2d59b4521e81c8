import type { Outcomes } from '../../core/health/outcomes.ts';
import type { CanaryCounts, GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { refusals, type RefusalCode } from '../admission/refusal.ts';
import { ReleaseSignals } from './release-signals.ts';
import { PhaseTally, type RequestMarks } from './phase-tally.ts';
import { WorkTally, type RequestWork } from './work-tally.ts';
import type { Replica } from '../routes/replica.ts';

/** A gateway outlives many releases; the oldest idle one is forgotten beyond this many. */
const releaseLimit = 32;

/** Counters of one gateway, cumulative since its start. */
export class GatewaySignals {
  arrivals = 0;
  /** Those of them that asked for a replica. */
  asked = 0;
  /** Requests with a whole answer below 400. */
  completions = 0;
  /** Completions by a replica that was warm when they were sent, and the sum of their times with it. */
  timed = 0;
  serviceMs = 0;
  /** Of requests that asked for a replica. */
  readonly work = new WorkTally();
  /** Of answered requests that were sent once. */
  readonly phases = new PhaseTally();
  /** Answers of replicas passed on whole. */
  answered = 0;
  /** 5xx of replicas, broken connections, missed deadlines. */
  failed = 0;
  retried = 0;
  /** Clients that left before their answer was over. */
  abandoned = 0;
  /** Sticky requests that another split answered, because theirs had no free replica in time. */
  stickyFallbacks = 0;
  /** Missed deadlines that clients had set below the gateway's own. */
  hurried = 0;
  /** Answers by which an engine said so. In `answered`, and in no count of failures. */
  missed = 0;
  shadowCompared = 0;
  shadowAgreed = 0;
  /** Requests of the shadow's share without a comparison, by reason. */
  readonly shadowSkipped: Record<string, number> = {};
  readonly refused = noRefusals();
  readonly #releases = new Map<number, ReleaseSignals>();

  get releases(): readonly ReleaseSignals[] {
    return [...this.#releases.values()].sort((a, b) => a.release - b.release);
  }

  readonly ofRelease = (release: number, modelVersion: number): ReleaseSignals => {
    const known = this.#releases.get(release);
    if (known !== undefined) return known;
    const made = new ReleaseSignals(release, modelVersion);
    this.#releases.set(release, made);
    this.#forgetOldest();
    return made;
  };

  /** A request was answered below 400. */
  complete(
    answer: RequestWork & {
      readonly serviceMs: number;
      readonly isCold: boolean;
      readonly marks: RequestMarks | null;
    },
  ): void {
    this.completions += 1;
    if (answer.marks !== null) this.phases.add(answer.marks);
    this.work.complete(answer);
    if (answer.isCold) return;
    this.timed += 1;
    this.serviceMs += answer.serviceMs;
  }

  /** 429 and 503. */
  get rejected(): number {
    return this.#refusedFor('overload');
  }

  /** What the health of the service is judged by. What clients did wrong is left out. */
  get outcomes(): Outcomes {
    const rejected = this.rejected;
    const latency: Record<number, number> = {};
    const ttft: Record<number, number> = {};
    let isStreamed = false;
    for (const release of this.#releases.values()) {
      release.latency.addTo(latency);
      release.ttft?.addTo(ttft);
      isStreamed ||= release.ttft !== null;
    }
    return {
      requests: this.answered - this.missed + rejected + this.#refusedFor('replica') - this.hurried,
      failed: this.failed + rejected - this.hurried,
      latency,
      ...(isStreamed ? { ttft } : {}),
    };
  }

  #refusedFor(blame: (typeof refusals)[RefusalCode]['blame']): number {
    let sum = 0;
    for (const [code, count] of Object.entries(this.refused)) {
      if (refusals[code as RefusalCode].blame === blame) sum += count;
    }
    return sum;
  }

  #forgetOldest(): void {
    for (const signals of this.releases) {
      if (this.#releases.size <= releaseLimit) return;
      if (signals.inFlight === 0) this.#releases.delete(signals.release);
    }
  }
}

/** A counter for each reason. */
export function noRefusals(): Record<RefusalCode, number> {
  const codes = Object.keys(refusals) as RefusalCode[];
  return Object.fromEntries(codes.map((code) => [code, 0])) as Record<RefusalCode, number>;
}

/** Facts of the process that a report carries beside the counters. */
export interface GatewayFacts {
  readonly gatewayId: string;
  readonly address: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly acknowledgedGeneration: number;
  readonly acknowledgedIssuedAtMs?: number;
  readonly atMs: number;
  /** By a clock that never steps. */
  readonly upMs: number;
  readonly residentBytes: number;
  readonly queueDepth: number;
  readonly oldestWaitMs: number;
  readonly inFlight: number;
}

function reportReplica(replica: Replica): GatewayReport['replicas'][number] {
  const { replicaId, inFlight, requests, answers, inside, tokens, busyMs, warm } = replica;
  const [shadowMs, goldenMs] = [Math.round(busyMs.shadow), Math.round(busyMs.golden)];
  const allMs = Math.round(busyMs.answers) + shadowMs + goldenMs;
  return {
    ...{ replicaId, inFlight, requests, warm: { ...warm } },
    work: { answers, busyMs: allMs, inside, tokens, shadowMs, goldenMs },
    progress: replica.progress.report(replica.nowMs()),
  };
}

/** Takes the latencies since the last report with it: the next one starts anew. */
export function takeReport(
  { oldestWaitMs, upMs, ...facts }: GatewayFacts,
  signals: GatewaySignals,
  replicas: Iterable<Replica>,
  counts: readonly CanaryCounts[],
): GatewayReport {
  const releases = signals.releases.map((release) => {
    const { sinceReport } = release;
    const row = {
      release: release.release,
      requests: release.requests,
      errors: release.errors,
      latencyP50Ms: sinceReport.quantileMs(0.5),
      latencyP99Ms: sinceReport.quantileMs(0.99),
    };
    sinceReport.clear();
    return row;
  });
  return {
    ...facts,
    arrivals: signals.arrivals,
    answered: signals.answered,
    rejected: signals.rejected,
    failed: signals.failed,
    retried: signals.retried,
    releases,
    scaling: {
      upMs,
      oldestWaitMs,
      arrivals: signals.asked,
      completions: signals.completions,
      timed: signals.timed,
      serviceMs: signals.serviceMs,
      work: signals.work.report(),
    },
    outcomes: signals.outcomes,
    replicas: [...replicas].map(reportReplica),
    ...(counts.length > 0 ? { counts: [...counts] } : {}),
  };
}
