import type { Phase } from '../../../contract/contract.ts';
import type { Span } from '../../../statistics/limits/order-limits.ts';
import { phaseOrder, type MeasuredStart } from './start-measurements.ts';

/**
 * Phases that can be compared over these starts, in order: two that could not be told apart in one of them are one group in
 * all of them.
 */
export function phaseGroups(starts: readonly MeasuredStart[]): readonly (readonly Phase[])[] {
  let groups: (readonly Phase[])[] = [];
  for (const { phases } of starts.flatMap((start) => start.phases)) {
    const touched = groups.filter((group) => group.some((phase) => phases.includes(phase)));
    const merged = new Set([...touched.flat(), ...phases]);
    groups = [...groups.filter((group) => !touched.includes(group)), phaseOrder.filter((phase) => merged.has(phase))];
  }
  const place = (group: readonly Phase[]): number => (group[0] === undefined ? -1 : phaseOrder.indexOf(group[0]));
  return groups.toSorted((a, b) => place(a) - place(b));
}

/**
 * When each start was ready:
 *
 * | start | was ready |
 * |---|---|
 * | ready | after `totalMs` |
 * | failed | never |
 * | running | not before `totalMs`; counts as longer than any other where an upper limit is asked for |
 */
export function wholeSpans(starts: readonly MeasuredStart[]): readonly Span[] {
  return starts.map(({ outcome, totalMs }) => ({
    atLeast: outcome === 'failed' ? Infinity : totalMs,
    atMost: outcome === 'ready' ? totalMs : Infinity,
  }));
}

/** How long a group of phases took in each start: a start that does not tell it, or was not ready, bounds it by nothing. */
export function groupSpans(starts: readonly MeasuredStart[], group: readonly Phase[]): readonly Span[] {
  return starts.map((start) => {
    const durationMs = groupMs(start, group);
    return durationMs === null || start.outcome !== 'ready'
      ? { atLeast: durationMs ?? 0, atMost: Infinity }
      : { atLeast: durationMs, atMost: durationMs };
  });
}

/** Null where the start does not tell all of it. */
export function groupMs({ phases }: MeasuredStart, group: readonly Phase[]): number | null {
  const parts = phases.filter((part) => part.phases.some((phase) => group.includes(phase)));
  return parts.length === 0 ? null : parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
}
