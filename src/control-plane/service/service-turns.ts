import { findRelease, replicasOf } from '../../core/rollout/routing/routable.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { OpenAsks } from '../asks/open-asks.ts';
import type { Beside } from '../beside.ts';
import type { FleetPace } from '../fleet/fleet-pace.ts';
import type { GoldenWatch } from '../golden/golden-watch.ts';
import type { HealthWatch } from '../health/health-watch.ts';
import type { JournaledRollbacks } from '../journal/journal-rollbacks.ts';
import type { DriftWatch } from '../monitoring/drift-watch.ts';
import type { AlarmTriage } from '../triage/alarm-triage.ts';
import type { PageFeeds } from '../page/page-feeds.ts';
import type { Notifier } from '../monitoring/notifier.ts';
import type { ScalingLoop } from '../scaling/scaling-loop.ts';
import type { EngineWatch } from '../signals/engine-watch.ts';
import type { LabelJudge } from '../labels/judge-mature.ts';
import type { Reconciler } from '../turn/reconciler.ts';
import type { TurnHealth } from '../turn/turn-health.ts';
import { TurnPace } from '../turn/turn-pace.ts';
import type { EvidenceWatches } from '../watches/evidence-watches.ts';
import type { JudgementCache } from '../watches/judgements.ts';
import type { HeldLease } from './service-parts.ts';

const followAtLeastEveryMs = 3_000;
/** While scaling is on; the page alone has a new number each second. */
const enginesEveryMs = 2_000;
const enginesForThePageEveryMs = 1_000;
/** Each service of a large fleet is scraped less often: its engines answer over HTTP. */
const enginesShareMs = 50;

interface TurnParts {
  readonly clock: Clock;
  readonly lease: HeldLease;
  readonly reconciler: Reconciler;
  readonly journaled: JournaledRollbacks;
  readonly scaling: ScalingLoop;
  readonly engines: EngineWatch;
  readonly judgements: JudgementCache;
  readonly page: PageFeeds;
  readonly healthWatch: HealthWatch;
  readonly watches: EvidenceWatches;
  readonly triage: AlarmTriage;
  readonly golden: GoldenWatch;
  readonly drift: DriftWatch;
  readonly labels: LabelJudge;
  /** Null where nobody is told of alerts. */
  readonly notifier: Notifier | null;
  readonly asks: OpenAsks;
  readonly health: TurnHealth;
  readonly beside: Beside;
  /** Reads what stands in the store, unless that was done. */
  readonly begin: () => Promise<void>;
  readonly turned: (outcome: 'done' | 'failed', tookMs: number) => void;
}

/** The turns of one service, and what is looked at after each of them. */
export class ServiceTurns {
  readonly #parts: TurnParts;
  readonly #pace: TurnPace;
  #followedMs = -Infinity;
  #fleet: FleetPace | null = null;

  constructor(parts: TurnParts) {
    this.#parts = parts;
    this.#pace = new TurnPace(parts.clock);
  }

  /** The next turn is due at once. */
  kick(): void {
    this.#pace.kick();
  }

  /** Something changed on the platform: the next turn is due soon. */
  hint(): void {
    this.#pace.hint();
  }

  /**
   * Takes turns until `signal` is aborted: on a period, and at once when something changed.
   * @param inTurn waits for a slot, and runs the turn in it.
   */
  async take(
    inTurn: (turn: () => Promise<void>) => Promise<void>,
    fleet: FleetPace,
    signal: AbortSignal,
  ): Promise<void> {
    const { page, lease, reconciler } = this.#parts;
    this.#fleet = fleet;
    const stopSampling = page.startSampling();
    try {
      while (!signal.aborted) {
        this.#pace.begin();
        await inTurn(() => this.#turn(signal));
        if (lease.standing() === 'lost') return;
        await this.#pace.next(reconciler.isStarting() ? fleet.startingMs : fleet.settledMs, signal);
      }
    } finally {
      stopSampling();
    }
  }

  /** Who looks at the page of a service whose turn hangs is to see that. */
  followIfLate(): void {
    // A turn that is due is not late: a large fleet would be read all at once, on top of its turns.
    const lateMs = Math.max(followAtLeastEveryMs, 2 * (this.#fleet?.settledMs ?? 0));
    const { clock, beside } = this.#parts;
    if (clock.monotonicMs() - this.#followedMs > lateMs) beside.run(this.#follow());
  }

  /** Tells whoever goes by it that something of the service failed. */
  failed(thrown: unknown): void {
    const { journaled, lease, health } = this.#parts;
    const error = asPlimsollError(thrown);
    journaled.noticed(error);
    if (error.code === 'lease-lost') lease.markLost();
    // An operation was recorded meanwhile: look again at once.
    if (error.code === 'deployment-moved' || error.code === 'canary-moved') this.kick();
    else health.turnFailed(error);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { clock, lease, begin, turned, reconciler, journaled, health, asks, watches, notifier, beside } = this.#parts;
    const startedMs = clock.monotonicMs();
    try {
      lease.fence();
      await begin();
      await journaled.carryOver();
      await reconciler.turn(signal);
      const state = reconciler.lastState();
      if (state !== null) await journaled.learn(state);
      health.turnDone();
      turned('done', clock.monotonicMs() - startedMs);
    } catch (thrown) {
      if (signal.aborted) return;
      turned('failed', clock.monotonicMs() - startedMs);
      this.failed(thrown);
    }
    await this.#follow();
    beside.run(this.#forgetSamples());
    beside.run(this.#parts.triage.look(reconciler.replicas(), signal));
    beside.run(this.#parts.golden.look(reconciler.replicas(), signal));
    beside.run(this.#keepHistory());
    beside.run(this.#judgeLabels());
    beside.run(asks.look(signal));
    beside.run(watches.look({ replicas: reconciler.replicas() }, signal));
    beside.run(this.#lookAtEngines(signal));
    if (notifier !== null) beside.run(notifier.look(signal));
  }

  async #forgetSamples(): Promise<void> {
    await this.#parts.drift.forgetOld().catch((thrown: unknown) => {
      this.failed(thrown);
    });
  }

  async #keepHistory(): Promise<void> {
    await this.#parts.healthWatch.look().catch((thrown: unknown) => {
      this.failed(thrown);
    });
  }

  async #judgeLabels(): Promise<void> {
    await this.#parts.labels.look().catch((thrown: unknown) => {
      this.failed(thrown);
    });
  }

  async #follow(): Promise<void> {
    const { clock, page, judgements, beside } = this.#parts;
    this.#followedMs = clock.monotonicMs();
    try {
      await page.follow();
      beside.run(judgements.refresh());
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  #lookAtEngines(signal: AbortSignal): Promise<void> {
    const { reconciler, engines, scaling } = this.#parts;
    const state = reconciler.lastState();
    const live = state === null ? null : findRelease(state, state.deployment?.live ?? null);
    const replicas = state === null || live === null ? [] : replicasOf(state, live);
    const forThePageMs = Math.max(enginesForThePageEveryMs, enginesShareMs * (this.#fleet?.services ?? 1));
    const everyMs = scaling.view() === null ? forThePageMs : enginesEveryMs;
    return engines.look(
      replicas.filter((replica) => replica.state === 'ready'),
      everyMs,
      signal,
    );
  }
}
