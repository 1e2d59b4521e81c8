import type { ReplicaState } from '../../../core/rollout/replica.ts';

export interface SlotState {
  readonly slot: number;
  readonly replicaId: string | null;
  readonly state: ReplicaState;
  readonly scheduledAtMs: number;
}

export interface SetDecision {
  /** Slots to fill. */
  readonly start: readonly number[];
  /** Slots to empty: drained when something runs there. */
  readonly stop: readonly number[];
}

/** What is given up first when a set shrinks: what serves least. */
const worth: Readonly<Record<ReplicaState, number>> = {
  stopped: 0,
  failed: 0,
  pending: 1,
  draining: 1,
  starting: 2,
  asleep: 2,
  stuck: 0,
  ready: 3,
};

/**
 * What brings a set to `replicas`. More are wanted: the lowest free slots are filled. Fewer: first those that `stopFirst`
 * names, in its order, then the ones that serve least, and of these the youngest.
 */
export function decideSet(slots: readonly SlotState[], replicas: number, stopFirst: readonly string[]): SetDecision {
  const surplus = slots.length - replicas;
  if (surplus > 0) return { start: [], stop: stopOrder(slots, stopFirst).slice(0, surplus) };
  const taken = new Set(slots.map((slot) => slot.slot));
  const start: number[] = [];
  for (let slot = 0; start.length < -surplus; slot += 1) if (!taken.has(slot)) start.push(slot);
  return { start, stop: [] };
}

function stopOrder(slots: readonly SlotState[], stopFirst: readonly string[]): readonly number[] {
  const place = (slot: SlotState): number => {
    const index = slot.replicaId === null ? -1 : stopFirst.indexOf(slot.replicaId);
    return index === -1 ? stopFirst.length : index;
  };
  return [...slots]
    .sort((a, b) => place(a) - place(b) || worth[a.state] - worth[b.state] || b.scheduledAtMs - a.scheduledAtMs)
    .map((slot) => slot.slot);
}
