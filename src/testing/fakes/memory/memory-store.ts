import { AsyncLocalStorage } from 'node:async_hooks';
import type { LeaseRecord } from '../../../core/records/lease.ts';
import { leaseLost } from '../../../core/records/conflicts.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Store, StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { copied } from './records/copied.ts';
import { memoryArrivalReader, memoryArrivalWriter, type ArrivalDays } from './records/memory-arrivals.ts';
import { memoryBundleReader, memoryBundleWriter, type BundleState } from './records/memory-bundle-records.ts';
import { memoryClaimReader, memoryClaimWriter, type ClaimState } from './records/memory-claims.ts';
import { memoryDriftReader, memoryDriftWriter, type DriftState } from './records/memory-drift.ts';
import {
  memoryEnvironmentReader,
  memoryEnvironmentWriter,
  type EnvironmentState,
} from './records/memory-environments.ts';
import { memoryEventReader, memoryEventWriter, type EventStates } from './records/memory-events.ts';
import { memoryFleetReader, memoryFleetWriter, type FleetState } from './records/memory-fleet.ts';
import { memoryHistoryReader, memoryHistoryWriter, type HistoryState } from './records/memory-history.ts';
import { memoryIsolationReader, memoryIsolationWriter, type IsolationStates } from './records/memory-isolations.ts';
import { memoryLabelReader, memoryLabelWriter, type LabelRecordsState } from './records/memory-labels.ts';
import { memoryLeases } from './records/memory-leases.ts';
import { memoryLedgerReader, memoryLedgerWriter, type LedgerStates } from './records/memory-ledger.ts';
import { memoryNotifyReader, memoryNotifyWriter, type NotifyStates } from './records/memory-notify.ts';
import { memoryRegistryReader, memoryRegistryWriter, type RegistryState } from './records/memory-registry.ts';
import { memoryReplayReader, memoryReplayWriter, type ReplayStates } from './records/memory-replay.ts';
import {
  memoryRolloutReader,
  memoryRolloutWriter,
  withOutcome,
  type RolloutStates,
} from './records/memory-rollouts.ts';
import { memoryScalingReader, memoryScalingWriter, type ScalingStates } from './records/memory-scaling.ts';
import { memoryWaiverReader, memoryWaiverWriter, type WaiverStates } from './records/memory-waivers.ts';

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
    ReplayStates,
    RegistryState,
    RolloutStates,
    WaiverStates,
    ScalingStates,
    EventStates {}

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

// Async throughout, so that a misuse rejects and never throws.
function reader(state: () => State): StoreReader {
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
    ...memoryRegistryReader(state),
    ...memoryRolloutReader(state),
    ...memoryWaiverReader(state),
    ...memoryScalingReader(state),
    ...memoryEventReader(state),
  };
}

function writer(state: () => State, replace: (next: State) => void): StoreWriter {
  const set = (part: Partial<State>): void => replace({ ...state(), ...part });
  const change = (part: Partial<State>): void => set(copied(part));
  return {
    ...reader(state),
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
    ...memoryRegistryWriter(state, set),
    ...memoryRolloutWriter(state, change, set),
    ...memoryWaiverWriter(state, change),
    ...memoryScalingWriter(state, set),
    ...memoryEventWriter(state, set, (decided) => {
      change({ outcomes: withOutcome(state(), decided) });
    }),
  };
}
