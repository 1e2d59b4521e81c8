import { isNamed, type AlarmName } from '../alarms/alarm-budget.ts';
import type { FeatureDistance } from '../distance/tell-distances.ts';
import { countedWindows } from './observe-slices.ts';
import { featuresIn, nameSlice, type Slice, type SlicesState, type Split } from './slice-state.ts';

/** How the slices of the live rows stand. */
export interface SlicesStatus {
  /** What each slice follows. */
  readonly follows: readonly string[];
  /** One for each feature of the contract. */
  readonly by: readonly SplitStatus[];
}

export interface SplitStatus {
  readonly feature: string;
  /** `missing`: it is no category feature of the rows. `counted`: the most common values are not known yet. */
  readonly state: 'missing' | 'counted' | 'fixed';
  readonly because: string;
  readonly slices: readonly SliceStatus[];
}

export interface SliceStatus {
  /** `country=DE` */
  readonly name: string;
  readonly rows: number;
  /** Of the history. */
  readonly windows: number;
  /** Series of it, and those that are judged. */
  readonly series: number;
  readonly judged: number;
  /** What is missing, or what runs. */
  readonly because: string;
  /** Of the capital that makes an alarm, of all its features. */
  readonly capitalShare: number;
  /** An open alarm names it, or one of its features. */
  readonly isLatched: boolean;
  /** Null where the evaluated rows have none of it, or are not known. */
  readonly distance: { readonly measured: number; readonly unknown: number; readonly outside: number } | null;
}

interface Standing {
  readonly features: readonly { readonly name: string; readonly kind: string }[];
  readonly budget: {
    readonly capital: Readonly<Record<string, readonly number[]>>;
    readonly latched: readonly AlarmName[];
  };
}

export function slicesStatus(
  state: SlicesState,
  standing: Standing,
  distances: ReadonlyMap<Slice, readonly FeatureDistance[] | null>,
  isOutside: (distance: FeatureDistance) => boolean,
): SlicesStatus {
  const statusOf = (slice: Slice): SliceStatus => {
    const found = distances.get(slice) ?? null;
    const unknown = found?.filter((each) => each.state === 'unknown').length ?? 0;
    return {
      ...sliceStatus(state, slice, standing),
      distance:
        found === null ? null : { measured: found.length - unknown, unknown, outside: found.filter(isOutside).length },
    };
  };
  return {
    follows: state.features.map(({ name }) => name),
    by: state.by.map((feature) => {
      const split = state.splits.find(({ by }) => by === feature);
      return { feature, ...splitStanding(feature, split, standing), slices: split?.slices.map(statusOf) ?? [] };
    }),
  };
}

function splitStanding(
  feature: string,
  split: Split | undefined,
  { features }: Standing,
): Pick<SplitStatus, 'state' | 'because'> {
  if (split === undefined) {
    const names = features.filter(({ kind }) => kind === 'category').map(({ name }) => name);
    const known = names.length === 0 ? 'they have none' : `these are: ${names.slice(0, 20).join(', ')}`;
    return { state: 'missing', because: `\`${feature}\` is no category feature of the rows; ${known}` };
  }
  if (split.counted === null)
    return {
      state: 'fixed',
      because: `${split.slices.length - 1} value${split.slices.length === 2 ? '' : 's'} and all others`,
    };
  const more = countedWindows - split.counted.windows;
  const because = more > 0 ? `its values are counted: ${more} more windows are needed` : 'no row has a value of it yet';
  return { state: 'counted', because };
}

function sliceStatus(state: SlicesState, slice: Slice, { budget }: Standing): Omit<SliceStatus, 'distance'> {
  const { series, chooseAt, rows } = slice;
  const windows = Math.max(0, slice.windows - slice.historyFrom + 1);
  const judged = series.filter(({ bet }) => bet !== null).length;
  const held = series.flatMap(({ id }) => budget.capital[id] ?? []).reduce((sum, each) => sum + each, 0);
  const because =
    series.length === 0
      ? `unknown: ${Math.max(0, chooseAt - windows)} more windows are needed`
      : judged === 0
        ? `unknown: no forecast held, ${series[0]?.reason ?? ''}`
        : `${judged} of ${series.length} series are judged`;
  return {
    ...{ name: nameSlice(slice), rows, windows, series: series.length, judged, because },
    capitalShare: held,
    isLatched: featuresIn(state, slice).some((feature) => isNamed(budget, feature)),
  };
}
