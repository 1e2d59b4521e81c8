import type { Policy, PolicyInput } from '../policy.ts';
import type { Knobs } from './knobs.ts';
import { countReplicas, withinTerms } from './replica-counts.ts';
import { restInCycles } from './rest-in-cycles.ts';
import { meanOf, samplesIn, shiftSamples, withSample, type Sample } from './samples.ts';
import { targetOf, workOf } from './work.ts';

/** `AutoscalingConfig` of a deployment. */
export interface RayServeOptions {
  /** `CONTROL_LOOP_INTERVAL_S`. */
  readonly controlLoopMs: number;
  /** Requests of one replica, waiting ones included; null: `targetCapacityShare` of the measured concurrency. */
  readonly targetOngoingRequests: number | null;
  readonly targetCapacityShare: number;
  readonly upscaleDelayMs: number;
  readonly downscaleDelayMs: number;
  /** From 1 to 0; null: `downscaleDelayMs`. */
  readonly downscaleToZeroDelayMs: number | null;
  readonly upscalingFactor: number;
  readonly downscalingFactor: number;
  /** Requests are averaged over this time. */
  readonly lookBackMs: number;
  /** How often handles report their average. */
  readonly metricsIntervalMs: number;
  /** How often they count: `RAY_SERVE_HANDLE_AUTOSCALING_METRIC_RECORD_INTERVAL_S`. */
  readonly recordIntervalMs: number;
}

/** python/ray/serve/config.py `AutoscalingConfig` and _private/constants.py of ray-project/ray, 2.54. */
export const rayServeDefaults: RayServeOptions = {
  controlLoopMs: 100,
  targetOngoingRequests: 2,
  targetCapacityShare: 1,
  upscaleDelayMs: 30_000,
  downscaleDelayMs: 600_000,
  downscaleToZeroDelayMs: null,
  upscalingFactor: 1,
  downscalingFactor: 1,
  lookBackMs: 30_000,
  metricsIntervalMs: 10_000,
  recordIntervalMs: 500,
};

export const rayServeKnobs: Knobs<RayServeOptions> = {
  targetOngoingRequests: [null],
  targetCapacityShare: [0.4, 0.6, 0.8, 1, 1.3],
  upscaleDelayMs: [0, 10_000, 30_000],
  downscaleDelayMs: [60_000, 300_000, 600_000],
};

export interface RayServeState {
  /** Replicas that were last decided on; null before. */
  readonly target: number | null;
  /** Since when more (or fewer) are wanted without a break. */
  readonly waiting: { readonly direction: 'up' | 'down'; readonly sinceMs: number } | null;
  readonly samples: readonly Sample[];
  /** The average that was last reported; null: unknown. */
  readonly reported: { readonly atMs: number; readonly requests: number | null } | null;
}

/**
 * Ray Serve's default autoscaling policy, by ongoing requests (waiting at handles and under way at replicas).
 *
 * | what | then |
 * |---|---|
 * | no replica runs | with a request at once the larger of ceil(upscalingFactor) and the target; otherwise the target |
 * | wanted | ceil(running + factor (running error - running)), error = requests / (targetOngoingRequests running) |
 * | wanted above (below) the target for longer than the delay without a break | the target is what is wanted now |
 * | way down | one fewer at least when the factor would keep it; to zero only from 1 |
 * | unknown | the target stays; the original counts a handle that fell silent as 0 requests |
 *
 * Source: ray-project/ray python/ray/serve/autoscaling_policy.py at 00590c45 and _private/autoscaling_state.py at 00215194; delays
 * by the clock and no longer by turns of the loop since pull request 62144 (2026).
 */
export function makeRayServe(options: Partial<RayServeOptions> = {}): Policy<RayServeState> {
  const chosen = { ...rayServeDefaults, ...options };
  const policy: Policy<RayServeState> = {
    name: 'ray-serve',
    periodMs: chosen.controlLoopMs,
    begin: () => ({ target: null, waiting: null, samples: [], reported: null }),
    decide(input, state) {
      const counts = countReplicas(input.replicas);
      const measured = measure(chosen, input, state);
      const target = withinTerms(state.target ?? counts.existing, input.terms);
      const requests = measured.reported?.requests ?? null;
      const next = scale(chosen, input, { requests, running: counts.ready, target, waiting: state.waiting });
      return {
        decision: {
          desired: next.target,
          reason: `Ray Serve: ${next.why}`,
          terms: { requests, wanted: next.wanted, target, ...counts },
        },
        state: { ...measured, target: next.target, waiting: next.waiting },
      };
    },
  };
  const cycle = Math.ceil(Math.max(chosen.metricsIntervalMs, chosen.recordIntervalMs) / chosen.controlLoopMs);
  const always = (): boolean => true;
  const delayEndsMs = ({ terms }: PolicyInput, { waiting, target }: RayServeState): number =>
    waiting === null ? Infinity : waiting.sinceMs + delayOf(chosen, waiting.direction, withinTerms(target ?? 1, terms));
  return { ...policy, rest: restInCycles(policy, cycle, shiftRay, always, delayEndsMs) };
}

/** A delay that runs began when it did: it is not moved. */
function shiftRay(state: RayServeState, byMs: number): RayServeState {
  const { reported } = state;
  return {
    ...state,
    samples: shiftSamples(state.samples, byMs),
    reported: reported === null ? null : { ...reported, atMs: reported.atMs + byMs },
  };
}

function measure(
  options: RayServeOptions,
  { nowMs, signals }: PolicyInput,
  { samples, reported }: RayServeState,
): Pick<RayServeState, 'samples' | 'reported'> {
  const requests = workOf(signals, 'queue-and-in-flight');
  const newest = samples.at(-1);
  const due = newest === undefined || nowMs - newest.atMs >= options.recordIntervalMs;
  const atMost = samplesIn(options.lookBackMs, options.recordIntervalMs);
  const taken =
    requests !== null && due
      ? withSample(samples, { atMs: nowMs, value: requests }, options.lookBackMs, atMost)
      : samples;
  if (reported !== null && nowMs - reported.atMs < options.metricsIntervalMs) return { samples: taken, reported };
  const recent = taken.filter(({ atMs }) => atMs >= nowMs - options.lookBackMs);
  return {
    samples: taken,
    reported: { atMs: nowMs, requests: requests === null || recent.length === 0 ? null : meanOf(recent) },
  };
}

interface Context {
  readonly requests: number | null;
  readonly running: number;
  readonly target: number;
  readonly waiting: RayServeState['waiting'];
}

interface Scaled {
  readonly target: number;
  readonly wanted: number | null;
  readonly waiting: RayServeState['waiting'];
  readonly why: string;
}

function scale(options: RayServeOptions, { nowMs, terms, capacity }: PolicyInput, context: Context): Scaled {
  const { requests, running, target, waiting } = context;
  if (requests === null) return { target, wanted: null, waiting, why: `requests are unknown; ${target} stay` };
  if (running === 0) {
    const wanted = requests > 0 ? withinTerms(Math.max(Math.ceil(options.upscalingFactor), target), terms) : target;
    return { target: wanted, wanted, waiting, why: `${rounded(requests)} requests and no replica runs: ${wanted}` };
  }
  const each = targetOf({ ...options, targetPerReplica: options.targetOngoingRequests }, capacity);
  const wanted = withinTerms(wantedCount(options, running * (requests / (each * running)), running), terms);
  const why = `${rounded(requests)} requests at ${rounded(each)} each, ${running} running: wants ${wanted}`;
  return { ...afterDelay(options, { nowMs, wanted, target, waiting }), wanted, why };
}

/** `_apply_scaling_factors`: of the difference to what runs, not to what is wanted already. */
function wantedCount(options: RayServeOptions, desired: number, running: number): number {
  const factor = desired > running ? options.upscalingFactor : options.downscalingFactor;
  const scaled = Math.ceil(running + factor * (desired - running));
  return Math.ceil(desired) < running && scaled === running ? scaled - 1 : scaled;
}

/** `_apply_delay_logic`. */
function afterDelay(
  options: RayServeOptions,
  {
    nowMs,
    wanted,
    target,
    waiting,
  }: { readonly nowMs: number; readonly wanted: number } & Pick<Context, 'target' | 'waiting'>,
): Pick<Scaled, 'target' | 'waiting'> {
  if (wanted === target) return { target, waiting: null };
  const direction = wanted > target ? 'up' : 'down';
  const sinceMs = waiting?.direction === direction ? waiting.sinceMs : nowMs;
  if (nowMs - sinceMs < delayOf(options, direction, target)) return { target, waiting: { direction, sinceMs } };
  return { target: direction === 'down' && target !== 1 ? Math.max(1, wanted) : wanted, waiting: null };
}

/** The way down from the last replica may have a delay of its own. */
function delayOf(options: RayServeOptions, direction: 'up' | 'down', target: number): number {
  if (direction === 'up') return options.upscaleDelayMs;
  return target === 1 ? (options.downscaleToZeroDelayMs ?? options.downscaleDelayMs) : options.downscaleDelayMs;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
