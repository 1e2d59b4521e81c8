import type { LivenessEvidence } from '../../../core/rollout/liveness/judge-liveness.ts';
import { RecentMost } from '../../../core/rollout/liveness/recent-most.ts';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import { AnswerPace } from './answer-pace.ts';

type Progress = NonNullable<GatewayReport['replicas'][number]['progress']>;

const allowedForMs = 600_000;
const probeCountedWithinMs = 5_000;
/** Moves under requests that show how it usually goes on. */
const movesAtLeast = 30;

interface SeenByGateway {
  readonly startedAtMs: number;
  readonly progress: Progress;
  /** Milliseconds in which a request was with it. */
  busyMs: number;
  /** Requests that were given up when something last moved. */
  givenUpAtMove: number;
  /** Busy time when something last moved. */
  busyAtMoveMs: number;
  /** Busy time when answers were last told. */
  busyAtAnswerMs: number;
  /** Requests that were given up when the probe was sent that was answered last. */
  givenUpAtProbe: number;
  /** It was reported since the last step of watched time. */
  isFresh: boolean;
}

/** What is known of the progress of one replica, in watched time. */
export class ReplicaWatch {
  #movedMs: number;
  #answeredMs: number;
  #unansweredMs = 0;
  /** The longest that was allowed lately. */
  #allowedMs = 0;
  #allowedAtMs = 0;
  readonly #pace = new AnswerPace();
  #counters: string | null = null;
  #isProgressVisible = false;
  #probeCountedUntilMs = -Infinity;
  readonly #probes = new RecentMost();
  #lastProbeMs = 0;
  /** Requests that it had when the oldest probe was sent that has no answer, or else when one was answered: others stand behind them. */
  #queuedAtProbe: number | null = null;
  /** Requests that were given up by then, by gateway. */
  #givenUpAtProbe: ReadonlyMap<string, number> = new Map();
  /** Times between two moves under requests, and waits for a first byte that a move ended. */
  readonly #steps = new RecentMost();
  readonly #waits = new RecentMost();
  /** The oldest wait since something moved. */
  #waitedMs = 0;
  /** Until then a request may be a long one, also once its client has left. */
  #mayBeLongUntilMs = -Infinity;
  /** Since when a probe has no answer, of those under way and those that failed; null after an answer. */
  #silentSinceMs: number | null = null;
  /** The same, of requests through a gateway. */
  #silentThroughMs: number | null = null;
  readonly #gateways = new Map<string, SeenByGateway>();

  constructor(nowMs: number) {
    this.#movedMs = nowMs;
    this.#answeredMs = nowMs;
  }

  /** A gateway told what moved. Only counters are compared: its clock may jump. */
  reported(gatewayId: string, startedAtMs: number, progress: Progress, busyMs: number, nowMs: number): void {
    const before = this.#gateways.get(gatewayId);
    const isSame = before?.startedAtMs === startedAtMs;
    const { bytes, finished } = before?.progress ?? { bytes: 0, finished: 0 };
    const isUnlike = progress.waiting > 0 && progress.isAlike !== true;
    if (isUnlike && this.#steps.count >= movesAtLeast) this.#mayBeLongUntilMs = nowMs + allowedForMs;
    if (isSame) before.busyMs = busyMs;
    if (isSame && (progress.bytes > bytes || progress.finished > finished)) {
      const answers = progress.finished - finished;
      if (answers > 0) {
        this.#pace.add(answers, busyMs - before.busyAtAnswerMs);
        before.busyAtAnswerMs = busyMs;
      }
      this.#move(nowMs);
    }
    // One that was given up may be worked on still.
    if (progress.allowedMs >= this.#allowedMs || nowMs - this.#allowedAtMs > allowedForMs) {
      this.#allowedMs = progress.allowedMs;
      this.#allowedAtMs = nowMs;
    }
    const givenUpAtMove = isSame && this.#unansweredMs > 0 ? before.givenUpAtMove : progress.givenUp;
    this.#waitedMs = Math.max(this.#waitedMs, progress.oldestMs);
    const busyAtMoveMs = isSame ? before.busyAtMoveMs : busyMs;
    const busyAtAnswerMs = isSame ? before.busyAtAnswerMs : busyMs;
    const givenUpAtProbe = isSame ? before.givenUpAtProbe : 0;
    this.#gateways.set(gatewayId, {
      ...{ startedAtMs, progress, busyMs, givenUpAtMove, busyAtMoveMs, busyAtAnswerMs, givenUpAtProbe },
      isFresh: true,
    });
  }

  /** Its engine told its counters. Any that is another one than before is progress. */
  counted(counters: string, nowMs: number): void {
    const isOther = this.#counters !== null && counters !== this.#counters;
    this.#counters = counters;
    if (!isOther) return;
    // The first change after an answered probe may be the probe itself, which is no progress of requests.
    const isOfProbe = nowMs <= this.#probeCountedUntilMs;
    this.#probeCountedUntilMs = -Infinity;
    if (isOfProbe) return;
    this.#isProgressVisible = true;
    this.#move(nowMs);
  }

  /** As its engine told them last; null where it tells none. */
  get counters(): string | null {
    return this.#counters;
  }

  /** Watched time went on by a step. */
  passed(stepMs: number): void {
    const waits = [...this.#gateways.values()].some(({ isFresh, progress }) => isFresh && progress.waiting > 0);
    if (waits) this.#unansweredMs += stepMs;
    for (const gateway of this.#gateways.values()) gateway.isFresh = false;
  }

  probeBegan(nowMs: number, through: boolean): void {
    if (through) this.#silentThroughMs ??= nowMs;
    else if (this.#silentSinceMs === null) {
      this.#silentSinceMs = Math.max(this.#answeredMs, this.#movedMs);
      this.#queuedAtProbe = this.#queued();
      this.#givenUpAtProbe = new Map([...this.#gateways].map(([id, { progress }]) => [id, progress.givenUp]));
    }
  }

  /** This program could not ask: nothing is known. */
  couldNotAsk(through: boolean): void {
    if (through) this.#silentThroughMs = null;
    else this.#endSilence();
  }

  probeAnswered(tookMs: number, nowMs: number): void {
    this.#probes.add(tookMs, nowMs);
    this.#lastProbeMs = tookMs;
    // What stood before it is done.
    for (const [id, givenUp] of this.#givenUpAtProbe) {
      const gateway = this.#gateways.get(id);
      // One that started anew counts from nothing.
      if (gateway !== undefined) gateway.givenUpAtProbe = Math.min(givenUp, gateway.progress.givenUp);
    }
    this.#endSilence();
    this.#queuedAtProbe = this.#queued();
    this.#silentThroughMs = null;
    this.#answeredMs = nowMs;
    this.#probeCountedUntilMs = nowMs + probeCountedWithinMs;
  }

  /** What was seen before says nothing: this program stood still meanwhile. */
  startAnew(nowMs: number): void {
    this.#movedMs = nowMs;
    this.#answeredMs = nowMs;
    this.#unansweredMs = 0;
    this.#endSilence();
    this.#silentThroughMs = null;
    this.#waitedMs = 0;
    this.#gateways.clear();
  }

  /** Milliseconds since an answer to anybody, while a probe has none; 0 where the last one was answered. */
  silentForMs(nowMs: number): number {
    return this.#silentSinceMs === null ? 0 : this.answeredAgoMs(nowMs);
  }

  /** Milliseconds since an answer to anybody. */
  answeredAgoMs(nowMs: number): number {
    return nowMs - Math.max(this.#answeredMs, this.#movedMs);
  }

  /** For how long a gateway gets no answer from it; null where none waits for one. */
  silentThroughGatewayMs(nowMs: number): number | null {
    const probedMs = this.#silentThroughMs === null ? null : nowMs - this.#silentThroughMs;
    return this.#unansweredMs === 0 ? probedMs : Math.max(this.#unansweredMs, probedMs ?? 0);
  }

  evidence(nowMs: number): Omit<LivenessEvidence, 'isProbed'> {
    const seen = [...this.#gateways.values()];
    const waiting = seen.reduce((sum, { progress }) => sum + progress.waiting, 0);
    const givenUp = seen.reduce((sum, { progress, givenUpAtMove }) => sum + progress.givenUp - givenUpAtMove, 0);
    const isKnown = this.#steps.count >= movesAtLeast && nowMs >= this.#mayBeLongUntilMs && !this.#pace.isSlower;
    const isLong = seen.some(({ progress }) => progress.oldestMs * 3 >= progress.allowedMs);
    return {
      quietMs: nowMs - this.#movedMs,
      unansweredMs: this.#unansweredMs,
      // Requests that a client opens and drops again say nothing.
      unanswered: (isLong ? waiting : 0) + Math.max(0, givenUp),
      requests: waiting,
      probeSilentMs: this.#silentSinceMs === null ? 0 : nowMs - this.#silentSinceMs,
      isProgressVisible: this.#isProgressVisible,
      queuedMs: (this.#queuedAtProbe ?? this.#queued()) * this.#pace.answerMs,
      seenAnswerMs: Math.max(0, ...seen.map(({ progress }) => progress.longestMs)),
      allowedAnswerMs: this.#allowedMs,
      seenProbeMs: this.#probes.most,
      lastProbeMs: this.#lastProbeMs,
      stepMs: isKnown ? Math.max(this.#steps.most, this.#isProgressVisible ? 0 : this.#waits.most) : null,
    };
  }

  /** Requests that it has and those that were given up, since something moved or, of those, since a probe was sent that was answered. */
  #queued(): number {
    return [...this.#gateways.values()].reduce((sum, { progress, givenUpAtMove, givenUpAtProbe }) => {
      return sum + progress.waiting + Math.max(0, progress.givenUp - Math.max(givenUpAtMove, givenUpAtProbe));
    }, 0);
  }

  #endSilence(): void {
    this.#silentSinceMs = null;
    this.#queuedAtProbe = null;
    this.#givenUpAtProbe = new Map();
  }

  #move(nowMs: number): void {
    const busyMs = Math.max(0, ...[...this.#gateways.values()].map((each) => each.busyMs - each.busyAtMoveMs));
    if (busyMs > 0) this.#steps.add(Math.min(busyMs, nowMs - this.#movedMs), nowMs);
    this.#waits.add(this.#waitedMs, nowMs);
    this.#waitedMs = 0;
    this.#movedMs = nowMs;
    this.#unansweredMs = 0;
    this.#endSilence();
    this.#silentThroughMs = null;
    for (const gateway of this.#gateways.values()) {
      gateway.givenUpAtMove = gateway.progress.givenUp;
      gateway.busyAtMoveMs = gateway.busyMs;
    }
  }
}
