import { findChange } from '../../../src/core/cost/ledger/causes/find-change.ts';
import type { IdleCause, LedgerState } from '../../../src/core/cost/ledger/state.ts';
import type { CostUnit } from '../../../src/schemas/http/cost/http-cost.ts';
import { amountOf, type CostGroup, formatAmount, formatNumber, formatPart, type Measure } from './measure.ts';
import { ranges, type CostRange } from './question.ts';
import { causeWords } from './words.ts';

/** Time of one service, or of nobody, that does no work for one reason. */
export interface IdleRow {
  readonly key: string;
  /** Null of devices that no replica holds. */
  readonly service: string | null;
  readonly environment: string | null;
  readonly state: LedgerState;
  /** `minimum of replicas`; null where the state says it all. */
  readonly why: string | null;
  /** What would remove it, with keys of the contract in backticks. */
  readonly change: string;
  readonly computeMs: number;
  /** As the page counts: money or time. */
  readonly amount: number;
}

/** Returns what does no work, the largest first. Time that replicas need to start and to end is not among it. */
export function listIdle({ unit, groups }: Pick<CostUnit, 'unit' | 'groups'>, measure: Measure): readonly IdleRow[] {
  return groups
    .flatMap((group) => {
      const { service = null, environment = null } = group.group;
      const [state, cause] = [group.group['state'] as LedgerState, (group.group['cause'] ?? null) as IdleCause | null];
      const found = findChange({ unit, state, cause });
      if (found === null || group.computeMs <= 0) return [];
      const key = JSON.stringify([service, environment, state, cause]);
      const why = cause === null ? null : causeWords[cause];
      const { computeMs } = group;
      return [
        { key, service, environment, state, why, change: found.change, computeMs, amount: amountOf(group, measure) },
      ];
    })
    .sort((a, b) => b.amount - a.amount || b.computeMs - a.computeMs || (a.key < b.key ? -1 : 1));
}

const freeStates: readonly LedgerState[] = ['reserved', 'stranded', 'unallocated'];

/**
 * Returns what matters most as sentences: how much, how much of it without work, and the largest cause.
 *
 * `The last 24 hours cost 52.10 EUR: 16.20 (31%) idle, 10.00 (19%) held by no replica. Largest cause: digits prod,
 * minimum of replicas, 9.10 EUR.` Of one service the cause is told without its name.
 */
export function tellUnit(unit: CostUnit, rows: readonly IdleRow[], { measure, last, isFleet }: Telling): string {
  const total = amountOf(unit.total, measure);
  const amountIn = (states: readonly LedgerState[]): number =>
    unit.groups
      .filter(({ group }) => states.includes(group['state'] as LedgerState))
      .reduce((sum, group: CostGroup) => sum + amountOf(group, measure), 0);
  const parts = [
    [amountIn(['idle']), 'idle'],
    [amountIn(freeStates), 'held by no replica'],
    [amountIn(['unattributable']), 'unattributable'],
  ] as const;
  const told = parts
    .filter(([amount], index) => index === 0 || amount > 0)
    .map(([amount, words]) =>
      amount === 0 ? `none of it ${words}` : `${formatNumber(amount, measure)} (${formatPart(amount, total)}) ${words}`,
    );
  const span = `the last ${ranges[last].words}`;
  const whole =
    measure.kind === 'money'
      ? `T${span.slice(1)} cost ${formatAmount(total, measure)}`
      : `${formatAmount(total, measure)} in ${span}`;
  return `${whole}: ${told.join(', ')}.${largestWords(rows[0], measure, isFleet)}`;
}

interface Telling {
  readonly measure: Measure;
  readonly last: CostRange;
  readonly isFleet: boolean;
}

function largestWords(row: IdleRow | undefined, measure: Measure, isFleet: boolean): string {
  if (row === undefined) return '';
  const { service, environment, state, why, amount } = row;
  const of = service === null || !isFleet ? [] : [`${service} ${environment ?? ''}`.trim()];
  const cause = service === null || why === null ? state : why;
  return ` Largest cause: ${[...of, cause, formatAmount(amount, measure)].join(', ')}.`;
}
