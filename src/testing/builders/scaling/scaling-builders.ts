import type { Policy, PolicyInput, ScaledReplica, ScalingTerms } from '../../../core/scaling/policy.ts';
import { unknownSignals, type ScalingSignals } from '../../../core/scaling/signals.ts';

const capacity: PolicyInput['capacity'] = {
  curve: { kind: 'slots', slots: 10, speeds: Array<number>(10).fill(1), meanWorkMs: 1_000 },
  ratePerSecond: 8,
  concurrency: 8,
  serviceMs: 1_000,
};
const terms: ScalingTerms = {
  minReplicas: 1,
  maxReplicas: 100_000,
  toZero: false,
  warmPool: 0,
  latencyMs: 10_000,
  attainmentShare: 0.99,
  acceleratorSecondPrice: 1,
  lateRequestPrice: 1,
};
const noSignals = unknownSignals(0);

/** So many replicas of each state, `r-0` and on: ready ones first. */
export function makeReplicas(ready: number, starting = 0, draining = 0): readonly ScaledReplica[] {
  return Array.from({ length: ready + starting + draining }, (_, index) => ({
    replicaId: `r-${index}`,
    state: index < ready ? 'ready' : index < ready + starting ? 'starting' : 'draining',
    orderedAtMs: 0,
    readyAtMs: index < ready ? 0 : null,
  }));
}

export interface InputPart {
  readonly atSeconds?: number;
  readonly signals?: Partial<ScalingSignals>;
  readonly terms?: Partial<ScalingTerms>;
  readonly replicas?: readonly ScaledReplica[];
  readonly concurrency?: number;
}

/** What a policy is asked with: one ready replica that takes 8 requests, and no signal, unless said otherwise. */
export function makePolicyInput(part: InputPart = {}): PolicyInput {
  const nowMs = (part.atSeconds ?? 0) * 1000;
  return {
    nowMs,
    signals: { ...noSignals, atMs: nowMs, ...part.signals },
    replicas: part.replicas ?? makeReplicas(1),
    starts: { timesMs: [60_000], shares: [1], failureShare: 0, starts: 0 },
    capacity: { ...capacity, concurrency: part.concurrency ?? capacity.concurrency },
    terms: { ...terms, ...part.terms },
  };
}

/** Asks a policy again and again, carrying its state from one to the next. */
export function makeAsker<State>(policy: Policy<State>, beginMs = 0): (part: InputPart) => number {
  let state = policy.begin(beginMs);
  return (part) => {
    const { decision, state: next } = policy.decide(makePolicyInput(part), state);
    state = next;
    return decision.desired;
  };
}
