import type { ServiceCurve } from '../../capacity/service-curve.ts';
import type { Policy, PolicyInput } from '../policy.ts';
import type { ReplicaSignals } from '../signals.ts';
import type { Knobs } from './knobs.ts';
import { countReplicas, fewestReplicas, withinTerms } from './replica-counts.ts';
import { restInCycles } from './rest-in-cycles.ts';

export interface WvaOptions {
  /** `GLOBAL_OPT_INTERVAL`. */
  readonly intervalMs: number;
  /** `kvCacheThreshold`: a replica with so much of its cache used is saturated, 0 to 1. */
  readonly memoryThreshold: number;
  /** `queueLengthThreshold`: one with so many requests waiting is, too. */
  readonly queueThreshold: number;
  /** `kvSpareTrigger`: one replica more when the mean spare below the threshold is less. */
  readonly memorySpareTrigger: number;
  /** `queueSpareTrigger`, requests. */
  readonly queueSpareTrigger: number;
  /** `scaleToZeroRetentionPeriod`: without a request for so long, all stop. */
  readonly zeroAfterMs: number;
  /**
   * | value | the used share of a replica's cache is |
   * |---|---|
   * | accelerator-memory | what its engine reports |
   * | in-flight-share | requests under way over the most that it takes at once, for engines that report none |
   */
  readonly memoryFrom: 'accelerator-memory' | 'in-flight-share';
}

/** wva-saturation-scaling-config and internal/config of llm-d/llm-d-workload-variant-autoscaler. */
export const wvaDefaults: WvaOptions = {
  intervalMs: 60_000,
  memoryThreshold: 0.8,
  queueThreshold: 5,
  memorySpareTrigger: 0.1,
  queueSpareTrigger: 3,
  zeroAfterMs: 600_000,
  memoryFrom: 'accelerator-memory',
};

export const wvaKnobs: Knobs<WvaOptions> = {
  memoryThreshold: [0.6, 0.8, 0.9],
  queueThreshold: [4, 5, 10],
  memorySpareTrigger: [0.1, 0.3],
  intervalMs: [15_000, 60_000],
};

export interface WvaState {
  /** What was last decided; null before. */
  readonly desired: number | null;
  /** Last moment that work was seen, or that it was unknown whether there was some. */
  readonly busyMs: number;
}

/**
 * llm-d's workload variant autoscaler, V1 (saturation), for one variant; its decision is taken as the count, without the HPA that
 * a deployment puts behind it.
 *
 * | what | then |
 * |---|---|
 * | a replica pending or starting, or the last decision not yet carried out | nothing: the last decision stays |
 * | a ready replica told nothing, or not its queue or its cache | unknown: the count stays |
 * | mean spare cache < `memorySpareTrigger`, or mean spare queue < `queueSpareTrigger` | one more; means over unsaturated replicas, 0 without one |
 * | at least 2 unsaturated, and their load on one fewer leaves both spares | one fewer, never the last |
 * | no request for `zeroAfterMs` and the terms allow it | 0; back to 1 when a request waits |
 *
 * vLLM holds its own queue and llm-d's gateway none; where requests wait in the gateway, each ready replica counts its part of them.
 *
 * Source: llm-d/llm-d-workload-variant-autoscaler internal/saturation/analyzer.go `AnalyzeModelSaturation`,
 * `CalculateSaturationTargets` (2026, as in the fork of red-hat-data-services at 158da535); internal/engines/pipeline/enforcer.go
 * for zero.
 */
export function makeLlmdWva(options: Partial<WvaOptions> = {}): Policy<WvaState> {
  const chosen = { ...wvaDefaults, ...options };
  const policy: Policy<WvaState> = {
    name: 'llm-d-wva',
    periodMs: chosen.intervalMs,
    begin: (nowMs) => ({ desired: null, busyMs: nowMs }),
    decide(input, state) {
      const busyMs = isIdle(input) ? state.busyMs : input.nowMs;
      const { count, why, numbers } = optimize(chosen, input, { ...state, busyMs });
      const desired = withinTerms(count, input.terms);
      return {
        decision: { desired, reason: `WVA: ${why}`, terms: { ...countReplicas(input.replicas), ...numbers } },
        state: { desired, busyMs },
      };
    },
  };
  // How long it was idle counts only until all have stopped, where they may.
  const idlesNot = ({ terms }: PolicyInput, { desired }: WvaState): boolean =>
    desired === 0 || fewestReplicas(terms) > 0;
  return { ...policy, rest: restInCycles(policy, 1, (state) => state, idlesNot) };
}

interface Optimized {
  readonly count: number;
  readonly why: string;
  readonly numbers?: Readonly<Record<string, number>>;
}

function optimize(options: WvaOptions, input: PolicyInput, { desired, busyMs }: WvaState): Optimized {
  const counts = countReplicas(input.replicas);
  // Between a start that failed and the next one no replica may be there: `BuildVariantStates` then takes what was asked for.
  const existing = counts.existing === 0 ? (desired ?? 0) : counts.existing;
  const idleMs = input.nowMs - busyMs;
  if (existing > 0 && fewestReplicas(input.terms) === 0 && idleMs >= options.zeroAfterMs) {
    return { count: 0, why: `no request for ${Math.round(idleMs / 1000)} s: 0` };
  }
  if (existing === 0) {
    const queued = input.signals.queueDepth ?? 0;
    return queued > 0 ? { count: 1, why: `${queued} wait at no replica: 1` } : { count: 0, why: 'nothing waits' };
  }
  const pending = existing - counts.ready;
  if (pending > 0 || (desired !== null && desired !== 0 && desired !== existing)) {
    const count = desired === null || desired === 0 ? existing : desired;
    return {
      count,
      why: `in transition (${existing} exist, ${pending} not ready): ${count} stays`,
      numbers: { pending },
    };
  }
  const loads = loadsOf(options, input);
  if (loads === null) return { count: existing, why: `of ${counts.ready} ready not all are known: ${existing} stay` };
  return bySaturation(options, loads, existing);
}

interface Load {
  readonly memoryShare: number;
  readonly queue: number;
}

/** Of each ready replica; null when one is unknown. */
function loadsOf(options: WvaOptions, { replicas, signals, capacity }: PolicyInput): readonly Load[] | null {
  const told = new Map(signals.replicas.map((each) => [each.replicaId, each]));
  const loads: Load[] = [];
  for (const { replicaId, state } of replicas) {
    if (state !== 'ready') continue;
    const one = told.get(replicaId);
    const memoryShare = one === undefined ? null : memoryOf(options, one, capacity.curve);
    if (one === undefined || memoryShare === null || one.queueDepth === null) return null;
    loads.push({ memoryShare, queue: one.queueDepth });
  }
  if (signals.queueDepth === null) return null;
  const atReplicas = loads.reduce((sum, { queue }) => sum + queue, 0);
  const share = Math.max(0, signals.queueDepth - atReplicas) / Math.max(1, loads.length);
  return loads.map(({ memoryShare, queue }) => ({ memoryShare, queue: queue + share }));
}

function memoryOf({ memoryFrom }: WvaOptions, told: ReplicaSignals, curve: ServiceCurve): number | null {
  if (memoryFrom === 'accelerator-memory') return told.acceleratorMemoryShare;
  return told.inFlight === null ? null : told.inFlight / (curve.kind === 'slots' ? curve.slots : curve.batchMs.length);
}

function bySaturation(options: WvaOptions, loads: readonly Load[], existing: number): Optimized {
  const { memoryThreshold, queueThreshold, memorySpareTrigger, queueSpareTrigger } = options;
  const free = loads.filter(({ memoryShare, queue }) => memoryShare < memoryThreshold && queue < queueThreshold);
  const mean = (of: (load: Load) => number) => free.reduce((sum, load) => sum + of(load), 0) / Math.max(1, free.length);
  const memorySpare = mean(({ memoryShare }) => memoryThreshold - memoryShare);
  const queueSpare = mean(({ queue }) => queueThreshold - queue);
  const numbers = { unsaturated: free.length, memorySpare, queueSpare };
  const spares = `${free.length} of ${loads.length} unsaturated, spare cache ${rounded(memorySpare)}, spare queue ${rounded(queueSpare)}`;
  if (memorySpare < memorySpareTrigger || queueSpare < queueSpareTrigger) {
    return { count: existing + 1, why: `${spares}: ${existing + 1}`, numbers };
  }
  // isScaleDownSafe: the same load on one fewer.
  const factor = free.length / (free.length - 1);
  const memoryLeft = memoryThreshold - (memoryThreshold - memorySpare) * factor;
  const queueLeft = queueThreshold - (queueThreshold - queueSpare) * factor;
  const safe = free.length >= 2 && memoryLeft >= memorySpareTrigger && queueLeft >= queueSpareTrigger;
  const count = safe && existing > 1 ? existing - 1 : existing;
  return { count, why: `${spares}: ${count}`, numbers };
}

/** Known to have no work; what is unknown is not idle. */
function isIdle({ signals }: PolicyInput): boolean {
  return signals.queueDepth === 0 && signals.inFlight === 0 && signals.arrivalsPerSecond === 0;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
