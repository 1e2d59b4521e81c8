import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import type { StoredEvent } from '../../records/event.ts';
import type { Alert, AlertFamily } from './alert.ts';

/** What an event does to the alerts of its service: raises one, or resolves these; `release/` means every alert of releases. */
export type AlertNews =
  | { readonly kind: 'raise'; readonly alert: Alert }
  | { readonly kind: 'resolve'; readonly keys: readonly string[]; readonly atMs: number };

/**
 * | event | alert | resolved by |
 * |---|---|---|
 * | drift.alarm | drift/WHAT/NAME, critical | drift.acknowledged of that name, or of all |
 * | drift.left-reference | drift/distance/distance, critical | drift.acknowledged of that name, or of all; the watch says so of another reference |
 * | release.failed | release/failed, critical; a warning where a person took it back | release.live |
 * | release.created by a rollback, no drill | release/rolled-back, a warning | release.live |
 * | replica.diverged | replica/REPLICA, critical | replica.agrees of that replica |
 * | start.budget-broken | start/budget, a warning | release.live |
 * | start.departed | start/departed, a warning | release.live |
 * | capacity.departed | scaling/capacity, a warning | release.live |
 * | scaling.trust-lost | scaling/trust, a warning | scaling.trust-back |
 * | capacity.mix-left | capacity/mix, a warning | release.live |
 * | cost.broken | cost/WHAT, a warning: the budget, or the utilization | cost.holds of the same |
 */
export function readAlertNews(event: StoredEvent): AlertNews | null {
  const { service, environment, atMs, summary } = event;
  const raise = (
    family: AlertFamily,
    what: Pick<Alert, 'name' | 'severity' | 'next'> & { readonly of: string },
  ): AlertNews => {
    const { of, ...rest } = what;
    const head = { service, environment, family, key: `${family}/${of}`, summary: firstOf(summary) };
    return { kind: 'raise', alert: { ...head, ...rest, startedAtMs: atMs, resolvedAtMs: null } };
  };
  // Whatever version recorded an event of drift, and whichever facts it has.
  if (isKind(event.kind, 'drift.alarm')) {
    return raise('drift', { of: subjectOf(event.data), name: 'PlimsollDrift', severity: 'critical', next: null });
  }
  if (isKind(event.kind, 'drift.acknowledged')) {
    const isAll = (event.data as { readonly name?: unknown }).name === null;
    return { kind: 'resolve', keys: [isAll ? 'drift/' : `drift/${subjectOf(event.data)}`], atMs };
  }
  if (isKind(event.kind, 'drift.left-reference')) {
    const next = 'see what moved, and its cause: `plimsoll drift`';
    return raise('drift', { of: leftKey, name: 'PlimsollLeftReference', severity: 'critical', next });
  }
  switch (event.kind) {
    case 'release.failed': {
      const severity = event.data.aborted === undefined ? 'critical' : 'warning';
      const next = 'see why: `plimsoll history --kind release`';
      return raise('release', { of: 'failed', name: 'PlimsollReleaseFailed', severity, next });
    }
    case 'release.created':
      if (!isRollback(event.data.cause)) return null;
      return raise('release', { of: 'rolled-back', name: 'PlimsollRolledBack', severity: 'warning', next: null });
    case 'start.budget-broken': {
      const next = 'measure again: `plimsoll coldstart`';
      return raise('start', { of: 'budget', name: 'PlimsollStartBudgetBroken', severity: 'warning', next });
    }
    case 'start.departed': {
      const next = 'measure again: `plimsoll coldstart`';
      return raise('start', { of: 'departed', name: 'PlimsollStartsDeparted', severity: 'warning', next });
    }
    case 'capacity.departed': {
      const next = 'measure again: `plimsoll capacity`';
      return raise('scaling', { of: 'capacity', name: 'PlimsollCapacityDeparted', severity: 'warning', next });
    }
    case 'scaling.trust-lost': {
      const next = 'see what is learned: `plimsoll scale explain`';
      return raise('scaling', { of: 'trust', name: 'PlimsollScalingTrustLost', severity: 'warning', next });
    }
    case 'scaling.trust-back':
      return { kind: 'resolve', keys: ['scaling/trust'], atMs };
    case 'capacity.mix-left': {
      const next = 'measure again: `plimsoll capacity --mix captures`';
      return raise('capacity', { of: 'mix', name: 'PlimsollMixLeft', severity: 'warning', next });
    }
    case 'replica.diverged': {
      const next = 'see its replays: `plimsoll golden status`';
      const of = textOf(event.data, 'replicaId') ?? 'one';
      return raise('replica', { of, name: 'PlimsollReplicaDiverged', severity: 'critical', next });
    }
    case 'replica.agrees':
      return { kind: 'resolve', keys: [`replica/${textOf(event.data, 'replicaId') ?? 'one'}`], atMs };
    case 'cost.broken': {
      const what = textOf(event.data, 'what') ?? 'budget';
      const remedy = textOf(event.data, 'remedy');
      const name = what === 'utilization' ? 'PlimsollUtilizationBroken' : 'PlimsollBudgetBroken';
      return raise('cost', { of: what, name, severity: 'warning', next: remedy ?? nextStep(coreSteps, 'cost.broken') });
    }
    case 'cost.holds':
      return { kind: 'resolve', keys: [`cost/${textOf(event.data, 'what') ?? 'budget'}`], atMs };
    case 'release.live':
      return { kind: 'resolve', keys: ['release/', 'start/', 'scaling/capacity', 'capacity/'], atMs };
    default:
      return null;
  }
}

/** As `drift.acknowledged` names it. */
const leftKey = 'distance/distance';

const summaryAtMost = 500;
const firstOf = (summary: string): string =>
  summary.length <= summaryAtMost ? summary : `${summary.slice(0, summaryAtMost - 3)}...`;

const isKind = (kind: string, wanted: string): boolean => kind === wanted;

function textOf(data: object, name: string): string | null {
  const value = (data as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

const subjectOf = (data: object): string => `${textOf(data, 'what') ?? 'alarm'}/${textOf(data, 'name') ?? 'alarm'}`;

function isRollback(cause: object | undefined): boolean {
  const { kind, drill } = (cause ?? {}) as { readonly kind?: unknown; readonly drill?: unknown };
  return kind === 'rollback' && drill !== true;
}

/** Since when a service is bad, and since when good; null where it is not. */
export interface HealthHold {
  readonly badSinceMs: number | null;
  readonly goodSinceMs: number | null;
}

/** A service is bad, or good again, for as long before anybody is told: replicas come and go. */
export const healthHoldMs = 60_000;
const bad: ReadonlySet<string> = new Set(['failing', 'degraded']);

/** What is told of the health of a service: its state in one word, and sentences for people. */
export interface SaidHealth {
  readonly state: string;
  readonly sentence: string;
  readonly next: string | null;
}

/**
 * What the health of a service does to its alerts, and what has to be remembered. Unknown is neither bad nor good: it
 * raises nothing, and resolves nothing.
 */
export function readHealthNews(
  hold: HealthHold,
  { service, environment }: { readonly service: string; readonly environment: string },
  health: SaidHealth,
  nowMs: number,
): { readonly hold: HealthHold; readonly news: AlertNews | null } {
  if (bad.has(health.state)) {
    const badSinceMs = earlier(hold.badSinceMs, nowMs);
    const next = { badSinceMs, goodSinceMs: null };
    if (nowMs - badSinceMs < healthHoldMs) return { hold: next, news: null };
    const severity = health.state === 'failing' ? 'critical' : 'warning';
    const what = { family: 'health', key: 'health', name: 'PlimsollHealth', severity } as const;
    const said = { summary: firstOf(health.sentence), next: health.next };
    const alert: Alert = { service, environment, ...what, ...said, startedAtMs: badSinceMs, resolvedAtMs: null };
    return { hold: next, news: { kind: 'raise', alert } };
  }
  if (health.state !== 'healthy') return { hold: { badSinceMs: null, goodSinceMs: null }, news: null };
  const goodSinceMs = earlier(hold.goodSinceMs, nowMs);
  const isOver = nowMs - goodSinceMs >= healthHoldMs;
  return {
    hold: { badSinceMs: null, goodSinceMs },
    news: isOver ? { kind: 'resolve', keys: ['health'], atMs: goodSinceMs } : null,
  };
}

/** A clock that was set back begins anew. */
const earlier = (sinceMs: number | null, nowMs: number): number =>
  sinceMs === null ? nowMs : Math.min(sinceMs, nowMs);
