import { chooseStuck, type JudgedReplica } from '../../../core/rollout/liveness/choose-stuck.ts';
import { defaultStuckAfterMs, findStuckLimit, judgeLiveness } from '../../../core/rollout/liveness/judge-liveness.ts';
import { answeredWithinMs } from '../../../core/rollout/liveness/warm-and-silent.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import type { EngineProbe as EngineProbeClass, ProbeTarget } from './engine-probe.ts';
import { ReplicaWatch } from './replica-watch.ts';
import { WatchedTime } from './watched-time.ts';

const probeAtMostEveryMs = 15_000;
const probeSpareEveryMs = 2_500;
const probeAtLeastEveryMs = 250;
const probesAtOnce = 16;
const reachTimeoutMs = 2_000;
const evidenceLines = 10;
const evidenceTimeoutMs = 1_000;
/** A gateway that reports within this time reaches the control plane. */
const reportedWithinMs = 5_000;

type EngineProbe = Pick<EngineProbeClass, 'canAsk' | 'ways' | 'ask' | 'reaches'>;

/** What is kept of a stuck replica, as far as it could be read. */
export interface StuckEvidence {
  readonly lastLines: readonly string[] | null;
  readonly engineCounters: string | null;
  readonly devices: ObservedReplica['devices'] | null;
}

export interface LivenessParts {
  /** Null where nobody probes: then no replica is ever judged stuck. */
  readonly probe: EngineProbe | null;
  readonly clock: Clock;
  logs(replicaId: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Counters of an engine as one text that moves with them; null where they were not read lately. */
  counters(replicaId: string): string | null;
  changed(): void;
}

interface Judged {
  readonly replica: ObservedReplica;
  readonly release: Release;
  readonly endpoint: string;
}

interface Named {
  readonly reason: string;
  readonly evidence: StuckEvidence;
}

/**
 * What moves on replicas that were ready once, the probes that are under way, and which replicas are stuck. Nothing of it is recorded: a
 * successor judges by what it sees itself.
 */
export class LivenessBook {
  readonly #parts: LivenessParts;
  readonly #time = new WatchedTime();
  readonly #watches = new Map<string, ReplicaWatch>();
  readonly #named = new Map<string, Named>();
  readonly #naming = new Set<string>();
  /** Probes under way, by replica and way. */
  readonly #probing = new Map<string, { readonly beganMs: number; readonly end: AbortController }>();
  readonly #probedMs = new Map<string, number>();
  /** They have no probe and tell no counters. */
  #byRequestsAlone: ReadonlySet<string> = new Set();
  #withheld: ReadonlyMap<string, string> = new Map();
  #reportedMs: number | null = null;
  #reachedMs = -Infinity;
  #reaching = false;
  /** Counts gaps: what was asked before one is not believed after it. */
  #era = 0;

  constructor(parts: LivenessParts) {
    this.#parts = parts;
  }

  /** A gateway reported. */
  report({ gatewayId, startedAtMs, replicas }: GatewayReport): void {
    this.#reportedMs = this.#time.nowMs;
    for (const { replicaId, progress, work } of replicas) {
      if (progress !== undefined)
        this.#watches.get(replicaId)?.reported(gatewayId, startedAtMs, progress, work?.busyMs ?? 0, this.#time.nowMs);
    }
  }

  /** Returns the replicas with those that are stuck shown as such. */
  show(replicas: readonly ObservedReplica[]): readonly ObservedReplica[] {
    return replicas.map((replica) => {
      const named = this.#named.get(replica.replicaId);
      if (named !== undefined && isJudged(replica)) return { ...replica, state: 'stuck', reason: named.reason };
      const silentMs = this.#watches.get(replica.replicaId)?.silentForMs(this.#time.nowMs) ?? 0;
      const silent = silentMs > answeredWithinMs ? { silent: 'its probe has no answer' } : {};
      const why = this.#withheld.get(replica.replicaId);
      if (why !== undefined) return { ...replica, ...silent, reason: `seems stuck, and is left alone: ${why}` };
      if (!this.#byRequestsAlone.has(replica.replicaId) || !isJudged(replica)) return { ...replica, ...silent };
      return { ...replica, reason: `${replica.reason}; judged by requests alone: no probe, no counters of its engine` };
    });
  }

  /**
   * Asks each replica that is ready once, now, for two seconds at most, and returns them with those that gave no answer shown as silent: for
   * a decision while no turns are taken.
   */
  async askNow(
    replicas: readonly ObservedReplica[],
    releases: readonly Release[],
    signal: AbortSignal,
  ): Promise<readonly ObservedReplica[]> {
    const { probe } = this.#parts;
    return Promise.all(
      this.show(replicas).map(async (replica) => {
        const { replicaId, endpoint } = replica;
        const release = releases.find(({ pair }) => pair === replica.pair);
        if (probe === null || release === undefined || endpoint === null || replica.state !== 'ready') return replica;
        if (!probe.canAsk({ release })) return replica;
        const target = { replicaId, endpoint, release };
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(reachTimeoutMs)]);
        const given = new Promise<'silent'>((resolve) =>
          bounded.addEventListener('abort', () => resolve('silent'), { once: true }),
        );
        const outcome = await Promise.race([probe.ask(probe.ways(target).direct, target, bounded), given]);
        return outcome === 'silent' ? { ...replica, silent: 'it was asked and has no answer' } : replica;
      }),
    );
  }

  evidenceOf(replicaId: string): StuckEvidence | null {
    return this.#named.get(replicaId)?.evidence ?? null;
  }

  /**
   * Called once a turn. Judges what was seen and begins the probes that are due; never rejects.
   * @param isSpare has no traffic that shows whether it answers, and somebody may go back to it: it is asked every few seconds.
   */
  consider(
    replicas: readonly ObservedReplica[],
    releases: readonly Release[],
    isSpare: (replica: ObservedReplica) => boolean,
    signal: AbortSignal,
  ): void {
    const { probe } = this.#parts;
    if (probe === null) return;
    const { stepMs, isGap } = this.#time.look(this.#parts.clock.monotonicMs());
    const present = new Set(replicas.filter(isRunning).map(({ replicaId }) => replicaId));
    for (const ids of [this.#watches, this.#named, this.#probedMs]) {
      for (const id of ids.keys()) if (!present.has(id)) ids.delete(id);
    }
    if (isGap) this.#startAnew();
    const judged = replicas.filter(isJudged).flatMap((replica): readonly Judged[] => {
      const release = releases.find(({ pair }) => pair === replica.pair);
      const { endpoint } = replica;
      return release === undefined || endpoint === null ? [] : [{ replica, release, endpoint }];
    });
    for (const { replica } of judged) this.#watch(replica, stepMs);
    this.#choose(judged, signal);
    for (const each of judged) this.#probe(probe, each, isSpare(each.replica), signal);
  }

  #startAnew(): void {
    this.#era += 1;
    for (const key of this.#probing.keys()) this.#giveUp(key);
    this.#probedMs.clear();
    this.#reachedMs = -Infinity;
    this.#reportedMs = this.#reportedMs === null ? null : -Infinity;
    for (const watch of this.#watches.values()) watch.startAnew(this.#time.nowMs);
  }

  #watch({ replicaId }: ObservedReplica, stepMs: number): void {
    const { nowMs } = this.#time;
    const watch = this.#watches.get(replicaId) ?? new ReplicaWatch(nowMs);
    this.#watches.set(replicaId, watch);
    const counters = this.#parts.counters(replicaId);
    if (counters !== null) watch.counted(counters, nowMs);
    watch.passed(stepMs);
  }

  #choose(all: readonly Judged[], signal: AbortSignal): void {
    const { nowMs } = this.#time;
    const hasGateway = this.#reportedMs !== null;
    const judged = all.map(({ replica, release }): JudgedReplica => {
      const { replicaId } = replica;
      const watch = this.#watches.get(replicaId) ?? new ReplicaWatch(nowMs);
      const isProbed = this.#parts.probe?.canAsk({ release }) === true;
      const evidence = { ...watch.evidence(nowMs), isProbed };
      const limitMs = findStuckLimit(evidence, stuckAfterOf(release));
      const throughMs = watch.silentThroughGatewayMs(nowMs);
      return {
        replicaId,
        liveness: judgeLiveness(evidence, stuckAfterOf(release)),
        quietMs: evidence.quietMs,
        isEnding: this.#named.has(replicaId) || this.#naming.has(replicaId),
        isSilentToOthers: hasGateway
          ? (throughMs ?? 0) >= limitMs / 4
          : replica.silent !== undefined || replica.state !== 'ready',
      };
    });
    this.#byRequestsAlone = new Set(
      all
        .filter(({ release }) => this.#parts.probe?.canAsk({ release }) !== true)
        .map(({ replica }) => replica.replicaId)
        .filter((id) => (this.#watches.get(id)?.counters ?? null) === null),
    );
    const isReported = nowMs - (this.#reportedMs ?? -Infinity) <= reportedWithinMs;
    const { stuck, withheld } = chooseStuck(judged, {
      controlPlaneReaches: !hasGateway || nowMs - this.#reachedMs <= 4 * reportedWithinMs,
      gatewayReaches: !hasGateway || isReported,
    });
    this.#withheld = withheld;
    for (const { replicaId, reason } of stuck) {
      const replica = all.find((each) => each.replica.replicaId === replicaId)?.replica;
      if (replica !== undefined) void this.#name(replica, reason, signal);
    }
  }

  /** Reads what is kept of it, for a second at most, and names it: the next turn takes it out of traffic and ends it. */
  async #name({ replicaId, devices }: ObservedReplica, reason: string, signal: AbortSignal): Promise<void> {
    this.#naming.add(replicaId);
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(evidenceTimeoutMs)]);
    const given = new Promise<null>((resolve) =>
      bounded.addEventListener('abort', () => resolve(null), { once: true }),
    );
    const reading = this.#parts.logs(replicaId, evidenceLines, bounded).catch(() => null);
    const lastLines = await Promise.race([reading, given]);
    this.#naming.delete(replicaId);
    if (signal.aborted || !this.#watches.has(replicaId)) return;
    const evidence = {
      lastLines,
      engineCounters: this.#watches.get(replicaId)?.counters?.slice(0, 4_000) ?? null,
      devices: devices ?? null,
    };
    this.#named.set(replicaId, { reason, evidence });
    this.#parts.changed();
  }

  #probe(probe: EngineProbe, { replica, release, endpoint }: Judged, isSpare: boolean, signal: AbortSignal): void {
    const { replicaId } = replica;
    const target: ProbeTarget = { replicaId, endpoint, release };
    const watch = this.#watches.get(replicaId);
    if (watch === undefined || this.#named.has(replicaId)) return;
    const canAsk = probe.canAsk(target);
    const { nowMs } = this.#time;
    const limitMs = findStuckLimit({ ...watch.evidence(nowMs), isProbed: canAsk }, stuckAfterOf(release));
    const everyMs = Math.min(
      isSpare ? probeSpareEveryMs : probeAtMostEveryMs,
      Math.max(probeAtLeastEveryMs, limitMs / 4),
    );
    // Traffic that moves shows as much as a probe: under load there are none.
    const isDue = watch.answeredAgoMs(nowMs) >= Math.min(everyMs, answeredWithinMs / 2);
    const isApart = nowMs - (this.#probedMs.get(replicaId) ?? -Infinity) >= everyMs;
    const { direct, gateway } = probe.ways(target);
    const through = `${replicaId} through`;
    // By the limit of now: one that was given up early would have to queue again.
    for (const key of [replicaId, through])
      if (nowMs - (this.#probing.get(key)?.beganMs ?? nowMs) >= limitMs) this.#giveUp(key);
    if (canAsk && isDue && isApart && !this.#probing.has(replicaId) && this.#probing.size < probesAtOnce) {
      this.#probedMs.set(replicaId, nowMs);
      void this.#ask(probe, direct, target, watch, signal);
    }
    const { probeSilentMs, unansweredMs } = watch.evidence(nowMs);
    const isDoubted = Math.max(probeSilentMs, unansweredMs) >= limitMs / 2;
    if (gateway === null || !isDoubted) return;
    if (canAsk && !this.#probing.has(through)) void this.#ask(probe, gateway, target, watch, signal, through);
    if (!this.#reaching) void this.#reach(probe, gateway.endpoint, target, signal);
  }

  #giveUp(key: string): void {
    this.#probing.get(key)?.end.abort();
    this.#probing.delete(key);
  }

  async #ask(
    probe: EngineProbe,
    way: Parameters<EngineProbe['ask']>[0],
    target: ProbeTarget,
    watch: ReplicaWatch,
    signal: AbortSignal,
    key: string = target.replicaId,
  ): Promise<void> {
    const era = this.#era;
    const beganMs = this.#time.nowMs;
    const startedMs = this.#parts.clock.monotonicMs();
    const began = { beganMs, end: new AbortController() };
    this.#probing.set(key, began);
    watch.probeBegan(beganMs, way.path === 'gateway');
    const outcome = await probe.ask(way, target, AbortSignal.any([signal, began.end.signal]));
    if (era !== this.#era) return;
    if (this.#probing.get(key) === began) this.#probing.delete(key);
    if (outcome === 'answered') watch.probeAnswered(this.#parts.clock.monotonicMs() - startedMs, this.#time.nowMs);
    if (outcome === 'not-asked') watch.couldNotAsk(way.path === 'gateway');
  }

  /** Whether the control plane reaches another address, while it does not reach the replica. */
  async #reach(probe: EngineProbe, gateway: string, target: ProbeTarget, signal: AbortSignal): Promise<void> {
    const era = this.#era;
    this.#reaching = true;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(reachTimeoutMs)]);
    const reached = await probe.reaches(gateway, target, bounded);
    this.#reaching = false;
    if (reached && era === this.#era) this.#reachedMs = this.#time.nowMs;
  }
}

const stuckAfterOf = ({ stuckAfterMs }: Pick<Release, 'stuckAfterMs'>): number => stuckAfterMs ?? defaultStuckAfterMs;

const isRunning = ({ state }: ObservedReplica): boolean => state !== 'stopped' && state !== 'failed';

/** It was ready once: it loads nothing any more. One that sleeps, or is told to end, is expected to stand still. */
const isJudged = ({ state, readyAtMs, endpoint }: ObservedReplica): boolean =>
  readyAtMs !== null && endpoint !== null && (state === 'ready' || state === 'starting');
