import type { Policy, PolicyInput } from '../policy.ts';
import { emptyKpaBuckets, isEmptyAt, secondOf, windowAverage, withBucket, type KpaBuckets } from './kpa-window.ts';
import type { Knobs } from './knobs.ts';
import { countReplicas, withinTerms } from './replica-counts.ts';
import { restInCycles } from './rest-in-cycles.ts';
import { workOf } from './work.ts';

/** Options of a revision and of `config-autoscaler`. Knative writes some as percentages; here they are shares and factors. */
export interface KpaOptions {
  /** `tick-interval`. */
  readonly tickMs: number;
  /** `container-concurrency-target-default`, or `containerConcurrency`: requests of one replica; null: `capacity.concurrency`. */
  readonly targetConcurrency: number | null;
  /** `container-concurrency-target-percentage`: how much of it is to be used, 0 to 1. */
  readonly targetUtilization: number;
  /** `stable-window`. */
  readonly stableWindowMs: number;
  /** `panic-window-percentage` of the stable window, 0 to 1. */
  readonly panicWindowShare: number;
  /** `panic-threshold-percentage`: desired by the panic window over ready, from which it panics. */
  readonly panicThreshold: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  readonly scaleDownDelayMs: number;
  /** How long zero is wanted before the last replica stops; at most, in the original (until the activator is in the path). */
  readonly scaleToZeroGraceMs: number;
  /** `activation-scale`: fewest replicas when there are any. */
  readonly activationScale: number;
}

/** knative/serving config/core/configmaps/autoscaler.yaml and pkg/autoscaler/config/config.go. */
export const kpaDefaults: KpaOptions = {
  tickMs: 2_000,
  targetConcurrency: 100,
  targetUtilization: 0.7,
  stableWindowMs: 60_000,
  panicWindowShare: 0.1,
  panicThreshold: 2,
  maxScaleUpRate: 1_000,
  maxScaleDownRate: 2,
  scaleDownDelayMs: 0,
  scaleToZeroGraceMs: 30_000,
  activationScale: 1,
};

/** Tuned by anybody whose replica does not take 100 requests at once: `containerConcurrency` is what it takes. */
export const kpaKnobs: Knobs<KpaOptions> = {
  targetConcurrency: [null],
  targetUtilization: [0.5, 0.7, 0.85, 1],
  stableWindowMs: [30_000, 60_000, 300_000, 600_000],
};

/** Highest count of one tick. */
interface DelayedCount {
  readonly tick: number;
  readonly replicas: number;
}

export interface KpaState {
  readonly buckets: KpaBuckets;
  /** Whether the first decision was made, which panics when more than one replica is ready. */
  readonly begun: boolean;
  /** Last time over the threshold; null outside of panic. */
  readonly panicMs: number | null;
  readonly maxPanicReplicas: number;
  /** Of the last `scaleDownDelayMs`, one a tick. */
  readonly delayed: readonly DelayedCount[];
  /** Since when zero is wanted; null when it is not. */
  readonly zeroSinceMs: number | null;
  /** What was last decided; null before. */
  readonly desired: number | null;
}

/**
 * Knative's pod autoscaler, by concurrency: requests under way and waiting, as queue proxies and activator see them together.
 *
 * | number | is |
 * |---|---|
 * | want, stable | ceil(mean over the stable window / target) |
 * | want, panic | ceil(mean over the panic window / target) |
 * | both | within floor(ready / maxScaleDownRate) and ceil(ready maxScaleUpRate); ready is at least 1 |
 * | panic | while want of the panic window / ready >= panicThreshold, and one stable window longer |
 * | got | stable: want; in panic: the largest that either wanted since it began, never less |
 * | no data | not valid: the count stays |
 *
 * Source: knative/serving pkg/autoscaler/scaling/autoscaler.go `Scale` at 00a4a55c, pkg/reconciler/autoscaling/kpa/scaler.go
 * `handleScaleToZero`. Of several services' metrics, burst capacity and activator counts nothing is kept: they change no count.
 */
export function makeKpa(options: Partial<KpaOptions> = {}): Policy<KpaState> {
  const chosen = { ...kpaDefaults, ...options };
  const policy: Policy<KpaState> = {
    name: 'kpa',
    periodMs: chosen.tickMs,
    begin: () => ({
      buckets: emptyKpaBuckets,
      begun: false,
      panicMs: null,
      maxPanicReplicas: 0,
      delayed: [],
      zeroSinceMs: null,
      desired: null,
    }),
    decide: (input, state) => tick(chosen, input, state),
  };
  // Buckets are whole seconds: only a cycle of whole seconds moves them alike.
  const cycle = [1, 2, 5, 10].find((ticks) => (ticks * chosen.tickMs) % 1_000 === 0);
  if (cycle === undefined) return policy;
  return { ...policy, rest: restInCycles(policy, cycle, (state, byMs) => shiftKpa(state, byMs, chosen.tickMs)) };
}

function shiftKpa(state: KpaState, byMs: number, tickMs: number): KpaState {
  const { buckets, panicMs, delayed, zeroSinceMs } = state;
  return {
    ...state,
    buckets: { ...buckets, firstSecond: buckets.firstSecond + byMs / 1_000 },
    panicMs: panicMs === null ? null : panicMs + byMs,
    delayed: delayed.map((each) => ({ ...each, tick: each.tick + byMs / tickMs })),
    zeroSinceMs: zeroSinceMs === null ? null : zeroSinceMs + byMs,
  };
}

function tick(options: KpaOptions, input: PolicyInput, before: KpaState) {
  const { nowMs, terms, capacity } = input;
  const counts = countReplicas(input.replicas);
  const state = before.begun ? before : begun(before, counts.ready, nowMs);
  const windows = windowsOf(options);
  const second = secondOf(nowMs);
  const work = workOf(input.signals, 'queue-and-in-flight');
  const buckets = work === null ? state.buckets : withBucket(state.buckets, second, work, windows.stable);
  const current = state.desired ?? counts.existing;
  if (isEmptyAt(buckets, second, windows.stable)) {
    const desired = withinTerms(current, terms);
    const reason = `KPA: no data in ${windows.stable} s; ${desired} stay`;
    return { decision: { desired, reason, terms: { work, ...counts } }, state: { ...state, buckets, desired } };
  }
  const target = Math.max(0.01, (options.targetConcurrency ?? capacity.concurrency) * options.targetUtilization);
  const stableMean = windowAverage(buckets, second, windows.stable);
  const panicMean = windowAverage(buckets, second, windows.panic);
  const wanted = wantedBy(options, { stableMean, panicMean, target, ready: Math.max(1, counts.ready) });
  const panicked = panicNext(options, state, wanted, nowMs);
  const { got, delayed } = withDelay(options, state.delayed, panicked.got, nowMs);
  const bounded = withinTerms(got, terms);
  const { desired, zeroSinceMs } = withGrace(options, state.zeroSinceMs, { bounded, current, nowMs });
  const mode = panicked.panicMs === null ? 'stable' : 'panic';
  return {
    decision: {
      desired: withinTerms(desired, terms),
      reason: `KPA (${mode}): mean ${rounded(stableMean)} over ${windows.stable} s and ${rounded(panicMean)} over ${windows.panic} s at ${rounded(target)} each, ${counts.ready} ready: ${got}`,
      terms: {
        work,
        stableMean,
        panicMean,
        target,
        ...wanted,
        panic: panicked.panicMs === null ? 0 : 1,
        ...counts,
        got,
      },
    },
    state: {
      buckets,
      begun: true,
      panicMs: panicked.panicMs,
      maxPanicReplicas: panicked.maxPanicReplicas,
      delayed,
      zeroSinceMs,
      desired: withinTerms(desired, terms),
    },
  };
}

/** `newAutoscaler`: with more than one replica it starts in panic, so that a lost history scales nothing down. */
function begun(state: KpaState, ready: number, nowMs: number): KpaState {
  return { ...state, begun: true, panicMs: ready > 1 ? nowMs : null, maxPanicReplicas: ready };
}

/** Whole seconds; the panic window is at least one (`resources.MakeMetric`). */
function windowsOf({ stableWindowMs, panicWindowShare }: KpaOptions): {
  readonly stable: number;
  readonly panic: number;
} {
  const stable = Math.max(1, Math.ceil(stableWindowMs / 1000));
  return { stable, panic: Math.max(1, Math.round((stableWindowMs * panicWindowShare) / 1000)) };
}

interface Wanted {
  readonly wantStable: number;
  readonly wantPanic: number;
  readonly overThreshold: number;
}

function wantedBy(
  { maxScaleUpRate, maxScaleDownRate, activationScale, panicThreshold }: KpaOptions,
  means: { readonly stableMean: number; readonly panicMean: number; readonly target: number; readonly ready: number },
): Wanted {
  const most = Math.ceil(maxScaleUpRate * means.ready);
  const least = Math.floor(means.ready / maxScaleDownRate);
  const bounded = (want: number) => {
    const inside = Math.min(Math.max(want, least), most);
    return want > 0 ? Math.max(inside, activationScale > 1 ? activationScale : 0) : inside;
  };
  const wantStable = Math.ceil(means.stableMean / means.target);
  const wantPanic = Math.ceil(means.panicMean / means.target);
  return {
    wantStable: bounded(wantStable),
    wantPanic: bounded(wantPanic),
    // Of the unbounded want: the limits of a step do not hide a surge.
    overThreshold: wantPanic / means.ready >= panicThreshold ? 1 : 0,
  };
}

function panicNext(
  { stableWindowMs }: KpaOptions,
  { panicMs, maxPanicReplicas }: KpaState,
  { wantStable, wantPanic, overThreshold }: Wanted,
  nowMs: number,
): { readonly panicMs: number | null; readonly maxPanicReplicas: number; readonly got: number } {
  const over = overThreshold === 1;
  const ended = !over && (panicMs === null || panicMs + stableWindowMs < nowMs);
  // Outside of panic the source keeps what it counted at its beginning, and clears it only when a panic ends.
  if (ended) return { panicMs: null, maxPanicReplicas: panicMs === null ? maxPanicReplicas : 0, got: wantStable };
  const most = Math.max(maxPanicReplicas, wantStable, wantPanic);
  return { panicMs: over ? nowMs : panicMs, maxPanicReplicas: most, got: most };
}

/** The largest count of the delay's ticks (pkg/autoscaler/aggregation/max/timewindow.go); without a delay the count itself. */
function withDelay(
  { scaleDownDelayMs, tickMs }: KpaOptions,
  before: readonly DelayedCount[],
  count: number,
  nowMs: number,
): { readonly got: number; readonly delayed: readonly DelayedCount[] } {
  if (scaleDownDelayMs <= 0) return { got: count, delayed: [] };
  const now = Math.floor(nowMs / tickMs);
  const ticks = Math.ceil(scaleDownDelayMs / tickMs);
  const kept = before.filter(({ tick: at }) => now - at < ticks && at !== now);
  const same = before.find(({ tick: at }) => at === now)?.replicas ?? 0;
  const delayed = [...kept, { tick: now, replicas: Math.max(same, count) }].slice(-ticks);
  return { got: Math.max(...delayed.map(({ replicas }) => replicas)), delayed };
}

/** Zero only after the grace; until then the present count, and what is at zero stays there. */
function withGrace(
  { scaleToZeroGraceMs }: KpaOptions,
  zeroSinceMs: number | null,
  { bounded, current, nowMs }: { readonly bounded: number; readonly current: number; readonly nowMs: number },
): { readonly desired: number; readonly zeroSinceMs: number | null } {
  if (bounded > 0 || current === 0) return { desired: bounded, zeroSinceMs: null };
  const sinceMs = zeroSinceMs ?? nowMs;
  return { desired: nowMs - sinceMs >= scaleToZeroGraceMs ? 0 : current, zeroSinceMs: sinceMs };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
