import type { Policy, PolicyInput } from '../policy.ts';
import { hpaBegin, hpaDefaults, hpaKnobs, shiftHpa, syncHpa, type HpaOptions, type HpaState } from './hpa.ts';
import type { Knobs } from './knobs.ts';
import { countReplicas, fewestReplicas, withinTerms } from './replica-counts.ts';
import { restInCycles } from './rest-in-cycles.ts';
import { workOf } from './work.ts';

/** Options of a ScaledObject with one trigger, and those of the HPA that KEDA makes of it. */
export interface KedaOptions extends Omit<HpaOptions, 'scaleToZero'> {
  /** `pollingInterval`: how often triggers are asked whether they are active. */
  readonly pollingIntervalMs: number;
  /** `cooldownPeriod`: from the last time that a trigger was active until the last replicas stop. */
  readonly cooldownMs: number;
  /** `activationThreshold` of the trigger: it is active above it. */
  readonly activation: number;
}

/**
 * kedacore/keda pkg/scaling/executor/scale_executor.go and apis/keda/v1alpha1/withtriggers_types.go; the HPA's are Kubernetes' own.
 */
export const kedaDefaults: KedaOptions = {
  ...hpaDefaults,
  pollingIntervalMs: 30_000,
  cooldownMs: 300_000,
  activation: 0,
};

export const kedaKnobs: Knobs<KedaOptions> = {
  ...hpaKnobs,
  downStabilizationMs: [60_000, 300_000],
  cooldownMs: [60_000, 300_000, 900_000],
};

export interface KedaState {
  readonly hpa: HpaState;
  readonly nextPollMs: number;
  readonly nextSyncMs: number;
  /** Last poll that found the trigger active; null before the first. */
  readonly lastActiveMs: number | null;
}

/**
 * KEDA with the HPA that it makes. KEDA owns 0 <-> 1, the HPA 1 <-> N.
 *
 * | replicas | trigger | then |
 * |---|---|---|
 * | 0 | active | the minimum, at least 1 |
 * | any | unknown | KEDA does nothing (no `fallback` is set), the HPA neither |
 * | above 0, minimum 0 | not active, and longer than the cooldown not, or never | 0 |
 * | above 0 | otherwise | what the HPA says, whose minimum is at least 1 |
 *
 * Source: kedacore/keda pkg/scaling/executor/scale_scaledobjects.go `RequestScale`, `scaleToZeroOrIdle`, main of 2026; older
 * ones (7f17c10c of 2021) took a trigger that fails for one that is not active.
 */
export function makeKeda(options: Partial<KedaOptions> = {}): Policy<KedaState> {
  const chosen = { ...kedaDefaults, ...options };
  const policy: Policy<KedaState> = {
    name: 'keda',
    periodMs: Math.min(chosen.syncPeriodMs, chosen.pollingIntervalMs),
    begin: (nowMs) => ({ hpa: hpaBegin, nextPollMs: nowMs, nextSyncMs: nowMs, lastActiveMs: null }),
    decide(input, state) {
      // The HPA first: its controller has seen a count of 0 by the time that KEDA raises it, and acts at its next sync.
      const synced = input.nowMs < state.nextSyncMs ? null : sync(chosen, input, state.hpa);
      const hpa = synced?.hpa ?? state.hpa;
      const spec = hpa.spec ?? countReplicas(input.replicas).existing;
      const polled = input.nowMs < state.nextPollMs ? null : poll(chosen, input, spec, state.lastActiveMs);
      const desired = withinTerms(polled?.spec ?? spec, input.terms);
      return {
        decision: {
          desired,
          reason: `KEDA: ${polled?.why ?? 'not polled'}; HPA: ${synced?.why ?? 'not due'}; ${desired}`,
          terms: { work: workOf(input.signals, chosen.metric), ...synced?.terms },
        },
        state: {
          hpa: { ...hpa, spec: desired },
          nextPollMs: polled === null ? state.nextPollMs : input.nowMs + chosen.pollingIntervalMs,
          nextSyncMs: synced === null ? state.nextSyncMs : input.nowMs + chosen.syncPeriodMs,
          lastActiveMs: polled === null ? state.lastActiveMs : polled.lastActiveMs,
        },
      };
    },
  };
  const cycle = Math.ceil(Math.max(chosen.syncPeriodMs, chosen.pollingIntervalMs) / policy.periodMs);
  return { ...policy, rest: restInCycles(policy, cycle, shiftKeda, coolsNot) };
}

function shiftKeda(state: KedaState, byMs: number): KedaState {
  const { hpa, nextPollMs, nextSyncMs } = state;
  return { ...state, hpa: shiftHpa(hpa, byMs), nextPollMs: nextPollMs + byMs, nextSyncMs: nextSyncMs + byMs };
}

/** The last activity counts only until the last replicas have stopped, where they may. */
function coolsNot({ terms }: PolicyInput, { hpa }: KedaState): boolean {
  return hpa.spec === 0 || fewestReplicas(terms) > 0;
}

interface Polled {
  readonly spec: number;
  readonly lastActiveMs: number | null;
  readonly why: string;
}

function poll(options: KedaOptions, input: PolicyInput, spec: number, lastActiveMs: number | null): Polled {
  const { nowMs, terms } = input;
  const metric = workOf(input.signals, options.metric);
  if (metric === null) return { spec, lastActiveMs, why: 'the trigger is unknown' };
  if (metric > options.activation) {
    return {
      spec: spec === 0 ? Math.max(1, fewestReplicas(terms)) : spec,
      lastActiveMs: nowMs,
      why: 'the trigger is active',
    };
  }
  if (spec === 0 || fewestReplicas(terms) > 0) return { spec, lastActiveMs, why: 'the trigger is not active' };
  const idleMs = lastActiveMs === null ? null : nowMs - lastActiveMs;
  if (idleMs !== null && idleMs <= options.cooldownMs) {
    return {
      spec,
      lastActiveMs,
      why: `not active for ${seconds(idleMs)} of a cooldown of ${seconds(options.cooldownMs)}`,
    };
  }
  return {
    spec: 0,
    lastActiveMs,
    why: idleMs === null ? 'never active: to 0' : `not active for ${seconds(idleMs)}: to 0`,
  };
}

/** An HPA leaves a count of 0 alone, for its minimum is at least 1: that is how KEDA keeps it there. */
function sync(options: KedaOptions, input: PolicyInput, state: HpaState) {
  const spec = state.spec ?? countReplicas(input.replicas).existing;
  if (spec === 0) return { hpa: { ...state, spec }, why: 'off at 0', terms: { spec } };
  const minReplicas = Math.min(input.terms.maxReplicas, Math.max(1, fewestReplicas(input.terms)));
  const { why, terms, ...hpa } = syncHpa({ ...options, scaleToZero: false }, input, state, minReplicas);
  return { hpa, why, terms };
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1000)} s`;
}
