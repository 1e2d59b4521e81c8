import { defaults } from '../../../core/contract/defaults.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { decideRestart } from '../../../core/rollout/deployment/restart.ts';
import type { ReplicaOwner, ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import { decideSet, type SlotState } from './decide-set.ts';
import { LocalReplica, pendingReason } from './local-replica.ts';
import { SecretRenewal } from '../secrets/secret-renewal.ts';
import type { EndedReplica, NextStart } from './replica-outcome.ts';
import { observed } from './observed-replica.ts';
import type { ReplicaMachine } from './replica-machine.ts';
import { hasEnded, type ReplicaRecord } from './replica-record.ts';

/** A port can be taken between its choice and its use; so often is a start repeated at once with another one. */
const portAttempts = 3;

/** A place in the set: filled by one start after another for as long as it is wanted. */
interface Slot {
  readonly index: number;
  readonly unwanted: AbortController;
  /** Somebody keeps it running: from the first `want` on. */
  kept: boolean;
  replica: LocalReplica | null;
  /** What was there before and is known only from its record. */
  gone: ReplicaRecord | null;
  restarts: number;
  failuresInRow: number;
  waitMs: number;
  portRetries: number;
}

/** Keeps one set at the number of replicas that it was asked for. */
export class LocalReplicaSet {
  readonly owner: ReplicaOwner;
  readonly name: string;
  readonly #machine: ReplicaMachine;
  readonly #slots = new Map<number, Slot>();
  readonly #leaving = new Set<LocalReplica>();
  readonly #renewal: SecretRenewal;
  readonly #onEnd: () => void;
  #spec: ReplicaSetSpec | null = null;

  /** `onEnd` is called after each end of a replica. */
  constructor(owner: ReplicaOwner, name: string, machine: ReplicaMachine, onEnd: () => void) {
    this.owner = owner;
    this.name = name;
    this.#machine = machine;
    this.#renewal = new SecretRenewal(machine, owner);
    this.#onEnd = onEnd;
  }

  /** Nothing is left of it. */
  get empty(): boolean {
    return this.#slots.size === 0 && this.#leaving.size === 0;
  }

  replicas(): readonly LocalReplica[] {
    const inSlots = [...this.#slots.values()].flatMap((slot) => (slot.replica === null ? [] : [slot.replica]));
    return [...inSlots, ...this.#leaving];
  }

  observe(): readonly ObservedReplica[] {
    const gone = [...this.#slots.values()].flatMap((slot) =>
      slot.replica === null && slot.gone !== null ? [observed(slot.gone, this.#machine.node)] : [],
    );
    return [...this.replicas().map((replica) => replica.view()), ...gone];
  }

  /** Null: wanted no longer, everything is drained. */
  want(spec: ReplicaSetSpec | null): void {
    this.#spec = spec;
    const states = [...this.#slots.values()].map((slot) => slotState(slot));
    const decision = decideSet(states, spec?.replicas ?? 0, spec?.stopFirst ?? []);
    for (const index of decision.stop) this.#empty(index);
    for (const index of decision.start) this.#slots.set(index, makeSlot(index));
    const asleep = new Set(spec?.asleep ?? []);
    for (const slot of this.#slots.values()) slot.replica?.setAsleep(asleep.has(slot.replica.record.replicaId));
    const stuck = new Set(spec?.stuck ?? []);
    for (const { replica } of this.#slots.values())
      if (replica !== null && stuck.has(replica.record.replicaId)) replica.endStuck();
    if (spec !== null) this.#renewal.look(this.replicas(), spec.workload);
    for (const slot of this.#slots.values()) {
      if (slot.kept) continue;
      slot.kept = true;
      void this.#keepRunning(slot);
    }
  }

  /** Takes over a process that an earlier control plane started, as it is. */
  adopt(record: ReplicaRecord): void {
    const slot = makeSlot(this.#freeSlot(record.slot));
    slot.restarts = record.restarts;
    slot.failuresInRow = record.failuresInRow;
    slot.replica = LocalReplica.adopt(this.#machine, { ...record, keeper: this.#machine.keeper }, (ended) =>
      this.#whatNext(slot, ended),
    );
    if (record.state === 'draining') this.#leave(slot.replica);
    else this.#slots.set(slot.index, slot);
  }

  /** Goes on with a slot whose replica was found to be gone, and with its backoff. */
  resume(record: ReplicaRecord, waitMs: number): void {
    if (this.#slots.has(record.slot)) return;
    const slot = makeSlot(record.slot);
    slot.restarts = record.restarts + 1;
    slot.failuresInRow = record.failuresInRow;
    slot.waitMs = waitMs;
    slot.gone = record;
    this.#slots.set(slot.index, slot);
  }

  #empty(index: number): void {
    const slot = this.#slots.get(index);
    if (slot === undefined) return;
    this.#slots.delete(index);
    slot.unwanted.abort();
    if (slot.replica === null) return;
    if (hasEnded(slot.replica.record)) void slot.replica.retire();
    else this.#leave(slot.replica);
  }

  #leave(replica: LocalReplica): void {
    this.#leaving.add(replica);
    replica.stop(this.#spec?.drainTimeoutMs ?? replica.record.drainTimeoutMs);
    void replica.over.then((outcome) => {
      if (outcome.kind === 'closed') return;
      this.#leaving.delete(replica);
      this.#onEnd();
    });
  }

  async #keepRunning(slot: Slot): Promise<void> {
    const { clock, closed } = this.#machine;
    const given = AbortSignal.any([slot.unwanted.signal, closed]);
    while (!given.aborted) {
      if (slot.replica === null || hasEnded(slot.replica.record)) {
        await clock.sleep(slot.waitMs, given).catch(() => undefined);
        const spec = this.#spec;
        if (given.aborted || spec === null) return;
        void slot.replica?.retire();
        slot.replica = LocalReplica.start(this.#machine, this.#intent(spec, slot), spec.workload, (ended) =>
          this.#whatNext(slot, ended),
        );
      }
      const outcome = await slot.replica.over;
      if (outcome.kind !== 'ended') return;
      this.#onEnd();
    }
  }

  #whatNext(slot: Slot, ended: EndedReplica): NextStart {
    const { restart, clock } = this.#machine;
    const portTaken = ended.addressInUse && ended.run.readyForMs === null && slot.portRetries < portAttempts;
    const decision = decideRestart({ ...ended.run, failuresInRow: slot.failuresInRow }, restart);
    slot.restarts += 1;
    slot.portRetries = portTaken ? slot.portRetries + 1 : 0;
    slot.waitMs = portTaken ? 0 : decision.delayMs;
    if (!portTaken) slot.failuresInRow = decision.failuresInRow;
    return {
      reason: portTaken ? 'its port was taken by somebody else; next start at once, with another' : decision.reason,
      failuresInRow: slot.failuresInRow,
      nextStartAtMs: clock.nowMs() + slot.waitMs,
    };
  }

  #freeSlot(wanted: number): number {
    let index = wanted;
    while (this.#slots.has(index)) index += 1;
    return index;
  }

  #intent(spec: ReplicaSetSpec, slot: Slot): ReplicaRecord {
    const { clock, random } = this.#machine;
    return {
      recordVersion: 1,
      replicaId: `${this.name}-${random.hex(4)}`,
      service: this.owner.service,
      environment: this.owner.environment,
      set: this.name,
      pair: spec.pair,
      release: spec.release,
      slot: slot.index,
      restarts: slot.restarts,
      failuresInRow: slot.failuresInRow,
      protocol: spec.workload.protocol,
      model: spec.workload.model.name,
      state: 'pending',
      reason: pendingReason,
      endpoint: null,
      pid: null,
      identity: null,
      keeper: this.#machine.keeper,
      scheduledAtMs: clock.nowMs(),
      layOutMs: null,
      spawnedAtMs: null,
      readyAtMs: null,
      drainUntilMs: null,
      endedAtMs: null,
      nextStartAtMs: null,
      startTimeoutMs: spec.startTimeoutMs,
      drainTimeoutMs: spec.drainTimeoutMs,
      phases: [],
      ...this.#asksFor(spec),
    };
  }

  #asksFor({ workload: { devices, sharing, deviceMemoryBytes } }: ReplicaSetSpec): Pick<ReplicaRecord, 'devices'> {
    if (devices === 0 || this.#machine.desk === null) return {};
    const ask = { devices, sharing: sharing ?? defaults.sharing, memoryBytes: deviceMemoryBytes ?? null };
    return { devices: { ask, holds: [], lacking: null } };
  }
}

function makeSlot(index: number): Slot {
  return {
    index,
    unwanted: new AbortController(),
    kept: false,
    replica: null,
    gone: null,
    restarts: 0,
    failuresInRow: 0,
    waitMs: 0,
    portRetries: 0,
  };
}

function slotState(slot: Slot): SlotState {
  const record = slot.replica?.record ?? slot.gone;
  return {
    slot: slot.index,
    replicaId: record?.replicaId ?? null,
    state: record?.state ?? 'pending',
    scheduledAtMs: record?.scheduledAtMs ?? 0,
  };
}
