import type { EventRecord } from '../../src/core/records/event.ts';
import type { ReleaseSummary, ReplicaView } from '../../src/schemas/view/view.ts';
import { codeOf, digestOf, modelOf, phasesOf } from './fake-parts.ts';

const minuteMs = 60_000;

/** How the made-up service came to where it is, newest release first. */
export function makeReleases(nowMs: number): readonly ReleaseSummary[] {
  const release = (
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
  const now = 'serve-model:0.2.0';
  return [
    release(5, 2, now, 2.4, { state: 'live' }),
    release(4, 1, now, 47, { state: 'warm', createdBy: 'grace', unprovenPair: true }),
    release(3, 1, old, 190, { cause: 'rollback of the model from release 2 to release 1: worse on sevens' }),
    release(2, 2, old, 214, { waived: ['hardware', 'evaluation'], waivedFailing: ['evaluation'] }),
    release(1, 1, old, 1_560),
  ];
}

/** Names as long and lists as full as they get: nothing may overflow. */
export function makeManyReleases(nowMs: number): readonly ReleaseSummary[] {
  const few = makeReleases(nowMs).map((release) => ({ ...release, state: 'retired' as const }));
  const label = 'registry-mirror.internal/ranking/product-embedding-reranker:2026.11.24-rc3';
  const many = Array.from({ length: 22 }, (_, index): ReleaseSummary => ({
    number: index + 6,
    code: codeOf(`${label}${Math.floor(index / 5)}`),
    model: modelOf((index * 3) % 7, 'product-embedding-reranker-multilingual'),
    cause:
      index % 5 === 4 ? `rollback of the model from release ${index + 5} to release ${index + 2}: slower` : 'release',
    createdBy: 'continuous-integration@example.org',
    createdAtMs: nowMs - (40 - index) * minuteMs,
    unprovenPair: index % 4 === 0,
    waived: index % 3 === 0 ? ['hardware', 'evaluation', 'cold-start'] : [],
    state: index === 21 ? 'live' : index === 20 ? 'warm' : 'retired',
  }));
  return [...many.reverse(), ...few];
}

export type FakeEvent = Pick<EventRecord, 'kind' | 'summary' | 'atMs' | 'data' | 'by'>;

/** What a release leaves in the log on its way to live. */
export function eventsOfRelease({ number, code, model, createdAtMs, createdBy }: ReleaseSummary): readonly FakeEvent[] {
  const pair = digestOf(`pair ${number}`).slice(7, 19);
  const replicaId = `digits-default-${pair}-${digestOf(`r${number}`).slice(7, 13)}`;
  const event = (kind: string, afterMs: number, summary: string, data: EventRecord['data']): FakeEvent => ({
    kind,
    summary,
    atMs: createdAtMs + afterMs,
    data,
    by: kind === 'release.created' ? createdBy : 'control-plane',
  });
  return [
    event('release.created', 0, `Release ${number}: ${code.label} with ${model.name}:${model.version}`, {
      release: number,
      code: code.digest,
      model,
    }),
    event(
      'replicas.wanted',
      40,
      `digits-default-${pair} is to have 1 replica (before: 0): release ${number} comes in`,
      { replicas: 1 },
    ),
    event('replica.ready', 480, `Replica ${replicaId} of release ${number} is ready after 0.4 s`, {
      replicaId,
      phases: phasesOf(1),
    }),
    event(
      'replica.admitted',
      640,
      `Replica ${replicaId} was admitted: it reproduced 64 golden inputs in 148 ms, largest deviation 3.58e-7`,
      { replicaId, cases: 64 },
    ),
    event('release.live', 700, `Release ${number} is live: its replicas are ready`, {
      release: number,
      left: number - 1,
    }),
    event('routing.acknowledged', 760, `Generation ${10 + number} is acknowledged by the gateway`, {
      generation: 10 + number,
    }),
  ];
}

interface ReplicaOptions {
  readonly release: number;
  readonly modelVersion: number;
  readonly state: 'starting' | 'ready';
  readonly startedAtMs: number;
  readonly slowness: number;
  readonly restarts?: number;
}

const readyAfterMs = 392;

export function makeReplica(options: ReplicaOptions): ReplicaView {
  const { release, modelVersion, startedAtMs, slowness } = options;
  const pair = digestOf(`pair ${release}`);
  const set = `digits-default-${pair.slice(7, 19)}`;
  const name = digestOf(`${release} ${slowness} ${options.restarts ?? 0}`).slice(7, 13);
  const starting: ReplicaView = {
    replicaId: `${set}-${name}`,
    set,
    pair,
    release,
    state: 'starting',
    reason: 'loads its model',
    endpoint: 'http://127.0.0.1:40311',
    pid: 4_000 + (Number.parseInt(name, 16) % 5_000),
    node: 'workstation',
    restarts: options.restarts ?? 0,
    startedAtMs,
    readyAtMs: null,
    phases: phasesOf(slowness).slice(0, 2),
    admitted: false,
    admission: 'not ready yet',
    modelVersion,
  };
  return options.state === 'ready' ? madeReady(starting, slowness) : starting;
}

export function madeReady(replica: ReplicaView, slowness: number): ReplicaView {
  return {
    ...replica,
    state: 'ready',
    reason: 'answers',
    phases: phasesOf(slowness),
    readyAtMs: replica.startedAtMs + readyAfterMs * slowness,
    admitted: true,
    admission: `reproduced golden set ${digestOf('golden').slice(7, 19)}`,
  };
}
