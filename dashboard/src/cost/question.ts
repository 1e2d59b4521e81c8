/** How the account is looked at. */
export interface Question {
  readonly last: CostRange;
  readonly by: CostSplit;
}

/** Hours of the last day, or days of the last 30. */
export type CostRange = '24h' | '30d';
/** What a bar is made of: states of devices, services, or the releases of one service. */
export type CostSplit = 'state' | 'service' | 'release';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface RangeForm {
  readonly dimension: 'hour' | 'day';
  readonly stepMs: number;
  readonly steps: number;
  /** `24 hours`. */
  readonly words: string;
}

export const ranges: Readonly<Record<CostRange, RangeForm>> = {
  '24h': { dimension: 'hour', stepMs: hourMs, steps: 24, words: '24 hours' },
  '30d': { dimension: 'day', stepMs: dayMs, steps: 30, words: '30 days' },
};

const splitDimensions: Readonly<Record<CostSplit, string>> = {
  state: 'state',
  service: 'service,environment',
  release: 'release',
};

/** A clock of the browser may be so far from the control plane's, and the account still begins with a whole bar. */
const clocksApartMs = hourMs / 2;

/**
 * Returns what is asked for: the time as bars, and who idles why. The first bar is a whole hour or day of UTC, the last one is
 * not over.
 */
export function costPaths({ last, by }: Question, nowMs: number): { readonly bars: string; readonly owners: string } {
  const { dimension, stepMs, steps } = ranges[last];
  const fromMs = Math.floor(nowMs / stepMs) * stepMs - (steps - 1) * stepMs;
  const since = `sinceMs=${Math.round(nowMs - fromMs - clocksApartMs)}`;
  return {
    bars: `v1/cost?by=${dimension},${splitDimensions[by]}&${since}`,
    owners: `v1/cost?by=service,environment,state,cause&${since}`,
  };
}

/** What the address says, the last day by state where it says nothing known. */
export function readQuestion(query: string): Question {
  const given = new URLSearchParams(query);
  return {
    last: given.get('last') === '30d' ? '30d' : '24h',
    by: given.get('by') === 'service' ? 'service' : 'state',
  };
}

/** Empty where all is as it is by default. */
export function questionQuery({ last, by }: Question): string {
  const query = new URLSearchParams({ ...(last === '24h' ? {} : { last }), ...(by === 'state' ? {} : { by }) });
  return query.size === 0 ? '' : `?${query.toString()}`;
}
