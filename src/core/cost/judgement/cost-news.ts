import type { CostSection } from '../../contract/contract.ts';
import type { EventNews, StoredEvent } from '../../records/event.ts';
import { remedyOf, type JudgedCost } from './judge-cost.ts';

/** What of `cost` can break: what the contract limits. */
export const limitedParts = ['budget', 'utilization'] as const;
export type LimitedPart = (typeof limitedParts)[number];

/** How a part was last recorded. */
export interface RecordedPart {
  readonly isBroken: boolean;
  readonly atMs: number;
}
export type RecordedParts = Readonly<Partial<Record<LimitedPart, RecordedPart>>>;

/** A change stands for so long before the opposite is recorded: values near a limit are not told again and again. */
export const changeStandsMs = 3_600_000;

/** Returns how the parts were last recorded, from events in order. */
export function readRecordedParts(events: readonly StoredEvent[]): RecordedParts {
  const parts: Partial<Record<LimitedPart, RecordedPart>> = {};
  for (const event of events) {
    if (event.kind !== 'cost.broken' && event.kind !== 'cost.holds') continue;
    const { what } = event.data;
    if (what !== undefined) parts[what] = { isBroken: event.kind === 'cost.broken', atMs: event.atMs };
  }
  return parts;
}

/**
 * Returns what is to be recorded of the parts that a contract limits.
 *
 * | last recorded | now | recorded |
 * |---|---|---|
 * | nothing, or that it holds | fail | `cost.broken` with the change that saves most |
 * | that it is broken | pass | `cost.holds` |
 * | that it is broken | the contract has no such limit any more | `cost.holds`, at once |
 * | either | anything else, inconclusive and unknown among it | nothing |
 *
 * Nothing is recorded within an hour of the last change of the part.
 */
export function decideCostNews(
  recorded: RecordedParts,
  {
    judged,
    cost,
    release,
  }: { readonly judged: JudgedCost; readonly cost: CostSection | undefined; readonly release: number },
  nowMs: number,
): readonly EventNews[] {
  return limitedParts.flatMap((what): readonly EventNews[] => {
    const last = recorded[what];
    const isBroken = last?.isBroken === true;
    if (isBroken && cost?.[what] === undefined) {
      return [holds(what, release, `the contract has no limit \`cost.${what}\` any more`)];
    }
    const now = judged.parts[what];
    const reason = now?.reasons.join('; ') ?? '';
    if (last !== undefined && nowMs - last.atMs < changeStandsMs) return [];
    if (!isBroken && now?.verdict === 'fail') return [broken(what, release, reason, judged)];
    return isBroken && now?.verdict === 'pass' ? [holds(what, release, reason)] : [];
  });
}

function broken(what: LimitedPart, release: number, reason: string, judged: JudgedCost): EventNews {
  const remedy = remedyOf(judged);
  const { cause = null, idleMs = null, micros = null, currency = null } = judged.remedy ?? {};
  return {
    kind: 'cost.broken',
    summary: `The ${nameOf(what)} is broken: ${reason}. Next: ${remedy}`,
    data: { what, release, reason, remedy, cause, idleMs, micros, currency },
  };
}

const holds = (what: LimitedPart, release: number, reason: string): EventNews => ({
  kind: 'cost.holds',
  summary: `The ${nameOf(what)} holds again: ${reason}`,
  data: { what, release, reason },
});

const nameOf = (what: LimitedPart): string => (what === 'budget' ? 'budget' : 'utilization limit');
