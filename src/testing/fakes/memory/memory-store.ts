import { AsyncLocalStorage } from 'node:async_hooks';
import type { LeaseRecord } from '../../../core/records/lease.ts';
import { chainStart, sealOf, type EventSeal, type SealedEvent } from '../../../core/records/audit/event-chain.ts';
import type { AuditEntry } from '../../../core/records/audit/verify-chain.ts';
import { eventLimit } from '../../../core/records/event-limit.ts';
import {
  aliasMoved,
  canaryMoved,
  deploymentMoved,
  generationNotNewer,
  leaseLost,
  versionMissing,
} from '../../../core/records/conflicts.ts';
import type { Invalidation, Waiver } from '../../../core/evidence/lock/lock.ts';
import type { AliasMove, DataVersion, ModelVersion } from '../../../core/registry/model-version.ts';
import { canarySamplesAtMost, type CanaryRecord, type CanarySample } from '../../../core/rollout/judge/canary.ts';
import { outcomeOf, type DecidedOutcome } from '../../../core/rollout/outcome.ts';
import type { Bar, Deployment, Release } from '../../../core/rollout/release.ts';
import type { RoutingTable } from '../../../core/rollout/routing/routing.ts';
import { scalingRecordsAtMost } from '../../../core/scaling/acting/scaling-record.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Admission, Store, StoredScaling, StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { memoryBundleReader, memoryBundleWriter, type BundleState } from './memory-bundle-records.ts';
import { memoryClaimReader, memoryClaimWriter, type ClaimState } from './memory-claims.ts';
import { memoryDriftReader, memoryDriftWriter, type DriftState } from './memory-drift.ts';
import { memoryEnvironmentReader, memoryEnvironmentWriter, type EnvironmentState } from './memory-environments.ts';
import { memoryFleetReader, memoryFleetWriter, type FleetState } from './memory-fleet.ts';
import { memoryArrivalReader, memoryArrivalWriter, type ArrivalDays } from './memory-arrivals.ts';
import { memoryHistoryReader, memoryHistoryWriter, type HistoryState } from './memory-history.ts';
import { memoryLabelReader, memoryLabelWriter, type LabelRecordsState } from './memory-labels.ts';
import { memoryIsolationReader, memoryIsolationWriter, type IsolationStates } from './memory-isolations.ts';
import { memoryLedgerReader, memoryLedgerWriter, type LedgerStates } from './memory-ledger.ts';
import { memoryNotifyReader, memoryNotifyWriter, type NotifyStates } from './memory-notify.ts';
import { memoryReplayReader, memoryReplayWriter, type ReplayStates } from './memory-replay.ts';
import { memoryLeases } from './memory-leases.ts';
import { readEvent, type EventRecord, type StoredEvent } from '../../../core/records/event.ts';

interface State
  extends
    BundleState,
    ClaimState,
    DriftState,
    EnvironmentState,
    FleetState,
    HistoryState,
    ArrivalDays,
    LabelRecordsState,
    LedgerStates,
    NotifyStates,
    IsolationStates,
    ReplayStates {
  readonly models: readonly ModelVersion[];
  readonly data: readonly DataVersion[];
  readonly moves: readonly AliasMove[];
  readonly releases: readonly Release[];
  readonly outcomes: readonly (Scope & DecidedOutcome)[];
  readonly deployments: readonly Deployment[];
  readonly bars: readonly Bar[];
  readonly waivers: readonly (Waiver & Scope)[];
  readonly invalidations: readonly (Invalidation & { readonly service: string })[];
  readonly routing: readonly RoutingTable[];
  readonly admissions: readonly Admission[];
  readonly canaries: readonly CanaryRecord[];
  readonly canarySamples: readonly CanarySample[];
  readonly scaling: readonly (Scope & { readonly seq: number; readonly record: StoredScaling })[];
  readonly journaled: readonly string[];
  readonly events: readonly StoredEvent[];
}
interface Scope {
  readonly service: string;
  readonly environment: string;
}

const empty: State = {
  isolations: {},
  ledgerRecords: [],
  ledgerEntries: [],
  notify: {},
  replays: {},
  models: [],
  data: [],
  moves: [],
  releases: [],
  outcomes: [],
  deployments: [],
  bars: [],
  waivers: [],
  invalidations: [],
  routing: [],
  admissions: [],
  canaries: [],
  canarySamples: [],
  scaling: [],
  journaled: [],
  asks: [],
  sightings: [],
  releaseEvidence: [],
  history: [],
  arrivalDays: {},
  predictions: [],
  labels: [],
  labelAsks: [],
  labelMemories: [],
  held: [],
  artifactClaims: [],
  serviceClaims: [],
  environmentTerms: [],
  drift: [],
  events: [],
};

/** A store in memory, with the transactions, the fences and the JSON copies of a real one. */
export function memoryStore(): Store {
  let state = empty;
  let turn: Promise<unknown> = Promise.resolve();
  const inTransaction = new AsyncLocalStorage<true>();
  const leases = new Map<string, LeaseRecord>();

  return {
    ...reader(() => state),
    leases: memoryLeases(leases),
    transaction(fence, work) {
      if (inTransaction.getStore() === true) {
        return Promise.reject(new PlimsollError({ code: 'store-nested', category: 'bug', message: 'nested' }));
      }
      const result = turn.then(async () => {
        const record = leases.get(fence.lease);
        if (record?.token !== fence.token || record.holder === null) throw leaseLost(fence.lease, fence.token);
        let draft = state;
        let open = true;
        const tx = writer(
          () => {
            if (!open) throw new Error('used after its transaction had ended');
            return draft;
          },
          (next) => (draft = next),
        );
        try {
          const value = await inTransaction.run(true, () => work(tx));
          state = draft;
          return value;
        } finally {
          open = false;
        }
      });
      turn = result.catch(() => undefined);
      return result;
    },
    check: () => Promise.resolve([]),
    astray: () => Promise.resolve(null),
    async close() {
      await turn;
    },
  };
}

/** What goes into a store comes out as JSON would carry it, and nobody can change it from outside. */
function copied<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function reader(state: () => State): StoreReader {
  const inScope = (service: string, environment: string) => (row: Scope) =>
    row.service === service && row.environment === environment;
  const versions = <T extends ModelVersion | DataVersion>(all: readonly T[], environment: string, name: string): T[] =>
    all.filter((version) => version.environment === environment && version.name === name);
  const names = (all: readonly (ModelVersion | DataVersion)[], environment: string): readonly string[] =>
    [...new Set(all.filter((version) => version.environment === environment).map(({ name }) => name))].sort();
  // Async throughout, so that a misuse rejects and never throws.
  return {
    ...memoryBundleReader(state),
    ...memoryHistoryReader(state),
    ...memoryArrivalReader(state),
    ...memoryFleetReader(state),
    ...memoryClaimReader(state),
    ...memoryEnvironmentReader(state),
    ...memoryDriftReader(state),
    ...memoryLabelReader(state),
    ...memoryNotifyReader(state),
    ...memoryIsolationReader(state),
    ...memoryLedgerReader(state),
    ...memoryReplayReader(state),
    environments: async () =>
      [...new Set([...state().models, ...state().data].map(({ environment }) => environment))].sort(),
    modelNames: async (environment) => names(state().models, environment),
    modelVersions: async (environment, name) => copied(versions(state().models, environment, name)),
    modelVersion: async (environment, name, number) =>
      copied(versions(state().models, environment, name).find(({ version }) => version === number) ?? null),
    modelVersionByDigest: async (environment, name, digest) =>
      copied(versions(state().models, environment, name).find((version) => version.digest === digest) ?? null),
    aliases: async (environment, name) => aliasesOf(state(), environment, name),
    aliasHistory: async (environment, name) =>
      copied(state().moves.filter((move) => move.environment === environment && move.name === name)),
    dataNames: async (environment) => names(state().data, environment),
    dataVersions: async (environment, name) => copied(versions(state().data, environment, name)),
    dataVersion: async (environment, name, number) =>
      copied(versions(state().data, environment, name).find(({ version }) => version === number) ?? null),
    released: async () => {
      const scopes = state().releases.map(({ service, environment }) => JSON.stringify({ service, environment }));
      return [...new Set(scopes)].sort().map((scope) => JSON.parse(scope) as Record<'service' | 'environment', string>);
    },
    releases: async (service, environment) => copied(state().releases.filter(inScope(service, environment))),
    release: async (service, environment, number) =>
      copied(
        state()
          .releases.filter(inScope(service, environment))
          .find((one) => one.number === number) ?? null,
      ),
    releaseOutcomes: async (service, environment) =>
      new Map(
        state()
          .outcomes.filter(inScope(service, environment))
          .map(({ release, outcome }) => [release, outcome]),
      ),
    deployment: async (service, environment) => copied(state().deployments.find(inScope(service, environment)) ?? null),
    bars: async (service, environment) => copied(state().bars.filter(inScope(service, environment))),
    waivers: async (service, environment) =>
      copied(
        state()
          .waivers.filter(inScope(service, environment))
          .map(({ service: _service, environment: _environment, ...waiver }) => waiver),
      ),
    invalidations: async (service, environment) =>
      copied(
        state()
          .invalidations.filter(inScope(service, environment))
          .map(({ service: _service, ...invalidation }) => invalidation),
      ),
    routing: async (service, environment) => copied(state().routing.find(inScope(service, environment)) ?? null),
    admissions: async (service, environment) =>
      copied(
        state()
          .admissions.filter(inScope(service, environment))
          .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1)),
      ),
    canary: async (service, environment) => copied(state().canaries.find(inScope(service, environment)) ?? null),
    canarySamples: async (service, environment, release) =>
      copied(
        state()
          .canarySamples.filter(inScope(service, environment))
          .filter((sample) => sample.release === release)
          .slice(-canarySamplesAtMost),
      ),
    scalingRecord: async (service, environment, seq) => scalingOf(state(), service, environment, seq),
    scalingMemory: async (service, environment) => scalingOf(state(), service, environment, 0),
    journaled: async (id) => state().journaled.includes(id),
    async chainHead() {
      const head = sealsOf(state().events).at(-1);
      return head === undefined ? null : { seq: head.seq, hash: head.hash };
    },
    async auditEntries({ afterSeq, limit }) {
      const seals = sealsOf(state().events);
      return state()
        .events.flatMap((event, at): readonly AuditEntry[] => {
          const seal = seals[at];
          return seal === undefined ? [] : [{ seq: event.seq, event: sealedEventOf(event), seal }];
        })
        .filter(({ seq }) => seq > afterSeq)
        .slice(0, limit);
    },
    async events(query) {
      const found = state().events.filter(
        (event) =>
          (query.service === undefined || event.service === query.service) &&
          (query.environment === undefined || event.environment === query.environment) &&
          (query.afterSeq === undefined || event.seq > query.afterSeq) &&
          (query.beforeSeq === undefined || event.seq < query.beforeSeq) &&
          (query.kindPrefix === undefined || event.kind.startsWith(query.kindPrefix)),
      );
      const atMost = eventLimit(query);
      return copied(query.last === undefined ? found.slice(0, atMost) : atMost === 0 ? [] : found.slice(-atMost));
    },
  };
}

function sealedEventOf({ data, ...event }: StoredEvent): SealedEvent {
  return { ...event, dataText: JSON.stringify(data) };
}

function sealsOf(events: readonly StoredEvent[]): readonly EventSeal[] {
  let previous = chainStart;
  return events.map((event): EventSeal => {
    previous = sealOf(previous, sealedEventOf(event));
    return { seq: event.seq, hash: previous, late: false };
  });
}

function aliasesOf(state: State, environment: string, name: string): Readonly<Record<string, number>> {
  const present = new Map<string, number | null>();
  for (const move of state.moves) {
    if (move.environment === environment && move.name === name) present.set(move.alias, move.to);
  }
  return Object.fromEntries(
    [...present].flatMap(([alias, version]) => (version === null ? [] : [[alias, version] as const])).sort(),
  );
}

function scalingOf(state: State, service: string, environment: string, seq: number): StoredScaling | null {
  const found = state.scaling.find(
    (each) => each.service === service && each.environment === environment && each.seq === seq,
  );
  return copied(found?.record ?? null);
}

function writer(state: () => State, replace: (next: State) => void): StoreWriter {
  const read = reader(state);
  const inScope = (a: Scope) => (b: Scope) => a.service === b.service && a.environment === b.environment;
  const change = (part: Partial<State>): void => replace({ ...state(), ...copied(part) });
  const setScaling = (service: string, environment: string, seq: number, record: StoredScaling): void => {
    const others = state().scaling.filter((each) => !(inScope({ service, environment })(each) && each.seq === seq));
    replace({ ...state(), scaling: [...others, copied({ service, environment, seq, record })] });
  };

  const setOutcome = (decided: Scope & DecidedOutcome): void => {
    const others = state().outcomes.filter((each) => !(inScope(decided)(each) && each.release === decided.release));
    change({ outcomes: [...others, decided] });
  };

  function addVersion<T extends ModelVersion | DataVersion>(
    all: readonly T[],
    version: Omit<T, 'version'>,
  ): { version: T; created: boolean; all: readonly T[] } {
    const alike = all.filter((other) => other.environment === version.environment && other.name === version.name);
    const present = alike.find((other) => other.digest === version.digest);
    if (present !== undefined) return { version: copied(present), created: false, all };
    const added = copied({ ...version, version: alike.length + 1 } as unknown as T);
    return { version: added, created: true, all: [...all, added] };
  }

  return {
    ...read,
    ...memoryBundleWriter(state, change),
    ...memoryHistoryWriter(state, change),
    ...memoryArrivalWriter(state, change),
    ...memoryFleetWriter(state, change),
    ...memoryClaimWriter(state, change),
    ...memoryEnvironmentWriter(state, change),
    ...memoryDriftWriter(state, change),
    ...memoryLabelWriter(state, change),
    ...memoryNotifyWriter(state, change),
    ...memoryIsolationWriter(state, change),
    ...memoryLedgerWriter(state, change),
    ...memoryReplayWriter(state, change),
    async addModelVersion(version) {
      const { all, ...result } = addVersion(state().models, version);
      replace({ ...state(), models: all });
      return result;
    },
    async addDataVersion(version) {
      const { all, ...result } = addVersion(state().data, version);
      replace({ ...state(), data: all });
      return result;
    },
    async moveAlias(move) {
      const { environment, name, alias, from, to } = move;
      const actual = aliasesOf(state(), environment, name)[alias] ?? null;
      if (actual !== from) throw aliasMoved(alias, name, from, actual);
      if (to !== null && (await read.modelVersion(environment, name, to)) === null) {
        throw versionMissing(name, to, environment);
      }
      replace({ ...state(), moves: [...state().moves, copied(move)] });
    },
    async addRelease(release) {
      const number = state().releases.filter(inScope(release)).length + 1;
      const numbered = copied({ ...release, number });
      replace({ ...state(), releases: [...state().releases, numbered] });
      return numbered;
    },
    async setDeployment(deployment, expected) {
      const present = state().deployments.find(inScope(deployment)) ?? null;
      if ((present?.revision ?? null) !== expected) {
        throw deploymentMoved(deployment.service, deployment.environment, expected, present?.revision ?? null);
      }
      const moved = copied({ ...deployment, revision: (expected ?? 0) + 1 });
      change({ deployments: [...state().deployments.filter((other) => other !== present), moved] });
      return moved;
    },
    async setCanary(record, expected) {
      const present = state().canaries.find(inScope(record)) ?? null;
      if ((present?.revision ?? null) !== expected) {
        throw canaryMoved(record.service, record.environment, expected, present?.revision ?? null);
      }
      const moved = copied({ ...record, revision: (expected ?? 0) + 1 });
      change({ canaries: [...state().canaries.filter((other) => other !== present), moved] });
      return moved;
    },
    async endCanary(service, environment) {
      const kept = state().canaries.filter((record) => !inScope({ service, environment })(record));
      const ended = kept.length < state().canaries.length;
      change({ canaries: kept });
      return ended;
    },
    async addCanarySample(sample) {
      replace({ ...state(), canarySamples: [...state().canarySamples, copied(sample)] });
    },
    async addScalingRecord(service, environment, seq, record) {
      setScaling(service, environment, seq, record);
      const own = state().scaling.filter((each) => inScope({ service, environment })(each) && each.seq > 0);
      if (own.length <= scalingRecordsAtMost) return;
      const over = own.sort((a, b) => b.seq - a.seq).slice(scalingRecordsAtMost);
      replace({ ...state(), scaling: state().scaling.filter((each) => !over.includes(each)) });
    },
    async setScalingMemory(service, environment, record) {
      setScaling(service, environment, 0, record);
    },
    async addJournaled(id) {
      if (state().journaled.includes(id)) return false;
      change({ journaled: [...state().journaled, id] });
      return true;
    },
    async addBar(bar) {
      const standing = state()
        .bars.filter(inScope(bar))
        .some((other) => other.axis === bar.axis && other.digest === bar.digest);
      if (!standing) change({ bars: [...state().bars, bar] });
    },
    async liftBar(service, environment, axis, digest) {
      const kept = state().bars.filter(
        (bar) => !(inScope({ service, environment })(bar) && bar.axis === axis && bar.digest === digest),
      );
      const lifted = kept.length < state().bars.length;
      change({ bars: kept });
      return lifted;
    },
    async addWaiver(service, environment, waiver) {
      change({ waivers: [...state().waivers, { ...waiver, service, environment }] });
    },
    async withdrawWaivers(service, environment, kind) {
      const isOne = (waiver: Waiver & Scope): boolean =>
        waiver.kind === kind && inScope({ service, environment })(waiver);
      const withdrawn = state().waivers.filter(isOne);
      change({ waivers: state().waivers.filter((waiver) => !isOne(waiver)) });
      return withdrawn.map(({ service: _service, environment: _environment, ...waiver }) => waiver);
    },
    async addInvalidation(service, invalidation) {
      change({ invalidations: [...state().invalidations, { ...invalidation, service }] });
    },
    async setRouting(table) {
      const present = state().routing.find(inScope(table));
      if (present !== undefined && present.generation >= table.generation) {
        throw generationNotNewer(table.service, table.environment, table.generation, present.generation);
      }
      change({ routing: [...state().routing.filter((other) => other !== present), table] });
    },
    async admit(admission) {
      const others = state().admissions.filter(({ replicaId }) => replicaId !== admission.replicaId);
      change({ admissions: [...others, admission] });
    },
    async forgetAdmission(replicaId) {
      change({ admissions: state().admissions.filter((admission) => admission.replicaId !== replicaId) });
    },
    async appendEvent(event) {
      const stored = readEvent<EventRecord>(copied({ ...event, seq: state().events.length + 1 }));
      replace({ ...state(), events: [...state().events, stored] });
      const decided = outcomeOf(stored);
      if (decided !== null) setOutcome({ service: stored.service, environment: stored.environment, ...decided });
      return stored;
    },
  };
}
