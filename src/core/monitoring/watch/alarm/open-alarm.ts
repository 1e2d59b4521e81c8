import type { Alarm } from '../../alarms/alarm-budget.ts';
import { listSlices } from '../../slices/slice-state.ts';
import type { DriftState, OpenAlarm } from '../drift-state.ts';
import { inputNames } from '../inputs/input-names.ts';
import { describeRouted } from '../observe/observe-traffic.ts';
import { namePart, type WatchedSeries } from '../windows/series.ts';
import type { WindowHistory } from '../windows/window-history.ts';

/** The alarm with what people are told of it: which way what it names went, and since when that may be. */
export function openAlarm(state: DriftState, alarm: Alarm, atMs: number, release: number): OpenAlarm {
  const ofRouting = describeRouted(state, alarm);
  if (ofRouting !== null) return { ...alarm, atMs, release, ...ofRouting };
  const isNamed = ({ feature, group }: WatchedSeries): boolean =>
    alarm.kind === 'feature' ? feature === alarm.name : group === alarm.name;
  const held = ({ id }: WatchedSeries): number => sumOf(state.budget.capital[id]) * sumOf(state.pending[id] ?? [1]);
  const histories: readonly WindowHistory[] = [state, ...listSlices(state.slices)];
  const named = histories.flatMap(({ series }) => series).filter((one) => isNamed(one) && one.bet !== null);
  const most = named.reduce((largest, one) => Math.max(largest, held(one)), 0);
  const told = named
    .filter((one) => held(one) >= toldShare * most)
    .sort((a, b) => toldFirst.indexOf(a.part.of) - toldFirst.indexOf(b.part.of) || held(b) - held(a))[0];
  return {
    ...alarm,
    atMs,
    release,
    sinceMs: (told === undefined ? state.betsSinceMs : judgedSinceMs(state, histories, told)) ?? 0,
    moved: alarm.arm !== null || told === undefined ? '' : describeMove(told),
  };
}

function judgedSinceMs(state: DriftState, histories: readonly WindowHistory[], one: WatchedSeries): number | null {
  const { betsSinceMs, outputs } = histories.find(({ series }) => series.includes(one)) ?? state;
  const isInput = inputNames(state).has(one.of?.name ?? one.feature);
  return outputs === undefined || isInput ? betsSinceMs : outputs.betsSinceMs;
}

/** Of the series that moved people are told the one that says most: a mean before its spread. */
const toldFirst: readonly WatchedSeries['part']['of'][] = ['mean', 'category', 'new', 'missing', 'spread'];
/** Other series of the feature moved too where they hold this part of the largest capital. */
const toldShare = 0.001;

const sumOf = (values: readonly number[] = []): number => values.reduce((sum, value) => sum + value, 0);

/** `pixels.mean: mean went from 0.13 up to 0.87` */
function describeMove({ feature, part, usual, bet }: WatchedSeries): string {
  const last = bet?.last ?? null;
  const what = namePart(part);
  if (last === null || usual === null) return `${feature}: ${what} moved`;
  return `${feature}: ${what} went from ${shortNumber(usual)} ${last >= usual ? 'up' : 'down'} to ${shortNumber(last)}`;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));
