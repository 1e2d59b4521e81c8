import type { HealthChange, ServiceHealth } from '../../src/core/health/health.ts';
import type { Bar, Deployment } from '../../src/core/rollout/release.ts';
import type { ShownAsk } from '../../src/core/rollout/release-ask.ts';
import type { EventRecord } from '../../src/core/records/event.ts';
import type { ReleaseSummary, ReplicaView, ServiceView, SignalSample } from '../../src/schemas/view/view.ts';
import {
  eventsOfRelease,
  type FakeEvent,
  madeReady,
  makeManyReleases,
  makeReleases,
  makeReplica,
} from './fake-history.ts';
import {
  codeOf,
  digestOf,
  digitsSignature,
  evidenceOf,
  modelOf,
  phasesOf,
  readiness,
  tabularSignature,
  unknownEvidence,
} from './fake-parts.ts';
import { askIn } from './fake-asks.ts';
import { type FakeModels, fakeModels } from './fake-models.ts';
import { FakeDrift, nothingCaptured } from './fake-drift.ts';
import { fakeHealth, fakePromises } from './fake-health.ts';
import { FakeRollout } from './fake-rollout.ts';
import { FakeScaling, scaledEvidence } from './fake-scaling.ts';
import { FakeRandom, makeSample, silentSample } from './fake-signals.ts';

export const scenarios = [
  'steady',
  'incoming',
  'first',
  'stepping',
  'taken-back',
  'empty',
  'no-gateway',
  'failed',
  'tabular',
  'crowded',
  'scaling',
  'scaling-held',
  'requested',
  'fetching',
  'refused',
  'unknown',
  'failing',
  'fleet',
  'no-service',
  'watching',
  'drift',
] as const;
export type Scenario = (typeof scenarios)[number];

const minuteMs = 60_000;
const keepWarmMs = 60 * minuteMs;

const names: Readonly<Partial<Record<Scenario, readonly [string, string]>>> = {
  tabular: ['credit-score', 'default'],
  crowded: ['product-embedding-reranker', 'production-eu-west'],
};

/** A service that does not exist, moving in time: what the page shows of each state can be looked at and tested. */
export class FakeWorld {
  readonly scenario: Scenario;
  releases: readonly ReleaseSummary[] = [];
  replicas: readonly ReplicaView[] = [];
  deployment: Deployment | null = null;
  bars: readonly Bar[] = [];
  asks: readonly ShownAsk[] = [];
  events: readonly EventRecord[] = [];
  samples: readonly SignalSample[] = [];
  /** Null where no release takes steps. */
  rollout: FakeRollout | null = null;
  /** Null where the number of replicas never moves. */
  readonly scaling: FakeScaling | null = null;
  /** Null of a control plane that watches no answers. */
  readonly drift: FakeDrift;
  readonly models: FakeModels | null;
  /** Whether the contract writes steps: then there is a place for the first rollout. */
  asksForSteps = false;
  generation = 16;
  gatewayPresent: boolean;
  /** In place of what the judge makes of the samples. */
  saidHealth: ServiceHealth | null = null;
  onEvent: (event: EventRecord) => void = () => undefined;
  /** In the scenario of a release that comes in, it keeps coming in. */
  readonly #startTakesMs: number;
  readonly #random = new FakeRandom();
  #failingSinceMs: number | null = null;

  constructor(scenario: Scenario, nowMs: number) {
    this.scenario = scenario;
    this.drift = new FakeDrift(nowMs, scenario === 'drift');
    if (scenario !== 'watching' && scenario !== 'drift') this.drift.because = nothingCaptured;
    this.#startTakesMs = scenario === 'incoming' || scenario === 'first' ? minuteMs : 3_000;
    this.gatewayPresent = scenario !== 'no-gateway';
    if (scenario === 'empty') {
      this.models = null;
      return;
    }
    if (scenario === 'first') {
      this.models = fakeModels('digits', false, nowMs);
      this.release(nowMs - 1_200, 'ada');
      return;
    }
    this.#begin(nowMs);
    this.models = fakeModels(this.releases[0]?.model.name ?? 'digits', scenario === 'crowded', nowMs);
    if (scenario === 'stepping') this.beginSteps(nowMs, false);
    if (scenario === 'taken-back') this.beginSteps(nowMs, true);
    if (scenario === 'incoming') this.release(nowMs - 1_200, 'ada');
    if (scenario === 'failed') this.failRelease(nowMs);
    if (scenario === 'requested' || scenario === 'fetching' || scenario === 'refused') {
      this.asks = [askIn(scenario, nowMs)];
    }
    if (this.gatewayPresent) this.samples = pastSamples(nowMs, this.#random);
    if (scenario === 'failing') this.#beginFailing(nowMs);
    if (scenario.startsWith('scaling')) this.scaling = this.#beginScaling(nowMs);
  }

  view(nowMs: number): ServiceView {
    const live = this.#release(this.deployment?.live ?? null);
    const [service, environment] = names[this.scenario] ?? ['digits', 'default'];
    const rollout = this.rollout?.view() ?? null;
    const address = 'http://127.0.0.1:8080';
    const gateway = {
      gatewayId: 'gateway-1',
      address,
      acknowledgedGeneration: this.generation,
      lastSeenMs: nowMs - 300,
      residentBytes: 92_400_000,
    };
    const view: Omit<ServiceView, 'health'> = {
      service,
      environment,
      owner: 'vision',
      plimsollVersion: '0.1.0',
      nowMs,
      gatewayUrl: this.gatewayPresent ? address : null,
      model: live?.model.name ?? '',
      signature: live === undefined ? null : this.scenario === 'tabular' ? tabularSignature : digitsSignature,
      deployment: this.deployment,
      releases: this.releases,
      asks: this.asks,
      evidence: this.#evidence(nowMs),
      evidenceOf: this.deployment?.live ?? null,
      readiness: this.deployment === null || this.scenario === 'unknown' ? [] : readiness,
      replicas: this.replicas,
      gateways: this.gatewayPresent ? [gateway] : [],
      bars: this.bars,
      routingGeneration: this.generation,
      ...(rollout === null ? {} : { rollout }),
      ...(this.scaling === null ? {} : { scaling: this.scaling.view() }),
      promises: fakePromises,
    };
    return { ...view, health: this.saidHealth ?? fakeHealth(view, this.samples, this.#change()) };
  }

  /** Of the failing service: its release went live a moment before. */
  #change(): HealthChange | null {
    const live = this.deployment?.live ?? null;
    return live === null || this.#failingSinceMs === null
      ? null
      : { what: `release ${live} went live`, atMs: this.#failingSinceMs };
  }

  /** One second goes by. True when the view changed. */
  tick(nowMs: number): boolean {
    if (this.scaling !== null) return this.#scale(this.scaling, nowMs);
    const loaded = this.gatewayPresent && this.deployment !== null;
    const sample = loaded ? this.#sample(nowMs) : silentSample(nowMs);
    this.samples = [...this.samples.slice(-320), sample];
    const judged = this.rollout?.tick(nowMs) === true;
    return this.#finishStart(nowMs) || judged;
  }

  /** Every request fails since a new model went live. */
  #beginFailing(nowMs: number): void {
    this.#failingSinceMs = nowMs - 45_000;
    this.samples = this.samples.map((sample) =>
      sample.atMs < nowMs - 40_000 ? sample : { ...sample, errorsPerSecond: sample.requestsPerSecond },
    );
  }

  #sample(atMs: number): SignalSample {
    const sample = makeSample(atMs, this.#random);
    return this.#failingSinceMs !== null ? { ...sample, errorsPerSecond: sample.requestsPerSecond } : sample;
  }

  /** The live release has been there for a while, and is scaled since; nobody asks for more where capacity is not known. */
  #beginScaling(nowMs: number): FakeScaling {
    const [live, ...older] = this.releases.map((release) => ({
      ...release,
      createdAtMs: release.createdAtMs - 45 * minuteMs,
    }));
    this.releases = live === undefined ? [] : [live, ...older];
    this.replicas = [];
    const why = 'what one replica carries is not known, or no longer holds; next: plimsoll capacity';
    const held = this.scenario === 'scaling-held' ? why : null;
    const scaling = new FakeScaling(live?.number ?? 1, (event) => this.#record(event), nowMs, held);
    this.samples = [];
    for (let atMs = nowMs - 600_000; atMs <= nowMs; atMs += 1000) this.#scale(scaling, atMs);
    return scaling;
  }

  #scale(scaling: FakeScaling, atMs: number): boolean {
    const changed = scaling.step(atMs);
    this.replicas = scaling.replicas;
    if (scaling.sample !== null) this.samples = [...this.samples.slice(-620), scaling.sample];
    return changed;
  }

  #evidence(nowMs: number): ServiceView['evidence'] {
    if (this.deployment === null) return [];
    if (this.scenario === 'unknown') return unknownEvidence(nowMs);
    const evidence = evidenceOf(nowMs, this.asksForSteps || this.rollout !== null);
    return this.scaling === null ? evidence : scaledEvidence(evidence, this.scaling.held !== null, nowMs);
  }

  /** A release that has been coming in step by step for a while, under way or taken back by the judge. */
  beginSteps(nowMs: number, goesBack: boolean): void {
    const against = this.deployment?.live ?? 1;
    const number = this.release(nowMs - 1_100_000, 'grace');
    this.replicas = this.replicas.map((replica) => (replica.release === number ? madeReady(replica, 1) : replica));
    this.rollout = new FakeRollout(number, against, nowMs, goesBack);
    for (const event of this.rollout.events) this.#record(event);
    const { step, judgement } = this.rollout;
    const reason = judgement?.metrics.find(({ outcome }) => outcome === 'roll-back')?.reason ?? 'it was worse';
    if (!goesBack) {
      this.#move({ phase: 'stepping', step, reason: `release ${number} is in step ${step + 1}` }, nowMs);
      return;
    }
    this.#mark(number, 'failed');
    this.#move({ incoming: null, phase: 'failed', reason: `release ${number} failed: ${reason}` }, nowMs);
    const said = `The judge says roll-back of release ${number} in step 1 of 3 (5%) (before: hold): ${reason}`;
    this.#record({ kind: 'rollout.judged', summary: said, atMs: nowMs, data: { release: number, step } });
    const failed = `Release ${number} failed: ${reason}; traffic stays on release ${against}`;
    const data = { release: number, live: against, reason, step, judged: true };
    this.#record({ kind: 'release.failed', summary: failed, atMs: nowMs, data });
  }

  /** What an operator asks for; what is refused is said as a control plane says it. */
  steer(action: string, reason: string, nowMs: number): { readonly error?: string; readonly summary: string } {
    const { rollout } = this;
    if (rollout === null || rollout.over) {
      return { error: `there is nothing to ${action}: no release is coming in`, summary: '' };
    }
    const { release, step } = rollout;
    const name = `release ${release} in step ${step + 1} of 3`;
    const who = { by: 'ada', atMs: nowMs, reason };
    const data = { release, step, reason };
    if (action === 'pause') {
      if (rollout.pause !== null) return { error: `${name} is paused already, by ada`, summary: '' };
      rollout.pause = who;
      this.#record({ kind: 'rollout.paused', summary: `Paused ${name}: ${reason}`, atMs: nowMs, data, by: 'ada' });
    }
    if (action === 'resume') {
      rollout.pause = null;
      this.#record({ kind: 'rollout.resumed', summary: `Resumed ${name}: ${reason}`, atMs: nowMs, data, by: 'ada' });
    }
    if (action === 'promote') rollout.promote = who;
    if (action === 'abort') this.#abort(rollout, reason, nowMs);
    return { summary: `${name} is ${action === 'abort' ? 'taken back' : `${action}d`}` };
  }

  #abort(rollout: FakeRollout, reason: string, nowMs: number): void {
    const { release } = rollout;
    rollout.over = true;
    this.#mark(release, 'failed');
    const why = `aborted by ada: ${reason}`;
    this.#move({ incoming: null, phase: 'failed', reason: `release ${release} failed: ${why}` }, nowMs);
    const data = { release, reason: why, aborted: { by: 'ada', reason } };
    const summary = `Release ${release} was taken back from step 2 of 3 (25%): ${reason}`;
    this.#record({ kind: 'rollout.aborted', summary, atMs: nowMs, data, by: 'ada' });
    const failed = `Release ${release} failed: ${why}; traffic stays on release ${rollout.against}`;
    this.#record({ kind: 'release.failed', summary: failed, atMs: nowMs, data, by: 'ada' });
  }

  /** A new version on the model axis; it goes live when its replica has started. */
  release(nowMs: number, by: string): number {
    const number = (this.releases[0]?.number ?? 0) + 1;
    const code = this.releases[0]?.code ?? codeOf('serve-model:0.2.0');
    const model = modelOf(3);
    const cause = 'release';
    const waived = ['hardware'];
    this.releases = [
      { number, code, model, cause, unprovenPair: true, waived, createdAtMs: nowMs, createdBy: by, state: 'incoming' },
      ...this.releases,
    ];
    this.#move({ incoming: number, phase: 'starting', reason: `1 replica of release ${number} starts` }, nowMs);
    const replica = makeReplica({
      release: number,
      modelVersion: 3,
      state: 'starting',
      startedAtMs: nowMs,
      slowness: 1,
    });
    this.replicas = [...this.replicas, replica];
    const summary = `Release ${number}: ${code.label} with ${model.name}:${model.version}`;
    this.#record({ kind: 'release.created', summary, atMs: nowMs, data: { release: number, model }, by });
    return number;
  }

  /** The model axis back to what it was before, on warm replicas: live at once. */
  rollBackModel(nowMs: number, reason: string): void {
    const live = this.#release(this.deployment?.live ?? null);
    const target = this.releases.find(
      (release) => live !== undefined && release.number < live.number && release.model.digest !== live.model.digest,
    );
    if (live === undefined || target === undefined) return;
    const number = (this.releases[0]?.number ?? 0) + 1;
    const cause = `rollback of the model from release ${live.number} to release ${target.number}: ${reason}`;
    const { code } = live;
    const made: ReleaseSummary = {
      ...target,
      number,
      code,
      cause,
      createdAtMs: nowMs,
      createdBy: 'ada',
      state: 'incoming',
    };
    this.releases = [made, ...this.releases];
    this.bars = [
      {
        service: 'digits',
        environment: 'default',
        axis: 'model',
        digest: digestOf(`model ${live.model.name} ${live.model.version}`),
        reason,
        by: 'ada',
        atMs: nowMs,
      },
    ];
    this.#record({
      kind: 'release.created',
      summary: `Release ${number}: ${cause}`,
      atMs: nowMs,
      data: { release: number },
      by: 'ada',
    });
    const barred = `model ${live.model.digest.slice(7, 19)} is barred: release ${live.number} was rolled back (${reason})`;
    this.#record({
      kind: 'bar.added',
      summary: barred,
      atMs: nowMs,
      data: { axis: 'model', digest: live.model.digest },
      by: 'ada',
    });
    this.#flip(number, 'its replicas were warm', nowMs);
  }

  failRelease(nowMs: number): void {
    const number = this.release(nowMs - 40_000, 'ada');
    const reason = 'golden case 17 is outside its band: probabilities[3] is 0.412, expected 0.968 within 1e-4';
    this.#mark(number, 'failed');
    this.replicas = this.replicas.map((replica) =>
      replica.release === number ? { ...madeReady(replica, 1), admitted: false, admission: reason } : replica,
    );
    this.#move({ incoming: null, phase: 'failed', reason: `release ${number} failed: ${reason}` }, nowMs);
    const traffic = `traffic stays on release ${this.deployment?.live ?? '-'}`;
    const rejected = `Replica of release ${number} is not admitted: ${reason}`;
    this.#record({ kind: 'replica.rejected', summary: rejected, atMs: nowMs - 500, data: { release: number, reason } });
    const failed = `Release ${number} failed: ${reason}; ${traffic}`;
    this.#record({ kind: 'release.failed', summary: failed, atMs: nowMs, data: { release: number, reason } });
  }

  #begin(nowMs: number): void {
    const crowded = this.scenario === 'crowded';
    this.releases = crowded ? makeManyReleases(nowMs) : makeReleases(nowMs);
    const live = this.releases[0]?.number ?? 1;
    const warm = this.releases[1]?.number ?? 1;
    const previous = { release: warm, untilMs: nowMs + 57 * minuteMs };
    this.#move({ live, previous, phase: 'live', reason: 'its replicas are ready' }, nowMs - 2 * minuteMs);
    const ready = (
      release: number,
      modelVersion: number,
      minutesAgo: number,
      slowness: number,
      restarts = 0,
    ): ReplicaView =>
      makeReplica({
        release,
        modelVersion,
        state: 'ready',
        startedAtMs: nowMs - minutesAgo * minuteMs,
        slowness,
        restarts,
      });
    this.replicas = [
      ready(live, 2, 2.3, 1),
      ready(live, 2, 2.2, 1.31, 1),
      ready(warm, 1, 46, 0.9),
      ...Array.from({ length: crowded ? 6 : 0 }, (_, index) => ready(live, 2, 1, 1 + index / 3, index + 2)),
    ];
    const lease = 'Control plane 4102 took the lease control-plane/digits/default';
    this.#record({ kind: 'lease.acquired', summary: lease, atMs: nowMs - 26 * 60 * minuteMs, data: { pid: 4102 } });
    for (const event of [...this.releases].reverse().flatMap(eventsOfRelease)) this.#record(event);
  }

  #finishStart(nowMs: number): boolean {
    const starting = this.replicas.find((replica) => replica.state === 'starting');
    if (starting === undefined || nowMs - starting.startedAtMs < this.#startTakesMs) return false;
    this.replicas = this.replicas.map((replica) => (replica === starting ? madeReady(replica, 7) : replica));
    const { replicaId } = starting;
    const summary = `Replica ${replicaId} was admitted: it reproduced 64 golden inputs in 152 ms`;
    this.#record({ kind: 'replica.admitted', summary, atMs: nowMs, data: { replicaId, phases: phasesOf(7) } });
    const incoming = this.deployment?.incoming ?? null;
    if (incoming !== null) this.#flip(incoming, 'its replicas are ready', nowMs);
    return true;
  }

  /** All traffic to a release; the one before it is kept warm. */
  #flip(number: number, reason: string, nowMs: number): void {
    const left = this.deployment?.live ?? null;
    const outlived = this.deployment?.previous?.release ?? null;
    if (outlived !== null) this.#mark(outlived, 'retired');
    if (left !== null) this.#mark(left, 'warm');
    this.#mark(number, 'live');
    this.generation += 1;
    const previous = left === null ? null : { release: left, untilMs: nowMs + keepWarmMs };
    this.#move({ live: number, incoming: null, phase: 'live', reason, previous }, nowMs);
    this.#record({
      kind: 'release.live',
      summary: `Release ${number} is live: ${reason}`,
      atMs: nowMs,
      data: { release: number, left },
    });
    const routing = `Generation ${this.generation}: all traffic to release ${number}`;
    this.#record({ kind: 'routing.changed', summary: routing, atMs: nowMs, data: { generation: this.generation } });
  }

  #release(number: number | null): ReleaseSummary | undefined {
    return this.releases.find((release) => release.number === number);
  }

  #mark(number: number, state: ReleaseSummary['state']): void {
    this.releases = this.releases.map((release) => (release.number === number ? { ...release, state } : release));
  }

  #move(change: Partial<Deployment>, nowMs: number): void {
    const none = { service: 'digits', environment: 'default', live: null, incoming: null, previous: null };
    const before: Deployment = this.deployment ?? {
      ...none,
      phase: 'starting',
      step: 0,
      reason: '',
      changedAtMs: 0,
      revision: 0,
    };
    this.deployment = { ...before, ...change, changedAtMs: nowMs, revision: before.revision + 1 };
  }

  #record(happened: Omit<FakeEvent, 'by'> & { readonly by?: string }): number {
    const seq = (this.events.at(-1)?.seq ?? 0) + 1;
    const event: EventRecord = { by: 'control-plane', ...happened, service: 'digits', environment: 'default', seq };
    this.events = [...this.events, event];
    this.onEvent(event);
    return seq;
  }
}

/** Five minutes, with a hole of a quarter of a minute: what a restart of the control plane leaves. */
function pastSamples(nowMs: number, random: FakeRandom): readonly SignalSample[] {
  return Array.from({ length: 300 }, (_, index) => 300 - index)
    .filter((secondsAgo) => secondsAgo < 118 || secondsAgo > 133)
    .map((secondsAgo) => makeSample(nowMs - secondsAgo * 1000, random));
}
