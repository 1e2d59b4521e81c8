import type { Alarm, AlarmBudget, BettingTerm } from '../../alarms/alarm-budget.ts';

/** The most that the betting processes held in a stretch of time. An alarm needs 1 in total. */
export interface TrailPoint {
  /** When the stretch began; of an alarm, when it was raised. */
  readonly atMs: number;
  /** Capital of all processes together. */
  readonly statistic: number;
  /** The features and aggregates that held the most, largest first: six at most. */
  readonly most: readonly { readonly name: string; readonly capital: number }[];
  /** Raised at this moment. */
  readonly alarm?: Pick<Alarm, 'kind' | 'name'>;
}

/** Points that are kept, in order of time. Near points are as close as ticks; far ones stand for longer stretches. */
export const trailPointsAtMost = 120;
const namesAtMost = 6;
/** Less is drawn as nothing. */
const leastCapital = 1e-9;
/** More is told as this. */
const mostCapital = 1e12;

/** The point of a tick. After an alarm the budget holds nothing: then it is the capital at the crossing. */
export function trailPointOf(
  { capital }: AlarmBudget,
  terms: readonly BettingTerm[],
  alarm: Alarm | null,
  atMs: number,
): TrailPoint {
  if (alarm !== null) {
    const { kind, name, statistic, share } = alarm;
    return {
      atMs,
      statistic: shortened(statistic),
      most: [{ name, capital: shortened(share * statistic) }],
      alarm: { kind, name },
    };
  }
  const held = new Map<string, number>();
  for (const { id, name } of terms) {
    const of = (capital[id] ?? []).reduce((sum, each) => sum + each, 0);
    held.set(name, (held.get(name) ?? 0) + of);
  }
  const most = [...held]
    .filter(([, of]) => of > leastCapital)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, namesAtMost)
    .map(([name, of]) => ({ name, capital: shortened(of) }));
  return { atMs, statistic: shortened([...held.values()].reduce((sum, of) => sum + of, 0)), most };
}

/**
 * The trail after one more point. With more than 120, the two neighbours become one whose gap is the smallest part of their
 * age: so points of an hour ago are about 60 times as far apart as those of a minute ago. Of the two the larger stays, so
 * that no crossing is lost. A clock that steps back takes away what was said of the time ahead.
 */
export function addToTrail(trail: readonly TrailPoint[], point: TrailPoint): readonly TrailPoint[] {
  const points = [...trail.filter(({ atMs }) => atMs < point.atMs), point];
  if (points.length <= trailPointsAtMost) return points;
  const at = findNearest(points);
  const [first, second] = [points[at], points[at + 1]];
  return points.toSpliced(at, 2, ...(first === undefined || second === undefined ? [] : [largerOf(first, second)]));
}

/** Where the first of the two neighbours stands; the newest point stays by itself. */
function findNearest(points: readonly TrailPoint[]): number {
  const nowMs = points.at(-1)?.atMs ?? 0;
  let [nearest, least] = [0, Infinity];
  for (let at = 0; at < points.length - 2; at += 1) {
    const [fromMs, toMs] = [points[at]?.atMs ?? 0, points[at + 1]?.atMs ?? 0];
    const part = (toMs - fromMs) / (nowMs - fromMs);
    if (part < least) [nearest, least] = [at, part];
  }
  return nearest;
}

function largerOf(first: TrailPoint, second: TrailPoint): TrailPoint {
  if (first.alarm !== undefined && second.alarm === undefined) return first;
  if (second.alarm !== undefined && first.alarm === undefined) return second;
  return second.statistic >= first.statistic ? { ...second, atMs: first.atMs } : first;
}

const shortened = (value: number): number => Number(Math.min(mostCapital, value).toPrecision(4));
