import type { PhaseUse } from '../../../core/coldstart/phase-use.ts';
import type { Phase } from '../../../core/contract/contract.ts';
import type { MeasuredPhase } from '../../../core/rollout/replica.ts';

/** What Kubernetes and the replica tell of one start; times in milliseconds since 1970. */
export interface PodStart {
  readonly createdAtMs: number;
  readonly scheduledAtMs: number | null;
  /** How long the pull took, waiting included; 0 where the image was there, null where nothing tells. */
  readonly pullMs: number | null;
  /** How long its files were fetched, before its container; 0 where it needs none. */
  readonly fetchMs: number;
  readonly containerStartedAtMs: number;
  readonly readyAtMs: number;
  /** What the replica itself reported; offsets from the start of its process. */
  readonly reported: readonly MeasuredPhase[];
}

/** Times of conditions and containers are of whole seconds: what is shorter cannot be told. */
const resolutionMs = 1_000;
const inProcess: readonly Phase[] = ['process-start', 'weights-load', 'engine-init', 'warm-up'];

interface Part {
  readonly phases: readonly Phase[];
  readonly durationMs: number;
  readonly used?: PhaseUse;
}

/**
 * The parts of a start, one after the other from the creation of the pod, without a gap.
 *
 * | part | from | to |
 * |---|---|---|
 * | `schedule` | pod created | PodScheduled |
 * | `image-pull` | then | as long as the event says |
 * | `weights-fetch` | then | as long as the init container ran that fetches files |
 * | `process-start` | then (sandbox, volumes, container) | the first phase that the replica reports |
 * | phases of the replica | | as it reports them |
 *
 * An image that was there already has no `image-pull`. Parts that cannot be told apart (no event, the same second, or a
 * clock that is behind another one) are one entry; none is zero.
 */
export function makePodPhases(start: PodStart): readonly MeasuredPhase[] {
  const merged = mergeEmpty(partsOf(start));
  let atMs = 0;
  return merged.map((part) => {
    const phase = { ...part, startMs: atMs };
    atMs += part.durationMs;
    return phase;
  });
}

function partsOf(start: PodStart): readonly Part[] {
  const { createdAtMs, containerStartedAtMs, pullMs } = start;
  const scheduledAtMs = start.scheduledAtMs ?? createdAtMs;
  const reported = [...start.reported].sort((a, b) => a.startMs - b.startMs);
  const setUpMs = containerStartedAtMs - scheduledAtMs;
  const pull: readonly Phase[] = pullMs === 0 ? [] : ['image-pull'];
  const pullPartMs = pullMs === null ? 0 : Math.min(Math.max(0, setUpMs), Math.round(pullMs));
  const fetchPartMs = Math.min(Math.max(0, setUpMs - pullPartMs), start.fetchMs);
  return [
    { phases: ['schedule'], durationMs: scheduledAtMs - createdAtMs },
    { phases: pull, durationMs: pullPartMs },
    { phases: fetchPartMs === 0 ? [] : ['weights-fetch'], durationMs: fetchPartMs },
    ...processParts(start, reported, setUpMs - pullPartMs - fetchPartMs),
  ];
}

/** @param beforeMs from the end of the pull to the start of the container. */
function processParts(start: PodStart, reported: readonly MeasuredPhase[], beforeMs: number): readonly Part[] {
  const [first] = reported;
  if (first === undefined) {
    return [{ phases: inProcess, durationMs: beforeMs + start.readyAtMs - start.containerStartedAtMs }];
  }
  const told = reported.some(({ phases }) => phases.includes('process-start'));
  const parts = reported.map(({ phases, durationMs, used }): Part => ({
    phases,
    durationMs: Math.round(durationMs),
    ...(used === undefined ? {} : { used }),
  }));
  return [{ phases: told ? [] : ['process-start'], durationMs: beforeMs + Math.round(first.startMs) }, ...parts];
}

/** What has no time of its own goes into the part that follows, at the end into the one before. */
function mergeEmpty(parts: readonly Part[]): readonly Part[] {
  const merged: Part[] = [];
  let pending: Part = { phases: [], durationMs: 0 };
  for (const part of parts) {
    const phases = [...new Set([...pending.phases, ...part.phases])];
    const durationMs = pending.durationMs + part.durationMs;
    if (durationMs > 0 && part.durationMs > 0 && part.phases.length > 0) {
      // What was used is of this part alone: time of another part that went into it has no use of its own.
      merged.push({ phases, durationMs, ...(part.used === undefined ? {} : { used: part.used }) });
      pending = { phases: [], durationMs: 0 };
    } else pending = { phases, durationMs };
  }
  if (pending.phases.length === 0) return merged;
  const last = merged.pop() ?? { phases: [], durationMs: 0 };
  const durationMs = last.durationMs + pending.durationMs;
  return [
    ...merged,
    {
      phases: [...new Set([...last.phases, ...pending.phases])],
      durationMs: durationMs > 0 ? durationMs : resolutionMs,
    },
  ];
}
