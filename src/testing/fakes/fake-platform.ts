import type { ObservedReplica, ReplicaState } from '../../core/rollout/replica.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Platform, ReplicaOwner, ReplicaSetSpec, Workload } from '../../ports/serving/platform.ts';
import type { ReplicaBehaviour } from '../contracts/platform-contract.ts';

interface FakeReplica {
  readonly replicaId: string;
  readonly owner: string;
  readonly slot: FakeSlot;
  readonly spec: ReplicaSetSpec;
  readonly behaviour: ReplicaBehaviour;
  readonly startedAtMs: number;
  readonly number: number;
  drainingSinceMs: number | null;
  ended: string | null;
}

interface FakeSlot {
  readonly owner: string;
  readonly set: string;
  restarts: number;
  nextStartMs: number;
  replica: FakeReplica | null;
  leaving: boolean;
}

const restartDelayMs = 1_000;

/**
 * The machine under fake platforms: its replicas outlive a platform that is closed. What a replica does is said by its
 * workload (`workloadFor`), or by `behaviour` for workloads that say nothing. Time is the clock's alone.
 */
export class FakeMachine {
  readonly clock: Clock;
  behaviour: (spec: ReplicaSetSpec) => ReplicaBehaviour = () => ({ kind: 'ready' });
  readonly specs = new Map<string, ReadonlyMap<string, ReplicaSetSpec>>();
  slots: FakeSlot[] = [];
  #started = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** A platform on this machine; any number of them, as control planes come and go. */
  platform(): Platform {
    return new FakePlatform(this);
  }

  replicas(): readonly FakeReplica[] {
    return this.slots.flatMap((slot) => (slot.replica === null ? [] : [slot.replica]));
  }

  kill(replicaId: string): void {
    for (const replica of this.replicas()) {
      if (replica.replicaId === replicaId) replica.ended = 'ended by signal SIGKILL';
    }
  }

  /** Brings everything to where the clock is. */
  settle(): void {
    const nowMs = this.clock.monotonicMs();
    for (const slot of this.slots) settleSlot(slot, nowMs);
    this.slots = this.slots.filter((slot) => !(slot.leaving && slot.replica === null));
    for (const [owner, sets] of this.specs) for (const spec of sets.values()) this.#fill(owner, spec, nowMs);
    for (const slot of this.slots) settleSlot(slot, nowMs);
  }

  #fill(owner: string, spec: ReplicaSetSpec, nowMs: number): void {
    const own = this.slots.filter((slot) => slot.owner === owner && slot.set === spec.set && !slot.leaving);
    for (let missing = spec.replicas - own.length; missing > 0; missing -= 1) {
      const slot = { owner, set: spec.set, restarts: -1, nextStartMs: nowMs, replica: null, leaving: false };
      own.push(slot);
      this.slots.push(slot);
    }
    for (const slot of surplus(own, spec)) leave(slot, nowMs);
    for (const slot of own) if (!slot.leaving && canStart(slot, nowMs)) this.#start(owner, slot, spec, nowMs);
  }

  #start(owner: string, slot: FakeSlot, spec: ReplicaSetSpec, nowMs: number): void {
    this.#started += 1;
    slot.restarts += 1;
    slot.replica = {
      replicaId: `${spec.set}-${this.#started}`,
      owner,
      slot,
      spec,
      behaviour: readBehaviour(spec.workload) ?? this.behaviour(spec),
      startedAtMs: nowMs,
      number: this.#started,
      drainingSinceMs: null,
      ended: null,
    };
  }
}

/** A workload that behaves as a test says. */
export function workloadFor(behaviour: ReplicaBehaviour): Workload {
  return {
    command: ['fake', JSON.stringify(behaviour)],
    args: [],
    env: {},
    secrets: {},
    protocol: 'open-inference-v2',
    codeFiles: [],
    model: { name: 'm', version: 1, digest: `sha256:${'0'.repeat(64)}`, files: [] },
    devices: 1,
  };
}

function readBehaviour({ command }: Workload): ReplicaBehaviour | null {
  return command[0] === 'fake' ? (JSON.parse(command[1] ?? '{}') as ReplicaBehaviour) : null;
}

function canStart(slot: FakeSlot, nowMs: number): boolean {
  return (slot.replica === null || slot.replica.ended !== null) && nowMs >= slot.nextStartMs;
}

function surplus(slots: readonly FakeSlot[], spec: ReplicaSetSpec): readonly FakeSlot[] {
  const order = (slot: FakeSlot): number => {
    const named = spec.stopFirst.indexOf(slot.replica?.replicaId ?? '');
    return named === -1 ? spec.stopFirst.length : named;
  };
  return [...slots].sort((a, b) => order(a) - order(b)).slice(0, Math.max(0, slots.length - spec.replicas));
}

function leave(slot: FakeSlot, nowMs: number): void {
  slot.leaving = true;
  if (slot.replica?.ended !== null) slot.replica = null;
  else slot.replica.drainingSinceMs = nowMs;
}

function settleSlot(slot: FakeSlot, nowMs: number): void {
  const { replica } = slot;
  if (replica === null || replica.ended !== null) {
    if (slot.leaving) slot.replica = null;
    else if (replica !== null && slot.nextStartMs <= replica.startedAtMs) slot.nextStartMs = nowMs + restartDelayMs;
    return;
  }
  const { behaviour, spec } = replica;
  const ageMs = nowMs - replica.startedAtMs;
  if (behaviour.kind === 'exits') replica.ended = `exit status ${behaviour.status} after 0 s`;
  if (behaviour.kind === 'never-ready' && ageMs >= spec.startTimeoutMs) {
    replica.ended = `not ready after ${spec.startTimeoutMs} ms`;
  }
  if (replica.ended !== null) slot.nextStartMs = nowMs + restartDelayMs;
  if (replica.drainingSinceMs === null) return;
  const stays = behaviour.kind === 'ready' && behaviour.ignoresStop === true;
  const drainMs = stays ? spec.drainTimeoutMs : behaviour.kind === 'ready' ? (behaviour.drainMs ?? 0) : 0;
  if (nowMs - replica.drainingSinceMs >= drainMs) slot.replica = null;
}

class FakePlatform implements Platform {
  readonly name = 'local';
  readonly #machine: FakeMachine;

  constructor(machine: FakeMachine) {
    this.#machine = machine;
  }

  async apply(
    owner: ReplicaOwner,
    sets: readonly ReplicaSetSpec[],
    signal: AbortSignal,
    untouched: readonly string[] = [],
  ): Promise<void> {
    signal.throwIfAborted();
    const key = keyOf(owner);
    const named = new Map(sets.map((spec) => [spec.set, spec]));
    this.#machine.specs.set(key, named);
    this.#machine.settle();
    const nowMs = this.#machine.clock.monotonicMs();
    for (const slot of this.#machine.slots) {
      const isUnwanted = !named.has(slot.set) && !untouched.includes(slot.set);
      if (slot.owner === key && isUnwanted && !slot.leaving) leave(slot, nowMs);
    }
    // Draining begins now and ends later, so that it can be seen.
  }

  async observe(owner: ReplicaOwner, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    signal.throwIfAborted();
    const { clock } = this.#machine;
    this.#machine.settle();
    const wallMs = clock.nowMs() - clock.monotonicMs();
    return this.#machine
      .replicas()
      .filter((replica) => replica.owner === keyOf(owner))
      .map((replica) => observed(replica, clock.monotonicMs(), wallMs));
  }

  async logs(replicaId: string, lines: number, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const known = this.#machine.replicas().some((replica) => replica.replicaId === replicaId);
    return known ? ['fake replica'].slice(0, lines) : [];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function observed(replica: FakeReplica, nowMs: number, wallMs: number): ObservedReplica {
  const { behaviour, spec, startedAtMs } = replica;
  const readyMs = behaviour.kind === 'ready' ? startedAtMs + (behaviour.afterMs ?? 0) : Infinity;
  const wasReady = nowMs >= readyMs;
  const state: ReplicaState =
    replica.ended !== null ? 'failed' : replica.drainingSinceMs !== null ? 'draining' : wasReady ? 'ready' : 'starting';
  return {
    replicaId: replica.replicaId,
    set: spec.set,
    pair: spec.pair,
    release: spec.release,
    state,
    reason: replica.ended === null ? `the fake replica is ${state}` : `${replica.ended}; next start in 1 s`,
    endpoint: `http://127.0.0.1:${10_000 + replica.number}`,
    pid: state === 'failed' ? null : 1_000 + replica.number,
    node: 'fake',
    restarts: replica.slot.restarts,
    startedAtMs: wallMs + startedAtMs,
    readyAtMs: wasReady ? wallMs + readyMs : null,
    phases: wasReady ? [{ phases: ['process-start'], startMs: 0, durationMs: readyMs - startedAtMs }] : [],
  };
}

function keyOf(owner: ReplicaOwner): string {
  return `${owner.service}/${owner.environment}`;
}
