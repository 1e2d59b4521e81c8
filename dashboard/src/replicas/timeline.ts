import type { MeasuredPhase, ObservedReplica } from '../../../src/core/rollout/replica.ts';
import { formatDuration } from '../parts/format.ts';

/**
 * Geometry of the start of several replicas on one axis: time since each one's start. Positions are shares of the
 * width (0 to 1), so that the drawing needs no measuring and cannot shift when the window changes.
 */
export interface Timeline {
  /** Length of the axis. */
  readonly scaleMs: number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  readonly rows: readonly TimelineRow[];
}

export interface TimelineRow {
  readonly replicaId: string;
  readonly bars: readonly TimelineBar[];
  /** Between and after the measured parts: time that no phase accounts for. */
  readonly unmeasured: readonly Span[];
  /** From the last measured part until now, while it starts. */
  readonly underWay: Span | null;
  /** Where it became ready; null while it is not. */
  readonly readyAt: number | null;
  /** The same in words, for people who do not see the drawing. */
  readonly words: string;
  /** The sum in a few words. */
  readonly total: string;
}

export interface Span {
  readonly from: number;
  readonly width: number;
}

export interface TimelineBar extends Span {
  readonly phases: MeasuredPhase['phases'];
  readonly merged: boolean;
  readonly durationMs: number;
  readonly label: string;
}

type Started = Pick<ObservedReplica, 'replicaId' | 'state' | 'startedAtMs' | 'readyAtMs' | 'phases'>;

/** @param reachMs what the axis has to show besides: a limit. */
export function layoutTimeline(replicas: readonly Started[], nowMs: number, reachMs = 0): Timeline {
  const longestMs = Math.max(1, reachMs, ...replicas.map((replica) => extentMs(replica, nowMs)));
  const stepMs = tickStep(longestMs);
  const scaleMs = Math.max(longestMs, stepMs);
  const ticks = [];
  for (let atMs = 0; atMs <= scaleMs; atMs += stepMs) {
    ticks.push({ at: atMs / scaleMs, label: atMs === 0 ? '0' : formatDuration(atMs) });
  }
  return { scaleMs, ticks, rows: replicas.map((replica) => layoutRow(replica, nowMs, scaleMs)) };
}

/** How far right a replica reaches: to ready, to its last measured part, or to now while it starts. */
function extentMs(replica: Started, nowMs: number): number {
  if (isStarting(replica)) return Math.max(measuredEndMs(replica.phases), nowMs - replica.startedAtMs);
  return Math.max(measuredEndMs(replica.phases), readyAfterMs(replica) ?? 0);
}

function isStarting(replica: Started): boolean {
  return replica.state === 'pending' || replica.state === 'starting';
}

function readyAfterMs(replica: Started): number | null {
  return replica.readyAtMs === null ? null : Math.max(0, replica.readyAtMs - replica.startedAtMs);
}

function measuredEndMs(phases: readonly MeasuredPhase[]): number {
  return Math.max(0, ...phases.map((phase) => phase.startMs + phase.durationMs));
}

function layoutRow(replica: Started, nowMs: number, scaleMs: number): TimelineRow {
  const phases = [...replica.phases].sort((a, b) => a.startMs - b.startMs);
  const readyMs = readyAfterMs(replica);
  const endMs = measuredEndMs(phases);
  const nowOffsetMs = nowMs - replica.startedAtMs;
  const span = (fromMs: number, toMs: number): Span => ({ from: fromMs / scaleMs, width: (toMs - fromMs) / scaleMs });
  return {
    replicaId: replica.replicaId,
    bars: phases.map((phase) => ({ ...span(phase.startMs, phase.startMs + phase.durationMs), ...barOf(phase) })),
    unmeasured: gapsMs(phases, readyMs ?? endMs).map(([fromMs, toMs]) => span(fromMs, toMs)),
    underWay: isStarting(replica) && nowOffsetMs > endMs ? span(endMs, nowOffsetMs) : null,
    readyAt: readyMs === null ? null : readyMs / scaleMs,
    words: wordsOf(replica, phases, readyMs, nowOffsetMs),
    total: totalOf(replica, phases, readyMs, nowOffsetMs),
  };
}

function barOf(phase: MeasuredPhase): Omit<TimelineBar, 'from' | 'width'> {
  const merged = phase.phases.length > 1;
  const names = phase.phases.join(' + ');
  return {
    phases: phase.phases,
    merged,
    durationMs: phase.durationMs,
    label: `${names}${merged ? ' (merged)' : ''}: ${formatDuration(phase.durationMs)}`,
  };
}

/** Stretches of [0, end] that no phase covers; phases may overlap. Slivers under 1 ms are rounding, not gaps. */
function gapsMs(sorted: readonly MeasuredPhase[], endMs: number): [number, number][] {
  const gaps: [number, number][] = [];
  let coveredMs = 0;
  for (const phase of sorted) {
    if (phase.startMs - coveredMs > 1) gaps.push([coveredMs, phase.startMs]);
    coveredMs = Math.max(coveredMs, phase.startMs + phase.durationMs);
  }
  if (endMs - coveredMs > 1) gaps.push([coveredMs, endMs]);
  return gaps;
}

function wordsOf(
  replica: Started,
  phases: readonly MeasuredPhase[],
  readyMs: number | null,
  nowOffsetMs: number,
): string {
  const parts = phases.map((phase) => barOf(phase).label);
  if (readyMs !== null) parts.push(`ready after ${formatDuration(readyMs)}`);
  else if (isStarting(replica)) parts.push(`starting for ${formatDuration(nowOffsetMs)}`);
  return parts.length === 0 ? 'no phase measured' : parts.join('; ');
}

function totalOf(
  replica: Started,
  phases: readonly MeasuredPhase[],
  readyMs: number | null,
  nowOffsetMs: number,
): string {
  if (readyMs === null) return isStarting(replica) ? `starting for ${formatDuration(nowOffsetMs)}` : 'never ready';
  const lostMs = gapsMs(phases, readyMs).reduce((sum, [fromMs, toMs]) => sum + toMs - fromMs, 0);
  const lost = lostMs < 1 ? '' : `, ${formatDuration(lostMs)} in no phase`;
  return `ready after ${formatDuration(readyMs)}${lost}`;
}

/** 1, 2 or 5 times a power of ten; neighbours differ by at most 2.5, so the axis has two to five steps. */
function tickStep(longestMs: number): number {
  const target = longestMs / 5;
  const magnitude = 10 ** Math.floor(Math.log10(target));
  const step = [1, 2, 5, 10].find((factor) => factor * magnitude >= target) ?? 10;
  return step * magnitude;
}
