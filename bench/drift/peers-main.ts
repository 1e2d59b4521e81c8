import { splitWeights } from '../../src/core/monitoring/alarms/alarm-weights.ts';
import type { ControlFeature } from '../../src/core/monitoring/detectors/control-learners.ts';
import {
  chooseSeries,
  seriesTerms,
  stepSeries,
  type WatchedSeries,
} from '../../src/core/monitoring/watch/windows/series.ts';
import { addToWindow, emptyWindow, type DriftWindow } from '../../src/core/monitoring/watch/windows/windows.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { median } from '../median.ts';
import { nulls } from './nulls.ts';
import { asPeerRun, changes, drawNull, drawWindows, rowsOfWindow, type PeerRows } from './peer-worlds.ts';
import { peers, scoreByPeer, type PeerScore } from './peers.ts';

/**
 * Plimsoll's series beside four programs of PyPI.
 *
 * 1. Nulls: windows with an alarm, by the defaults of each, where nothing changes.
 * 2. Delays: all calibrated to one alarm in 2,000 windows on held-out nulls, then the windows until a change is found.
 */
const historyWindows = 1_000;
const windowsPerAlarm = 2_000;
const quietWindows = 20;
const delayAtMost = 200;

interface Runs {
  readonly nulls: readonly { readonly stream: string; readonly windows: readonly PeerRows[] }[];
  readonly held: readonly (readonly PeerRows[])[];
  readonly changed: readonly { readonly change: string; readonly windows: readonly PeerRows[] }[];
}

interface Scored {
  readonly name: string;
  /** By stream: the share of windows with an alarm. */
  readonly falseAlarms: Readonly<Record<string, number>>;
  /** By change: the delay of each run in windows. */
  readonly delays: Readonly<Record<string, readonly number[]>>;
}

export function measurePeers(argv: readonly string[]): number {
  const json = argv.includes('--json');
  const isQuick = argv.includes('--quick');
  const runs = drawRuns(isQuick ? 1 : 10, isQuick ? 2_000 : 12_000);
  const scored: Scored[] = [scoreOurs(runs)];
  const skipped: { name: string; why: string }[] = [];
  for (const peer of peers) {
    console.error(`scoring by ${peer.name}`);
    const found = scorePeer(peer, runs);
    if (typeof found === 'string') skipped.push({ name: peer.name, why: found });
    else scored.push(found);
  }
  for (const { name, why } of skipped) console.error(`${name} is left out: ${why}`);
  const table = changes.map(({ name }) => ({ change: name, ...delaysOf(name, scored) }));
  const ranks = meanRanks(table.map(({ median: delays }) => delays));
  const isMet =
    table.every(({ ratio }) => ratio <= 1.25) &&
    Object.entries(ranks).every(([name, rank]) => name === 'plimsoll' || rank >= (ranks['plimsoll'] ?? Infinity));
  if (json)
    console.log(
      JSON.stringify(
        {
          bench: 'drift-peers',
          windowsPerAlarm,
          skipped,
          falseAlarms: scored.map(({ name, falseAlarms }) => ({ name, falseAlarms })),
          delays: table,
          ranks,
          met: isMet,
        },
        null,
        2,
      ),
    );
  else for (const line of linesOf(scored, table, ranks, isMet)) console.log(line);
  return skipped.length === peers.length ? 3 : isMet ? 0 : 1;
}

function drawRuns(each: number, heldWindows: number): Runs {
  const random = seededRandom(2_026);
  const parts = 4;
  return {
    nulls: nulls.map((stream) => ({ stream: stream.name, windows: drawNull(random, stream, historyWindows + 300) })),
    held: Array.from({ length: parts }, () => drawWindows(random, historyWindows + heldWindows / parts, null, 0)),
    changed: changes.flatMap((change) =>
      Array.from({ length: each }, () => ({
        change: change.name,
        windows: drawWindows(
          random,
          historyWindows + quietWindows + delayAtMost,
          change,
          historyWindows + quietWindows,
        ),
      })),
    ),
  };
}

function scorePeer(peer: (typeof peers)[number], { nulls: still, held, changed }: Runs): Scored | string {
  const all = [...still.map(({ windows }) => windows), ...held, ...changed.map(({ windows }) => windows)];
  const found = scoreByPeer(
    peer,
    all.map((windows) => asPeerRun(windows, historyWindows)),
    (line) => console.error(line),
  );
  if (typeof found === 'string') return found;
  const ofNulls = found.slice(0, still.length);
  const ofHeld = found.slice(still.length, still.length + held.length).flat();
  const sorted = ofHeld.map(({ score }) => score).sort((a, b) => b - a);
  const limit = sorted[Math.floor(ofHeld.length / windowsPerAlarm)] ?? Infinity;
  const firstAbove = (scores: readonly PeerScore[]): number => {
    const at = scores.findIndex(({ score }, window) => window >= quietWindows && score > limit);
    return at < 0 ? delayAtMost : at - quietWindows + 1;
  };
  const ofChanged = found.slice(still.length + held.length);
  return {
    name: peer.name,
    falseAlarms: Object.fromEntries(
      still.map(({ stream }, at) => [stream, shareOf(ofNulls[at] ?? [], ({ alarm }) => alarm)]),
    ),
    delays: groupDelays(changed.map(({ change }, at) => [change, firstAbove(ofChanged[at] ?? [])])),
  };
}

const features: readonly ControlFeature[] = [
  { name: 'x', group: 'x', kind: 'numeric' },
  { name: 'c', group: 'c', kind: 'category' },
];

function scoreOurs({ nulls: still, held, changed }: Runs): Scored {
  const ofHeld = held.map((windows) => watchWindows(windows));
  const alarmsAt = (limit: number): number => ofHeld.reduce((sum, steps) => sum + alarmsOf(steps, limit).length, 0);
  const wanted = ofHeld.reduce((sum, { length }) => sum + length, 0) / windowsPerAlarm;
  let [low, high] = [0, 40];
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (alarmsAt(Math.exp(middle)) > wanted) low = middle;
    else high = middle;
  }
  const limit = Math.exp(high);
  const delays = changed.map(({ change, windows }): [string, number] => {
    const found = alarmsOf(watchWindows(windows), limit).find((at) => at >= quietWindows);
    return [change, found === undefined ? delayAtMost : found - quietWindows + 1];
  });
  return {
    name: 'plimsoll',
    falseAlarms: Object.fromEntries(
      still.map(({ stream, windows }) => {
        const steps = watchWindows(windows);
        return [stream, alarmsOf(steps, windowsPerAlarm).length / steps.length];
      }),
    ),
    delays: groupDelays(delays),
  };
}

/** What each window after the history multiplies, with the weight of each stake. */
interface Step {
  readonly weights: readonly number[];
  readonly multipliers: readonly number[];
}

function watchWindows(rows: readonly PeerRows[]): readonly Step[] {
  const windows = rows.map(tallyWindow);
  let series: readonly WatchedSeries[] = features.flatMap((feature) =>
    chooseSeries(feature, windows.slice(0, historyWindows)),
  );
  const terms = seriesTerms(series, splitWeights([], features));
  const weights = terms.flatMap(({ weight, stakes }) => Array.from({ length: stakes }, () => weight / stakes));
  return windows.slice(historyWindows).map((window) => {
    const step = stepSeries(series, window);
    series = step.series;
    return { weights, multipliers: terms.flatMap(({ id }) => step.multipliers[id] ?? []) };
  });
}

/** The windows at which capital reaches `limit`, where each window gives out a capital of 1. */
function alarmsOf(steps: readonly Step[], limit: number): readonly number[] {
  const alarms: number[] = [];
  let capital: number[] = [];
  for (const [at, { weights, multipliers }] of steps.entries()) {
    capital = weights.map((weight, stake) => ((capital[stake] ?? 0) + weight) * (multipliers[stake] ?? 1));
    if (capital.reduce((sum, each) => sum + each, 0) < limit) continue;
    alarms.push(at);
    capital = [];
  }
  return alarms;
}

function tallyWindow({ x, c }: PeerRows, index: number): DriftWindow {
  let open = emptyWindow;
  for (const [row, value] of x.entries()) open = addToWindow(open, features, { x: value, c: c[row] ?? null }, index);
  return { number: index + 1, fromMs: index, toMs: index, rows: rowsOfWindow, tallies: open.tallies };
}

const shareOf = <T>(list: readonly T[], holds: (one: T) => boolean): number =>
  list.filter(holds).length / Math.max(1, list.length);

function groupDelays(found: readonly (readonly [string, number])[]): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    changes.map(({ name }) => [name, found.filter(([change]) => change === name).map(([, delay]) => delay)]),
  );
}

function delaysOf(change: string, scored: readonly Scored[]) {
  const medians = Object.fromEntries(scored.map(({ name, delays }) => [name, median(delays[change] ?? [])]));
  const best = Math.min(...Object.values(medians));
  return { median: medians, best, ratio: (medians['plimsoll'] ?? Infinity) / best };
}

/** The mean place of each program over the changes; programs that tie share their places. */
function meanRanks(rows: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const ranks: Record<string, number> = {};
  for (const row of rows) {
    for (const [name, delay] of Object.entries(row)) {
      const others = Object.values(row);
      const rank =
        others.filter((each) => each < delay).length + (others.filter((each) => each === delay).length + 1) / 2;
      ranks[name] = (ranks[name] ?? 0) + rank / rows.length;
    }
  }
  return ranks;
}

function linesOf(
  scored: readonly Scored[],
  table: readonly (ReturnType<typeof delaysOf> & { readonly change: string })[],
  ranks: Readonly<Record<string, number>>,
  isMet: boolean,
): readonly string[] {
  const names = scored.map(({ name }) => name);
  const head = (first: string): readonly string[] => [
    `| ${first} | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---|').join('')}`,
  ];
  const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
  return [
    `windows with an alarm by default where nothing changes; one in ${windowsPerAlarm} is ${percent(1 / windowsPerAlarm)}`,
    '',
    ...head('stream'),
    ...nulls.map(
      ({ name }) => `| ${name} | ${scored.map(({ falseAlarms }) => percent(falseAlarms[name] ?? 0)).join(' | ')} |`,
    ),
    '',
    `windows until a change is found (median; ${delayAtMost}: not found), all calibrated to one alarm in ${windowsPerAlarm} windows`,
    '',
    ...head('change'),
    ...table.map(({ change, median: delays }) => `| ${change} | ${names.map((name) => delays[name]).join(' | ')} |`),
    `| mean rank | ${names.map((name) => (ranks[name] ?? 0).toFixed(2)).join(' | ')} |`,
    '',
    `aim, at most 1.25 times the best on each and the best mean rank: ${isMet ? 'met' : 'missed'}`,
  ];
}
