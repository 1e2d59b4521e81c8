import type { ServiceHealth } from '../../../src/core/health/health.ts';
import type { PoolMatrix } from '../../../src/core/hardware/pool-matrix.ts';
import { readEvent, type EventRecord, type StoredEvent } from '../../../src/core/records/event.ts';
import type { RolloutAnswer } from '../../../src/schemas/http/release/http-rollout.ts';
import type { ScalingAnswer, ServiceView, SignalSample } from '../../../src/schemas/view/view.ts';
import { type Heard, silentMs } from './connection.ts';
import { mergeEvents } from '../events/event-list.ts';
import { type KnownModels, modelEvents, readModels } from '../models/known-models.ts';
import { withJudgement } from '../rollout/rollout-samples.ts';
import {
  type FeedSurroundings,
  keepFollowing,
  Known,
  nothingHeard,
  openStream,
  readStream,
  refusalOf,
} from './feed.ts';
import type { ServerEvent } from './server-events.ts';
import { askDriftAgainMs, fewWindows, type KnownDrift, readDrift } from '../drift/known-drift.ts';
import type { DriftAnswer } from '../../../src/schemas/http/monitoring/http-drift.ts';
import { withDecisions } from '../scaling/scaling-story.ts';
import { addSamples, keptSeconds } from '../signals/signal-window.ts';

/** All that the page of a service knows, and since when. Replaced whole on each change, so that a reader can compare by identity. */
export interface Live extends Heard {
  readonly view: ServiceView | null;
  /** Told each second; null before the first answer, and of a control plane that does not judge it. */
  readonly health: ServiceHealth | null;
  readonly events: readonly StoredEvent[];
  /** Empty when the contract asks nothing of the hardware. */
  readonly pools: readonly PoolMatrix[];
  readonly samples: readonly SignalSample[];
  /** Of the release that takes steps, else of the newest that did; null while that is not known. */
  readonly rollout: RolloutAnswer | null;
  /** Events of releases and rollouts, newest first: kept for longer than the log is shown. */
  readonly history: readonly StoredEvent[];
  /** Events of replicas, newest first: how each start went, and when each one left. */
  readonly replicaEvents: readonly StoredEvent[];
  /** Newest decisions; null where nothing scales, or they could not be read. */
  readonly scaling: ScalingAnswer | null;
  /** Null where no model is registered, or none could be read. */
  readonly models: KnownModels | null;
  /** The watch of live answers; null of an older control plane, or where it could not be read. */
  readonly drift: KnownDrift | null;
  /** Server's clock less ours, so that ages are right on a machine whose clock is off. */
  readonly clockAheadMs: number;
}

const answerTimeoutMs = 8_000;
const eventsOf = (kinds: string): string => `v1/events?kindPrefix=${kinds}&last=250`;
const historyPaths = ['release.', 'rollout.'].map(eventsOf);

/**
 * Follows one service: first paint from `GET /v1/view`, `/v1/events` and `/v1/signals`, then `/v1/stream`, and again from
 * the start after each break.
 */
export class LiveFeed {
  readonly #known: Known<Live>;
  readonly #surroundings: FeedSurroundings;
  readonly subscribe: Known<Live>['subscribe'];
  readonly snapshot: Known<Live>['snapshot'];
  /** Name of the model that somebody chose to look at; null for that of the service. */
  #model: string | null = null;
  #driftWindows = fewWindows;
  #askedDriftAtMs = -Infinity;
  #isAskingDrift = false;

  constructor(surroundings: FeedSurroundings) {
    this.#surroundings = surroundings;
    this.#known = new Known({
      ...nothingHeard(surroundings, silentMs),
      view: null,
      health: null,
      events: [],
      pools: [],
      samples: [],
      rollout: null,
      history: [],
      replicaEvents: [],
      scaling: null,
      models: null,
      drift: null,
      clockAheadMs: 0,
    });
    ({ subscribe: this.subscribe, snapshot: this.snapshot } = this.#known);
  }

  /** Runs until the signal aborts. */
  follow(signal: AbortSignal): Promise<void> {
    const followOnce = (connection: AbortSignal): Promise<void> => this.#followOnce(connection);
    return keepFollowing({ surroundings: this.#surroundings, known: this.#known, followOnce }, signal);
  }

  async #followOnce(signal: AbortSignal): Promise<void> {
    const viewing = this.#answer<ServiceView>('v1/view', signal);
    const [view, events, samples, pools, rollout, models, replicaEvents, scaling, drift, ...history] =
      await Promise.all([
        viewing,
        this.#events('v1/events?last=200', signal),
        this.#answer<readonly SignalSample[]>(`v1/signals?last=${keptSeconds}`, signal),
        this.#pools(signal),
        this.#rollout(signal),
        viewing.then(({ model }) => this.#models(model, signal)),
        this.#events(eventsOf('replica.'), signal).catch(() => []),
        viewing.then((known) => this.#scaling(known, signal)),
        this.#drift(signal),
        ...historyPaths.map((path) => this.#events(path, signal).catch(() => [])),
      ]);
    this.#known.change({ rollout, models, scaling, drift });
    this.#heardView(view);
    this.#heard({
      events: mergeEvents(this.snapshot().events, events),
      history: mergeEvents(this.snapshot().history, history.flat()),
      replicaEvents: mergeEvents(this.snapshot().replicaEvents, replicaEvents),
      samples: addSamples(this.snapshot().samples, samples),
      pools,
    });
    const stream = await openStream(this.#surroundings, 'v1/stream', signal);
    this.#known.change({ streamOpen: true, trouble: null });
    await readStream(stream, async (taken) => {
      const before = this.snapshot();
      this.#heardEvents(taken);
      void this.#askDriftAgain(before, signal);
      await this.#askAgain(before, signal);
    });
  }

  /** Asked with the rest, so that the page is drawn once; a pool that cannot be read keeps nobody from seeing the rest. */
  async #pools(signal: AbortSignal): Promise<readonly PoolMatrix[]> {
    return this.#answer<readonly PoolMatrix[]>('v1/pools', signal).catch(() => this.snapshot().pools);
  }

  /** Of an older control plane, or while the store is away: what was known stays. */
  async #rollout(signal: AbortSignal): Promise<RolloutAnswer | null> {
    return this.#answer<RolloutAnswer>('v1/rollout', signal).catch(() => this.snapshot().rollout);
  }

  /** What was decided before the page was opened; later decisions come as events. */
  async #scaling({ scaling }: ServiceView, signal: AbortSignal): Promise<ScalingAnswer | null> {
    if (scaling === undefined) return null;
    return this.#answer<ScalingAnswer>('v1/scaling', signal).catch(() => this.snapshot().scaling);
  }

  /** Of an older control plane, or while the store is away: what was known stays. */
  async #drift(signal: AbortSignal): Promise<KnownDrift | null> {
    this.#askedDriftAtMs = this.#surroundings.nowMs();
    const answer = <T>(path: string): Promise<T> => this.#answer<T>(path, signal);
    const windows = this.#driftWindows;
    const read = await readDrift(answer, windows).catch(() => null);
    // Other windows were asked for meanwhile.
    return windows === this.#driftWindows && read !== null ? read : this.snapshot().drift;
  }

  /** Nobody waits for it: a slow answer holds up nothing else. Never rejects. */
  async #askDriftAgain(before: Live, signal: AbortSignal): Promise<void> {
    const { drift, events, view } = this.snapshot();
    if (drift === null || this.#isAskingDrift) return;
    const isOld = this.#surroundings.nowMs() - this.#askedDriftAtMs >= askDriftAgainMs;
    const isMoved =
      driftEvents(events) !== driftEvents(before.events) || view?.deployment?.live !== before.view?.deployment?.live;
    if (!isOld && !isMoved) return;
    this.#isAskingDrift = true;
    this.#known.change({ drift: await this.#drift(signal) });
    this.#isAskingDrift = false;
  }

  /** Looks at so many of the newest windows. */
  async chooseDriftWindows(windows: number): Promise<void> {
    this.#driftWindows = windows;
    this.#known.change({ drift: await this.#drift(AbortSignal.timeout(answerTimeoutMs)) });
  }

  /** What an order to the watch was answered with. */
  heardDrift(answer: DriftAnswer): void {
    const { drift } = this.snapshot();
    this.#known.change({ drift: { history: null, labels: null, ...drift, answer } });
    this.#askedDriftAtMs = -Infinity;
  }

  async #models(served: string, signal: AbortSignal): Promise<KnownModels | null> {
    const answer = <T>(path: string): Promise<T> => this.#answer<T>(path, signal);
    return readModels(answer, this.#model ?? served).catch(() => this.snapshot().models);
  }

  /** Looks at another model than that of the service. */
  async chooseModel(name: string): Promise<void> {
    this.#model = name;
    this.#known.change({ models: await this.#models(name, AbortSignal.timeout(answerTimeoutMs)) });
  }

  async #events(path: string, signal: AbortSignal): Promise<readonly StoredEvent[]> {
    return (await this.#answer<readonly EventRecord[]>(path, signal)).map(readEvent<EventRecord>);
  }

  async #answer<T>(path: string, signal: AbortSignal): Promise<T> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
    const response = await this.#surroundings.fetch(path, { signal: bounded });
    if (!response.ok) throw refusalOf(path, response.status);
    return (await response.json()) as T;
  }

  /** What the stream does not carry is asked for when something came that moves it. */
  async #askAgain(before: Live, signal: AbortSignal): Promise<void> {
    const { view, events } = this.snapshot();
    if (hardwareOf(view) !== hardwareOf(before.view)) this.#heard({ pools: await this.#pools(signal) });
    if (view?.scaling !== undefined && before.view?.scaling === undefined) {
      this.#heard({ scaling: await this.#scaling(view, signal) });
    }
    if (stepOf(view) !== stepOf(before.view)) this.#heard({ rollout: await this.#rollout(signal) });
    const models = modelEvents(events);
    const used = view?.releases[0]?.number !== before.view?.releases[0]?.number;
    if (view !== null && (used || models !== modelEvents(before.events))) {
      this.#heard({ models: await this.#models(view.model, signal) });
    }
  }

  #heardEvents(events: readonly ServerEvent[]): void {
    const samples: SignalSample[] = [];
    const stored: StoredEvent[] = [];
    for (const { event, data } of events) {
      if (event === 'view') this.#heardView(JSON.parse(data) as ServiceView);
      if (event === 'health') this.#heard({ health: JSON.parse(data) as ServiceHealth });
      if (event === 'signals') samples.push(JSON.parse(data) as SignalSample);
      if (event === 'event') stored.push(readEvent(JSON.parse(data) as EventRecord));
    }
    this.#heard({
      ...(samples.length === 0 ? {} : { samples: addSamples(this.snapshot().samples, samples) }),
      ...(stored.length === 0 ? {} : this.#storedEvents(stored)),
    });
  }

  #storedEvents(stored: readonly StoredEvent[]): Partial<Live> {
    const told = stored.filter(({ kind }) => /^(release|rollout)\./.test(kind));
    const ofReplicas = stored.filter(({ kind }) => /^replica\./.test(kind));
    const { events, history, replicaEvents, scaling } = this.snapshot();
    return {
      events: mergeEvents(events, stored),
      scaling: withDecisions(scaling, stored),
      ...(told.length === 0 ? {} : { history: mergeEvents(history, told) }),
      ...(ofReplicas.length === 0 ? {} : { replicaEvents: mergeEvents(replicaEvents, ofReplicas) }),
    };
  }

  #heardView(view: ServiceView): void {
    const rollout = withJudgement(this.snapshot().rollout, view);
    this.#heard({ view, health: view.health ?? null, rollout, clockAheadMs: view.nowMs - this.#surroundings.nowMs() });
  }

  #heard(change: Partial<Live>): void {
    this.#known.change({ ...change, lastHeardAtMs: this.#surroundings.nowMs() });
  }
}

/** The newest event of the watch of live answers. */
const driftEvents = (events: readonly StoredEvent[]): number | undefined =>
  events.find(({ kind }) => kind.startsWith('drift.'))?.seq;

/** What the evidence says of the hardware: when that changes, so may the pools. */
const hardwareOf = (view: ServiceView | null): string =>
  JSON.stringify(view?.evidence.find(({ kind }) => kind === 'hardware') ?? null);

/** Which step is under way and what the judge says of it; when that changes, its samples are read from the store again. */
function stepOf(view: ServiceView | null): string {
  const { rollout, deployment } = view ?? {};
  const step = rollout === undefined ? [] : [rollout.release, rollout.step, rollout.judgement?.outcome ?? 'hold'];
  return [deployment?.incoming, deployment?.phase, ...step].join(' ');
}
