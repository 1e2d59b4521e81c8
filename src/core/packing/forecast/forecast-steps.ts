import { wholeDeviceMilli, totalDeviceMilli } from '../room.ts';
import type { NamedNode, NamedReplicas } from '../named/named-task.ts';
import type { ForecastStep } from './find-full.ts';

/** One line of a forecast: from this time on the service has so many replicas. */
export interface ForecastRow {
  readonly atMs: number;
  readonly service: string;
  readonly replicas: number;
}

/**
 * Returns one step for each time of a forecast, in their order. A service keeps its last number until the next line about it;
 * until the first one it has the number of its row. Reserved room stays as it is.
 */
export function makeForecastSteps(
  replicas: readonly NamedReplicas[],
  rows: readonly ForecastRow[],
): readonly ForecastStep[] {
  const counts = new Map(replicas.map(({ name, count }) => [name, count]));
  const byTime = [...Map.groupBy(rows, ({ atMs }) => atMs)].sort(([a], [b]) => a - b);
  return byTime.map(([atMs, own]) => {
    for (const row of own) counts.set(row.service, row.replicas);
    const at = new Date(atMs).toISOString().replace('T00:00:00.000Z', '');
    return { at, replicas: replicas.map((each) => ({ ...each, count: counts.get(each.name) ?? each.count })) };
  });
}

/** How much all replicas grow in each period. */
export interface Growth {
  readonly share: number;
  readonly period: 'day' | 'week' | 'month';
}

/** Returns the growth that a text like `5%/week` says; null for another text. */
export function readGrowth(text: string): Growth | null {
  const [, percent, period] = /^(\d{1,3}(?:\.\d{1,3})?)%\/(day|week|month)$/.exec(text) ?? [];
  if (percent === undefined || Number(percent) <= 0) return null;
  return { share: Number(percent) / 100, period: period as Growth['period'] };
}

const stepsAtMost = 520;

/**
 * Returns one step for each period, the present first: count * (1 + share)^periods, rounded up. It ends with the first step
 * whose replicas ask for more devices than there are, or after 520 periods. Reserved room does not grow.
 */
export function makeGrowthSteps(
  nodes: readonly NamedNode[],
  replicas: readonly NamedReplicas[],
  { share, period }: Growth,
): readonly ForecastStep[] {
  const allMilli = nodes.reduce((sum, { shape }) => sum + shape.devices * wholeDeviceMilli, 0);
  const steps: ForecastStep[] = [];
  for (let number = 0; number <= stepsAtMost; number += 1) {
    const grown = replicas.map((each) => ({
      ...each,
      count: each.reserved === true ? each.count : Math.ceil(each.count * (1 + share) ** number - 1e-9),
    }));
    steps.push({ at: number === 0 ? 'now' : `in ${number} ${period}${number === 1 ? '' : 's'}`, replicas: grown });
    const askedMilli = grown.reduce((sum, { shape, count }) => sum + count * totalDeviceMilli(shape), 0);
    if (askedMilli > allMilli) break;
  }
  return steps;
}
