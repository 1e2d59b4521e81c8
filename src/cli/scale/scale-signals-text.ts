import type { EngineSignals, ReplicaSignalName } from '../../core/scaling/engine-metrics/engine-signals.ts';
import type { UnknownReason } from '../../core/scaling/engine-metrics/told.ts';
import type { SignalsReport, ToldReplica } from './scale-signals-report.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
const percent = (value: number): string => `${rounded(value * 100)}%`;

/** Signals in the order that they are shown in, and how. */
const shown: readonly (readonly [ReplicaSignalName, string, (value: number) => string])[] = [
  ['queueDepth', 'QUEUE', rounded],
  ['inFlight', 'IN FLIGHT', rounded],
  ['arrivalsPerSecond', 'ARRIVALS/S', rounded],
  ['completionsPerSecond', 'DONE/S', rounded],
  ['serviceMs', 'SERVICE', (value) => `${rounded(value)} ms`],
  ['batchRows', 'BATCH', rounded],
  ['batchFillShare', 'FILL', percent],
  ['acceleratorMemoryShare', 'MEMORY', percent],
];

const because: Readonly<Record<UnknownReason, string>> = {
  'not-exported': 'the engine does not export it',
  missing: 'the metric is not there',
  'not-a-number': 'a value is no finite number',
  impossible: 'a value cannot be: negative, or a share above 1',
  stale: 'the sample is too old',
  'first-reading': 'an increase needs a reading before this one',
  'no-new-sample': 'nothing was scraped in between',
  reset: 'a counter was reset, or the process started anew',
  idle: 'no request in between',
  'limit-unknown': 'the largest batch is not known: --batch-limit ROWS',
};

/** `?` is unknown, and below the table is why; a failed replica is a row of its own words. */
export function signalsLines({ replicas, together, overMs, warnings }: SignalsReport): string {
  const told = replicas.flatMap(({ replicaId, signals }) => (signals === null ? [] : [{ replicaId, signals }]));
  const rows = told.map(({ replicaId, signals }) => [replicaId, signals.engine ?? 'unknown', ...cellsOf(signals)]);
  const all = { ...together, batchRows: null };
  return textOfLines([
    ...(rows.length === 0 ? [] : [`over ${rounded(overMs / 1_000)} s; ? is unknown`]),
    ...(rows.length === 0 ? [] : alignedTable([['REPLICA', 'ENGINE', ...shown.map(([, title]) => title)], ...rows])),
    ...(rows.length < 2 ? [] : [`together: ${summary(all)}`]),
    ...whys(told),
    ...replicas.flatMap(failureLines),
    ...(replicas.length === 0 ? ['no series of a known engine is chosen', 'next: try the selector in the server'] : []),
    ...warnings.map((warning) => `the server says: ${warning}`),
  ]);
}

const cellsOf = (signals: Readonly<Record<ReplicaSignalName, number | null>>): readonly string[] =>
  shown.map(([name, , format]) => {
    const value = signals[name];
    return value === null ? '?' : format(value);
  });

function summary(all: Readonly<Record<ReplicaSignalName, number | null>>): string {
  const cells = cellsOf(all);
  return shown
    .flatMap(([name, title], index) => (name === 'batchRows' ? [] : [`${title.toLowerCase()} ${cells[index]}`]))
    .join(', ');
}

/** One line for each reason of each signal, with the replicas that it is of where it is not of all. */
function whys(told: readonly { readonly replicaId: string; readonly signals: EngineSignals }[]): readonly string[] {
  const byWhy = new Map<string, string[]>();
  for (const { replicaId, signals } of told) {
    for (const [name, title] of shown) {
      const reason = signals.unknown[name];
      if (reason === undefined) continue;
      const why = `  ${title.toLowerCase()}: ${because[reason]}`;
      byWhy.set(why, [...(byWhy.get(why) ?? []), replicaId]);
    }
  }
  return [...byWhy].map(([why, ids]) => (ids.length === told.length ? why : `${why} (${ids.join(', ')})`));
}

function failureLines({ failed }: ToldReplica): readonly string[] {
  return failed === null ? [] : [`${failed.fault}: ${failed.message}`, `next: ${failed.next}`];
}
