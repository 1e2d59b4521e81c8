import type { Release } from '../../core/rollout/release.ts';
import { betweenLimits, type ScaleOrder } from '../../core/scaling/acting/scale-order.ts';
import type { PolicyTime } from '../../core/scaling/acting/policy-time.ts';
import type { ScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { ScalingRecord } from '../../core/scaling/acting/scaling-record.ts';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import type { ScalingSignals } from '../../core/scaling/signals.ts';
import { describeCapacity, describeStarts, type ToldNumbers } from '../../core/scaling/departure/learned-text.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import type { EventNews } from '../../core/records/event.ts';

/** What one turn makes of scaling; nothing of it stands before it was recorded. */
export interface ScalingTurn {
  /** For the rollout; null where nothing scales. */
  readonly order: ScaleOrder | null;
  readonly events: readonly EventNews[];
  /** What is recorded beside the events; null where nothing is. */
  readonly record: ScalingRecord | null;
  readonly next: ScalingMemory;
}

/** What a successor reads again of the records, but for the times of this process. */
export interface ScalingMemory {
  readonly state: unknown;
  /** The last decision; `acts` says whether it was ordered. */
  readonly standing: { readonly order: ScaleOrder; readonly atMs: number; readonly acts: boolean } | null;
  /** What is asked of the platform; it stays where another one writes the count from now on. */
  readonly ordered: ScaleOrder | null;
  /** When the policy was asked last; null before this process asked it. */
  readonly time: PolicyTime | null;
  /** When it was asked last by a process before, by its own time; null where it never was. */
  readonly recordedAskMs: number | null;
  readonly askedMs: number;
  readonly recordedMs: number;
  /** Why the policy is not asked, since when, and whether that was told. */
  readonly held: { readonly reason: string; readonly sinceMs: number; readonly told: boolean } | null;
  readonly signals: ScalingSignals;
  /** Of the last decision; null where the policy learns nothing. */
  readonly learned: { readonly evidence: LearnedEvidence; readonly told: ToldNumbers } | null;
}

export function moves({ replicas: { min, max } }: Pick<Release, 'replicas'>): boolean {
  return min < max;
}

/** Limits and proof may have moved since; what is not known yet takes nothing away. */
export function withinLimits(order: ScaleOrder | null, live: Release, facts: ScalingFacts | null): ScaleOrder | null {
  if (order === null) return null;
  const { min, max } = live.replicas;
  const limits = { minReplicas: min, maxReplicas: max, toZero: facts === null || facts.zeroProven };
  const desired = betweenLimits(order.desired, limits);
  return desired === order.desired ? order : { ...order, desired, reason: `${order.reason}; within ${min} to ${max}` };
}

export function unchanged(next: ScalingMemory): ScalingTurn {
  return { order: next.ordered, events: [], record: null, next };
}

/** A reason that lasts so long is told, once: a gateway that starts again is no news. */
const holdToldAfterMs = 10_000;

/** The number of replicas stays as it is. */
export function hold(memory: ScalingMemory, reason: string, monotonicMs: number): ScalingTurn {
  const since = memory.held?.reason === reason ? memory.held : { reason, sinceMs: monotonicMs, told: false };
  const tell = !since.told && monotonicMs - since.sinceMs >= holdToldAfterMs;
  const stays = memory.ordered === null ? 'as the release began with' : `at ${memory.ordered.desired}`;
  const event: EventNews = {
    kind: 'scaling.held',
    summary: `The number of replicas stays ${stays}: ${reason}`,
    data: { reason, ordered: memory.ordered?.desired ?? null },
  };
  const next = { ...memory, held: { ...since, told: since.told || tell } };
  return { order: memory.ordered, events: tell ? [event] : [], record: null, next };
}

/** The event of a trust that was lost with this decision, or that is back. */
export function makeTrustEvents(
  before: ScalingMemory['learned'],
  now: ScalingMemory['learned'],
  release: number,
  nowMs: number,
): readonly EventNews[] {
  const [wasTrusted, isTrusted] = [before?.evidence.trusted ?? true, now?.evidence.trusted ?? true];
  if (now === null || wasTrusted === isTrusted) return [];
  const { evidence, told } = now;
  const learned = { ...evidence };
  const says = `${describeCapacity(evidence, told)}; ${describeStarts(evidence, told)}`;
  if (!isTrusted) {
    const summary = `Scaling of release ${release} acts on feedback alone: what it promised by its evidence did not come true; ${says}`;
    return [{ kind: 'scaling.trust-lost', summary, data: { release, learned } }];
  }
  const lastedMs = Math.max(0, nowMs - (before?.evidence.distrustedSinceMs ?? nowMs));
  const summary = `Scaling of release ${release} decides by its evidence again, after ${formatElapsed(lastedMs)} of feedback alone; ${says}`;
  return [{ kind: 'scaling.trust-back', summary, data: { release, learned, lastedMs } }];
}

/** Short: it goes to everybody who follows the events. All that it was made from is recorded beside it. */
export function makeDecidedEvent(record: ScalingRecord, actuator: ScalingFacts['actuator']): EventNews {
  const { order, ordered, grounds, decision, release, policy } = record;
  const count = `${order.desired} replica${order.desired === 1 ? '' : 's'} (before: ${grounds.orderedBefore})`;
  const asleep = order.asleep === undefined ? '' : `, and up to ${order.asleep} asleep`;
  const says = actuator === 'plimsoll' ? 'is to have' : `would have, if the actuator were not ${actuator},`;
  const { replicas: _replicas, ...signals } = grounds.input.signals;
  return {
    kind: 'scaling.decided',
    summary: `Release ${release} ${says} ${count}${asleep}: ${order.reason}`,
    data: {
      release,
      policy,
      actuator,
      before: grounds.orderedBefore,
      desired: order.desired,
      ...(order.asleep === undefined ? {} : { asleep: order.asleep }),
      ordered,
      reason: order.reason,
      terms: decision.terms,
      signals,
    },
  };
}

/** In the transaction of what it changes: an event of a decision without its grounds could never be replayed. */
export async function recordScaling(
  tx: StoreWriter,
  scope: { readonly service: string; readonly environment: string },
  { events, record }: ScalingTurn,
  atMs: number,
): Promise<void> {
  const { service, environment } = scope;
  for (const event of events) {
    const { seq } = await tx.appendEvent({ service, environment, by: 'control-plane', atMs, ...event });
    if (record !== null && event.kind === 'scaling.decided') {
      await tx.addScalingRecord(service, environment, seq, { ...record });
    }
  }
  if (record !== null) await tx.setScalingMemory(service, environment, { ...record });
}
