import type { StoredEvent } from '../../../src/core/records/event.ts';
import { hasFacts } from '../../../src/core/records/facts.ts';
import type { ScalingAnswer, ScalingDecisionView, ScalingView } from '../../../src/schemas/view/view.ts';
import { type ReplicaCount, stepAt } from '../replicas/replica-history.ts';

/** As many as a control plane answers with. */
const decisionsAtMost = 200;

/** Decisions as their events bring them; an event that holds none is passed over. Newest last, each once. */
export function withDecisions(known: ScalingAnswer | null, events: readonly StoredEvent[]): ScalingAnswer | null {
  const told = events.flatMap((event) => {
    if (event.kind !== 'scaling.decided') return [];
    const { seq, atMs, data } = event;
    if (!hasFacts(data, 'release', 'policy', 'before', 'desired', 'ordered', 'reason', 'terms')) return [];
    const { release, policy, before, desired, ordered, reason, terms } = data;
    return [{ seq, atMs, release, policy, before, desired, ordered, reason, terms }];
  });
  if (told.length === 0) return known;
  const bySeq = new Map([...(known?.decisions ?? []), ...told].map((decision) => [decision.seq, decision]));
  const decisions = [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(-decisionsAtMost);
  return { scaling: known?.scaling ?? null, decisions };
}

export interface DesiredStep {
  readonly atMs: number;
  readonly desired: number | null;
}

/** What was desired, as steps from `fromMs` on; null where no decision tells. */
export function desiredSteps(
  decisions: readonly ScalingDecisionView[],
  scaling: Pick<ScalingView, 'desired' | 'decidedAtMs'>,
  fromMs: number,
): readonly DesiredStep[] {
  const first = decisions[0];
  const earlier = decisions.findLast(({ atMs }) => atMs <= fromMs);
  const inside = decisions.filter(({ atMs }) => atMs > fromMs).map(({ atMs, desired }) => ({ atMs, desired }));
  const begun = { atMs: fromMs, desired: earlier?.desired ?? first?.before ?? null };
  const { desired, decidedAtMs } = scaling;
  // The view may know a decision whose event has not come.
  const newest = decisions.at(-1)?.atMs ?? -Infinity;
  const late = decidedAtMs !== null && decidedAtMs > newest ? [{ atMs: Math.max(fromMs, decidedAtMs), desired }] : [];
  return [begun, ...inside, ...late];
}

/** Columns of the chart of replicas: seconds, ready, loading, desired; a row for each moment at which one of them moves. */
export function replicaColumns(
  counts: readonly ReplicaCount[],
  desired: readonly DesiredStep[],
  toMs: number,
): [number[], ...(number | null)[][]] {
  const moments = [...new Set([...counts, ...desired].map(({ atMs }) => atMs))].filter((atMs) => atMs < toMs);
  const rows = [...moments.sort((a, b) => a - b), toMs];
  const at = rows.map((atMs) => ({ count: stepAt(counts, atMs), desired: stepAt(desired, atMs) }));
  return [
    rows.map((atMs) => atMs / 1000),
    at.map(({ count }) => count?.ready ?? null),
    at.map(({ count }) => count?.loading ?? null),
    at.map((each) => each.desired?.desired ?? null),
  ];
}

/** Decisions that stand so near to one another that one mark shows them. */
export interface DecisionMark {
  /** Place between the edges of the chart, 0 to 1: that of the newest. */
  readonly at: number;
  /** Newest first, never empty. */
  readonly decisions: readonly [ScalingDecisionView, ...ScalingDecisionView[]];
}

/** @param apart least distance of two marks, as a share of the width. */
export function decisionMarks(
  decisions: readonly ScalingDecisionView[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  apart: number,
): readonly DecisionMark[] {
  const marks: { at: number; decisions: [ScalingDecisionView, ...ScalingDecisionView[]] }[] = [];
  for (const decision of decisions.toReversed()) {
    if (decision.atMs <= fromMs || decision.atMs > toMs) continue;
    const at = (decision.atMs - fromMs) / (toMs - fromMs);
    const newer = marks.at(-1);
    if (newer !== undefined && newer.at - at < apart) newer.decisions.push(decision);
    else marks.push({ at, decisions: [decision] });
  }
  return marks;
}

export const actuatorWords: Readonly<Record<ScalingView['actuator'], string>> = {
  plimsoll: 'Plimsoll sets the number of replicas',
  keda: 'KEDA sets the number of replicas; Plimsoll orders none, and says what it would',
  none: 'The contract names no actuator; Plimsoll orders no replica, and says what it would',
};
