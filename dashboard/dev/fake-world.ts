import type { Bar, Deployment } from '../../src/core/rollout/release.ts';
import type { NewEvent, StoredEvent } from '../../src/ports/store.ts';
import type { ReleaseSummary, ReplicaView, ServiceView, SignalSample } from '../../src/schemas/view.ts';
import {
  codeOf,
  digestOf,
  digitsSignature,
  evidenceOf,
  modelOf,
  phasesOf,
  readiness,
  tabularSignature,
} from './fake-parts.ts';

export const scenarios = ['steady', 'incoming', 'empty', 'no-gateway', 'failed', 'tabular', 'crowded'] as const;
export type Scenario = (typeof scenarios)[number];

const minuteMs = 60_000;
const startTakesMs = 3_000;

/** A service that does not exist, moving in time: what the page shows of each state can be looked at and tested. */
export class FakeWorld {
  readonly scenario: Scenario;
  releases: readonly ReleaseSummary[] = [];
  replicas: readonly ReplicaView[] = [];
  deployment: Deployment | null = null;
  bars: readonly Bar[] = [];
  events: readonly StoredEvent[] = [];
  samples: readonly SignalSample[] = [];
  generation = 16;
  gatewayPresent: boolean;
  onEvent: (event: StoredEvent) => void = () => undefined;
  #seed = 7;

  constructor(scenario: Scenario, nowMs: number) {
    this.scenario = scenario;
    this.gatewayPresent = scenario !== 'no-gateway';
    if (scenario === 'empty') return;
    this.#begin(nowMs);
    if (scenario === 'incoming') this.release(modelOf(3), nowMs - 1_200, 'ada');
    if (scenario === 'failed') this.failRelease(nowMs);
    for (let secondsAgo = 300; secondsAgo > 0; secondsAgo -= 1) {
      const inHole = secondsAgo > 118 && secondsAgo < 133;
      if (!inHole && this.gatewayPresent) this.samples = [...this.samples, this.#sample(nowMs - secondsAgo * 1000)];
    }
  }

  view(nowMs: number): ServiceView {
    const live = this.releases.find((release) => release.number === this.deployment?.live);
    return {
      service:
        this.scenario === 'tabular'
          ? 'credit-score'
          : this.scenario === 'crowded'
            ? 'product-embedding-reranker'
            : 'digits',
      environment: this.scenario === 'crowded' ? 'production-eu-west' : 'default',
      owner: 'vision',
      plimsollVersion: '0.1.0',
      nowMs,
      gatewayUrl: this.gatewayPresent ? 'http://127.0.0.1:8080' : null,
      model: 'digits',
      signature: live === undefined ? null : this.scenario === 'tabular' ? tabularSignature : digitsSignature,
      deployment: this.deployment,
      releases: this.releases,
      evidence: evidenceOf(nowMs),
      readiness,
      replicas: this.replicas,
      gateways: this.gatewayPresent
        ? [
            {
              gatewayId: 'gateway-1',
              address: 'http://127.0.0.1:8080',
              acknowledgedGeneration: this.generation,
              lastSeenMs: nowMs - 300,
              residentBytes: 92_400_000,
            },
          ]
        : [],
      bars: this.bars,
      routingGeneration: this.generation,
    };
  }

  /** One second goes by. True when the view changed. */
  tick(nowMs: number): boolean {
    if (this.gatewayPresent && this.deployment !== null) {
      this.samples = [...this.samples.slice(-320), this.#sample(nowMs)];
    }
    return this.#advanceStart(nowMs);
  }

  /** A new release on the model axis; it goes live when its replica has started. */
  release(model: ReleaseSummary['model'], nowMs: number, by: string, cause = 'release', unprovenPair = false): number {
    const number = (this.releases[0]?.number ?? 0) + 1;
    const code = this.releases[0]?.code ?? codeOf('serve-model:0.1.0');
    this.releases = [
      {
        number,
        code,
        model,
        cause,
        unprovenPair,
        waived: ['hardware'],
        createdAtMs: nowMs,
        createdBy: by,
        state: 'incoming',
      },
      ...this.releases,
    ];
    this.#move({ incoming: number, phase: 'starting', reason: `replica of release ${number} starts` }, nowMs);
    this.replicas = [...this.replicas, this.#replica(number, model.version, 'starting', nowMs, 1)];
    this.#record(
      'release.created',
      `Release ${number}: ${code.label} with ${model.name}:${model.version}`,
      nowMs,
      { number, model },
      by,
    );
    return number;
  }

  /** The model axis back to what it was before, from warm replicas: live at once. */
  rollBackModel(nowMs: number, reason: string): void {
    const liveNumber = this.deployment?.live ?? 0;
    const live = this.releases.find((release) => release.number === liveNumber);
    const target = this.releases.find(
      (release) => release.number < liveNumber && release.model.digest !== live?.model.digest,
    );
    if (live === undefined || target === undefined) return;
    const number = (this.releases[0]?.number ?? 0) + 1;
    const cause = `rollback of the model from release ${liveNumber} to release ${target.number}: ${reason}`;
    const release: ReleaseSummary = {
      ...target,
      number,
      code: live.code,
      cause,
      createdAtMs: nowMs,
      createdBy: 'ada',
      state: 'live',
    };
    this.releases = [
      release,
      ...this.releases.map((other) =>
        other.number === liveNumber
          ? { ...other, state: 'warm' as const }
          : other.state === 'warm'
            ? { ...other, state: 'retired' as const }
            : other,
      ),
    ];
    this.bars = [
      {
        service: 'digits',
        environment: 'default',
        axis: 'model',
        digest: digestOf(`model digits ${live.model.version}`),
        reason,
        by: 'ada',
        atMs: nowMs,
      },
    ];
    this.generation += 1;
    this.#move(
      {
        live: number,
        incoming: null,
        phase: 'live',
        reason: 'warm replicas took over',
        previous: { release: liveNumber, untilMs: nowMs + 60 * minuteMs },
      },
      nowMs,
    );
    this.#record('release.created', `Release ${number}: ${cause}`, nowMs, { number }, 'ada');
    this.#record(
      'bar.added',
      `model ${live.model.digest.slice(7, 19)} is barred: release ${liveNumber} was rolled back (${reason})`,
      nowMs,
      { axis: 'model', digest: live.model.digest },
      'ada',
    );
    this.#record('release.live', `Release ${number} is live: its replicas were warm`, nowMs, {
      release: number,
      left: liveNumber,
    });
    this.#record('routing.changed', `Generation ${this.generation}: all traffic to release ${number}`, nowMs, {
      generation: this.generation,
    });
  }

  failRelease(nowMs: number): void {
    const number = this.release(modelOf(3), nowMs - 40_000, 'ada');
    const reason = 'golden case 17 is outside its band: probabilities[3] is 0.412, expected 0.968 within 1e-4';
    this.releases = this.releases.map((release) =>
      release.number === number ? { ...release, state: 'failed' } : release,
    );
    this.replicas = this.replicas.map((replica) =>
      replica.release === number
        ? {
            ...replica,
            state: 'ready',
            admitted: false,
            reason: 'answers',
            admission: reason,
            phases: phasesOf(1),
            readyAtMs: replica.startedAtMs + 390,
          }
        : replica,
    );
    this.#move({ incoming: null, phase: 'failed', reason: `release ${number} failed: ${reason}` }, nowMs);
    this.#record('replica.rejected', `Replica of release ${number} is not admitted: ${reason}`, nowMs - 500, {
      release: number,
      reason,
    });
    this.#record(
      'release.failed',
      `Release ${number} failed: ${reason}; traffic stays on release ${this.deployment?.live ?? '-'}`,
      nowMs,
      { release: number, reason },
    );
  }

  #begin(nowMs: number): void {
    const first = nowMs - 26 * 60 * minuteMs;
    const summary = (
      number: number,
      model: number,
      code: string,
      agoMinutes: number,
      more: Partial<ReleaseSummary> = {},
    ): ReleaseSummary => ({
      number,
      code: codeOf(code),
      model: modelOf(model),
      cause: 'release',
      unprovenPair: false,
      waived: ['hardware'],
      createdAtMs: nowMs - agoMinutes * minuteMs,
      createdBy: 'ada',
      state: 'retired',
      ...more,
    });
    const old = 'serve-model:0.1.0';
    this.releases = [
      summary(5, 2, 'serve-model:0.2.0', 2.4, { state: 'live' }),
      summary(4, 1, 'serve-model:0.2.0', 47, { state: 'warm', createdBy: 'grace', unprovenPair: true }),
      summary(3, 1, old, 190, { cause: 'rollback of the model from release 2 to release 1: worse on sevens' }),
      summary(2, 2, old, 214),
      summary(1, 1, old, 1_560),
    ];
    if (this.scenario === 'crowded') this.#crowd(nowMs);
    const live = this.releases[0]?.number ?? 1;
    const warm = this.releases[1]?.number ?? 1;
    this.deployment = {
      service: 'digits',
      environment: 'default',
      live,
      incoming: null,
      phase: 'live',
      step: 0,
      previous: { release: warm, untilMs: nowMs + 57 * minuteMs },
      reason: 'its replicas are ready',
      changedAtMs: nowMs - 2 * minuteMs,
      revision: 12,
    };
    const ready = (release: number, version: number, atMs: number, slowness: number, restarts = 0): ReplicaView => ({
      ...this.#replica(release, version, 'ready', atMs, slowness),
      restarts,
    });
    this.replicas = [
      ready(live, 2, nowMs - 2.3 * minuteMs, 1),
      ready(live, 2, nowMs - 2.2 * minuteMs, 1.31, 1),
      ready(warm, 1, nowMs - 46 * minuteMs, 0.9),
    ];
    if (this.scenario === 'crowded') {
      for (let extra = 0; extra < 6; extra += 1)
        this.replicas = [...this.replicas, ready(live, 2, nowMs - minuteMs, 1 + extra / 3, extra)];
    }
    this.#record(
      'control-plane.started',
      'Control plane started; it holds the lease control-plane/digits/default',
      first,
      { pid: 4102 },
    );
    for (const release of [...this.releases].reverse()) this.#recordRelease(release);
  }

  #crowd(nowMs: number): void {
    const template = this.releases[4];
    if (template === undefined) return;
    const label = 'registry-mirror.internal/ranking/product-embedding-reranker:2026.11.24-rc3';
    const many = Array.from({ length: 22 }, (_, index): ReleaseSummary => ({
      ...template,
      number: index + 6,
      code: codeOf(`${label}${Math.floor(index / 5)}`),
      model: modelOf((index * 3) % 7, 'product-embedding-reranker-multilingual'),
      createdBy: 'continuous-integration@example.org',
      createdAtMs: nowMs - (40 - index) * minuteMs,
      unprovenPair: index % 4 === 0,
      waived: index % 3 === 0 ? ['hardware', 'evaluation', 'cold-start'] : [],
      state: index === 21 ? 'live' : index === 20 ? 'warm' : 'retired',
    }));
    this.releases = [...many.reverse(), ...this.releases.map((release) => ({ ...release, state: 'retired' as const }))];
  }

  #recordRelease(release: ReleaseSummary): void {
    const { number, code, model, createdAtMs, createdBy } = release;
    const replica = `digits-default-${digestOf(`pair ${number}`).slice(7, 19)}-${digestOf(`r${number}`).slice(7, 13)}`;
    this.#record(
      'release.created',
      `Release ${number}: ${code.label} with ${model.name}:${model.version}`,
      createdAtMs,
      { number, code, model },
      createdBy,
    );
    this.#record(
      'replicas.wanted',
      `digits-default is to have 1 replica (before: 0): release ${number} comes in`,
      createdAtMs + 40,
      { replicas: 1 },
    );
    this.#record('replica.ready', `Replica ${replica} of release ${number} is ready after 0.4 s`, createdAtMs + 480, {
      replicaId: replica,
    });
    this.#record(
      'replica.admitted',
      `Replica ${replica} was admitted: it reproduced 64 golden inputs in 148 ms, largest deviation 3.58e-7`,
      createdAtMs + 640,
      { replicaId: replica, cases: 64 },
    );
    this.#record('release.live', `Release ${number} is live: its replicas are ready`, createdAtMs + 700, {
      release: number,
    });
    this.#record(
      'routing.acknowledged',
      `Generation ${10 + number} is acknowledged by the gateway`,
      createdAtMs + 760,
      { generation: 10 + number },
    );
  }

  #replica(
    release: number,
    modelVersion: number,
    state: ReplicaView['state'],
    startedAtMs: number,
    slowness: number,
  ): ReplicaView {
    const pair = digestOf(`pair ${release}`);
    const set = `digits-default-${pair.slice(7, 19)}`;
    const ready = state === 'ready';
    const phases = phasesOf(slowness);
    return {
      replicaId: `${set}-${digestOf(`${release} ${startedAtMs} ${slowness}`).slice(7, 13)}`,
      set,
      pair,
      release,
      state,
      reason: ready ? 'answers on its health path' : 'loads its model',
      endpoint: 'http://127.0.0.1:40311',
      pid: 4_120 + Math.floor(this.#random() * 800),
      node: 'workstation',
      restarts: 0,
      startedAtMs,
      readyAtMs: ready ? startedAtMs + 392 * slowness : null,
      phases: ready ? phases : phases.slice(0, 2),
      admitted: ready,
      admission: ready ? `reproduced golden set ${digestOf('golden').slice(7, 19)}` : 'not ready yet',
      modelVersion,
    };
  }

  #advanceStart(nowMs: number): boolean {
    const starting = this.replicas.find((replica) => replica.state === 'starting');
    if (starting === undefined) return false;
    if (nowMs - starting.startedAtMs < startTakesMs) return false;
    const incoming = this.deployment?.incoming ?? null;
    this.replicas = this.replicas.map((replica) =>
      replica !== starting
        ? replica
        : {
            ...replica,
            state: 'ready',
            admitted: true,
            phases: phasesOf(7),
            readyAtMs: replica.startedAtMs + 392 * 7,
            reason: 'answers on its health path',
            admission: `reproduced golden set ${digestOf('golden').slice(7, 19)}`,
          },
    );
    this.#record(
      'replica.admitted',
      `Replica ${starting.replicaId} was admitted: it reproduced 64 golden inputs in 152 ms`,
      nowMs,
      { replicaId: starting.replicaId },
    );
    if (incoming === null) return true;
    const left = this.deployment?.live ?? null;
    this.releases = this.releases.map((release) => ({
      ...release,
      state:
        release.number === incoming
          ? 'live'
          : release.number === left
            ? 'warm'
            : release.state === 'warm'
              ? 'retired'
              : release.state,
    }));
    this.generation += 1;
    const previous = left === null ? null : { release: left, untilMs: nowMs + 60 * minuteMs };
    this.#move({ live: incoming, incoming: null, phase: 'live', reason: 'its replicas are ready', previous }, nowMs);
    this.#record('release.live', `Release ${incoming} is live: its replicas are ready`, nowMs, {
      release: incoming,
      left,
    });
    return true;
  }

  #move(change: Partial<Deployment>, nowMs: number): void {
    const before: Deployment = this.deployment ?? {
      service: 'digits',
      environment: 'default',
      live: null,
      incoming: null,
      phase: 'starting',
      step: 0,
      previous: null,
      reason: '',
      changedAtMs: nowMs,
      revision: 0,
    };
    this.deployment = { ...before, ...change, changedAtMs: nowMs, revision: before.revision + 1 };
  }

  #record(kind: string, summary: string, atMs: number, data: NewEvent['data'], by = 'control-plane'): void {
    const seq = (this.events.at(-1)?.seq ?? 0) + 1;
    const event: StoredEvent = { service: 'digits', environment: 'default', seq, kind, summary, by, atMs, data };
    this.events = [...this.events, event];
    this.onEvent(event);
  }

  #sample(atMs: number): SignalSample {
    const wave = Math.sin(atMs / 41_000) * 5 + Math.sin(atMs / 7_300) * 2;
    const noise = this.#random();
    const busy = noise > 0.97 ? 3 : 1;
    return {
      atMs,
      requestsPerSecond: Math.max(0, 24 + wave + (noise - 0.5) * 4),
      errorsPerSecond: noise > 0.985 ? 1 : 0,
      queueDepth: noise > 0.85 ? Math.round(noise * 3 * busy) : 0,
      inFlight: Math.round(1 + noise * 2 * busy),
      latencyP50Ms: 2.4 + noise * 0.6,
      latencyP99Ms: 5.5 + noise * 3 * busy,
      batchFillShare: 0.16 + wave / 60 + noise * 0.1,
    };
  }

  /** Park-Miller: the same picture each time. */
  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}
