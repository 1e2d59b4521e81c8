import type { LedgerState } from '../../../src/core/cost/ledger/state.ts';
import { amountOf, type CostGroup, type Measure } from './measure.ts';
import { type CostSplit, type Question, ranges } from './question.ts';

/** How a part is drawn: each one is told from the others without colour. */
export const fills = ['solid', 'hatch', 'dots', 'upright', 'level', 'cross', 'empty', 'checker'] as const;
export type Fill = (typeof fills)[number];

export interface CostPart {
  readonly key: string;
  readonly label: string;
  readonly fill: Fill;
  /** By bar. */
  readonly amounts: readonly number[];
  readonly total: number;
}

export interface CostBar {
  readonly startMs: number;
  /** False where the account has nothing: no device was known, or nothing was recorded. */
  readonly isKnown: boolean;
  readonly total: number;
}

export interface CostSeries {
  readonly bars: readonly CostBar[];
  /** From the bottom of a bar up. */
  readonly parts: readonly CostPart[];
  readonly total: number;
}

export const stateFills: Readonly<Record<LedgerState, Fill>> = {
  serving: 'solid',
  idle: 'hatch',
  loading: 'dots',
  draining: 'upright',
  reserved: 'level',
  stranded: 'cross',
  unallocated: 'empty',
  unattributable: 'checker',
};

const states = Object.keys(stateFills) as readonly LedgerState[];

/** Beyond so many services the smaller ones are one part. */
const namedFills = ['solid', 'hatch', 'dots', 'upright', 'level'] as const;

/** Returns the account as bars from `fromMs` on, each made of the same parts. */
export function makeSeries(
  groups: readonly CostGroup[],
  { last, by }: Question,
  measure: Measure,
  fromMs: number,
): CostSeries {
  const { stepMs, dimension, steps } = ranges[last];
  const firstMs = Math.floor(fromMs / stepMs) * stepMs;
  const timed = groups.map((group) => ({ group, bar: (Date.parse(group.group[dimension] ?? '') - firstMs) / stepMs }));
  const count = Math.max(steps, ...timed.map(({ bar }) => bar + 1));
  const parts = new Map<string, number[]>();
  const known = new Set<number>();
  for (const { group, bar } of timed) {
    known.add(bar);
    const key = keyOf(group, by);
    const amounts = parts.get(key) ?? Array<number>(count).fill(0);
    amounts[bar] = (amounts[bar] ?? 0) + amountOf(group, measure);
    parts.set(key, amounts);
  }
  const drawn = by === 'state' ? stateParts(parts) : namedParts(parts, by);
  const bars = Array.from({ length: count }, (_, bar) => ({
    startMs: firstMs + bar * stepMs,
    isKnown: known.has(bar),
    total: sumOf(drawn.map(({ amounts }) => amounts[bar] ?? 0)),
  }));
  return { bars, parts: drawn, total: sumOf(drawn.map(({ total }) => total)) };
}

/** Empty where nobody has the time. */
function keyOf({ group }: CostGroup, by: CostSplit): string {
  if (by === 'state') return group['state'] ?? '';
  if (by === 'release') return group['release']?.split('/').at(-1) ?? '';
  const { service = null, environment = null } = group;
  return service === null ? '' : `${service} ${environment ?? ''}`.trim();
}

function stateParts(parts: ReadonlyMap<string, readonly number[]>): readonly CostPart[] {
  return states.flatMap((state) => {
    const amounts = parts.get(state);
    if (amounts === undefined) return [];
    return { key: state, label: state, fill: stateFills[state], amounts, total: sumOf(amounts) };
  });
}

function namedParts(parts: ReadonlyMap<string, readonly number[]>, by: CostSplit): readonly CostPart[] {
  const named = [...parts]
    .filter(([key]) => key !== '')
    .map(([key, amounts]) => ({ key, amounts, total: sumOf(amounts) }))
    .sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1));
  const isAll = named.length <= namedFills.length;
  const shown = named.slice(0, namedFills.length);
  const others = named.slice(namedFills.length);
  const nobody = parts.get('');
  return [
    ...shown.map((part, index) => ({ ...part, label: labelOf(part.key, by), fill: namedFills[index] ?? 'solid' })),
    ...(isAll
      ? []
      : [
          joinParts(
            others.map(({ amounts }) => amounts),
            `${others.length} other ${by}s`,
          ),
        ]),
    ...(nobody === undefined
      ? []
      : [{ key: '', label: `no ${by}`, fill: 'empty' as const, amounts: nobody, total: sumOf(nobody) }]),
  ];
}

const labelOf = (key: string, by: CostSplit): string => (by === 'release' ? `release ${key}` : key);

function joinParts(all: readonly (readonly number[])[], label: string): CostPart {
  const amounts = (all[0] ?? []).map((_, bar) => sumOf(all.map((each) => each[bar] ?? 0)));
  return { key: 'others', label, fill: 'cross', amounts, total: sumOf(amounts) };
}

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
