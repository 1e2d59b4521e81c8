import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { formatDuration, readDuration } from '../../core/units/quantity/quantity-duration.ts';
import { readTimeMs, rowAsOf } from '../../core/monitoring/skew/point-in-time.ts';
import { compareSkew, type Skew, type SkewTerms } from '../../core/monitoring/skew/skew.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandInput } from '../command.ts';
import type { SkewColumns, SkewTable } from './skew-rows.ts';
import type { SkewView } from './skew-view.ts';

/** How rows of both files belong together. */
export interface SkewJoin {
  readonly offline: SkewColumns;
  readonly online: SkewColumns;
  /** When all online values were read; null where each row says it, or no times are compared. */
  readonly asOfMs: number | null;
  /** An offline value that is older is missing; null for any age. */
  readonly maxAgeMs: number | null;
}

/**
 * @param view null without `--view`.
 * @throws PlimsollError `option-invalid` (input).
 */
export function readJoin(options: CommandInput['options'], view: SkewView | null): SkewJoin {
  const key = options['key'] === undefined ? (view?.key ?? []) : listOf(options['key']);
  if (key.length === 0) throw optionInvalid('--key names a column', options['key'] ?? 'nothing');
  const named = options['features'] === undefined ? null : listOf(options['features']);
  if (named?.length === 0) throw optionInvalid('--features names a column', options['features']);
  const features = named === null ? (view?.features ?? null) : new Map(named.map((name) => [name, name]));
  const [offlineTime = null, onlineTime = offlineTime, ...more] =
    options['time'] === undefined ? [] : listOf(options['time']);
  if (options['time'] !== undefined && (offlineTime === null || more.length > 0)) {
    throw optionInvalid('--time names one column, or one of each file', options['time']);
  }
  const asOfMs = options['asOf'] === undefined ? null : readTimeMs(options['asOf']);
  if (options['asOf'] !== undefined && asOfMs === null) {
    throw optionInvalid('--as-of is a time such as 2026-11-28T10:00:00Z', options['asOf']);
  }
  const maxAgeMs = maxAgeOf(options['maxAge']) ?? (offlineTime === null ? null : (view?.maxAgeMs ?? null));
  if (offlineTime === null && (asOfMs !== null || maxAgeMs !== null)) {
    throw optionInvalid('--as-of and --max-age need --time, which names the column of the offline times', 'no --time');
  }
  return {
    offline: { key, features, time: offlineTime },
    online: { key, features, time: asOfMs === null ? onlineTime : null },
    asOfMs,
    maxAgeMs,
  };
}

function maxAgeOf(written: unknown): number | null {
  if (written === undefined) return null;
  const age = readDuration(String(written));
  if (!age.ok || age.value <= 0) throw optionInvalid('--max-age is a duration such as 2d', written);
  return age.value;
}

/** Without times one row an entity; with times the offline row that was valid at the time of each online row. */
export function compareTables(offline: SkewTable, online: SkewTable, join: SkewJoin, terms: SkewTerms): Skew {
  requireFeatures(offline, online, join);
  const comparison = compareSkew({ offline: offline.columns, online: online.columns }, terms);
  const isTimed = join.offline.time !== null;
  for (const [id, rows] of online.rows) {
    const history = offline.rows.get(id);
    if (history === undefined) comparison.add(id, null, rows[0]?.row ?? {});
    else {
      comparison.addTimes(
        rows.map(({ atMs: rowAtMs, row }) => {
          const atMs = join.asOfMs ?? rowAtMs;
          const key = isTimed ? `${id} at ${new Date(atMs).toISOString()}` : id;
          return { key, offline: rowAsOf(history, atMs, join.maxAgeMs) ?? {}, online: row };
        }),
      );
    }
  }
  for (const [id, rows] of offline.rows) if (!online.rows.has(id)) comparison.add(id, rows[0]?.row ?? {}, null);
  return comparison.judge();
}

/** A feature that was asked for and is in neither file would be compared with nothing. */
function requireFeatures(offline: SkewTable, online: SkewTable, join: SkewJoin): void {
  const present = new Set([...offline.columns, ...online.columns]);
  const missing = [...new Set(join.offline.features?.values())].filter((name) => !present.has(name));
  if (missing.length === 0) return;
  throw new PlimsollError({
    code: 'skew-feature-missing',
    category: 'input',
    message: `neither file has a column of the feature ${missing.slice(0, 10).join(', ')}`,
    next: 'export these features as well, or name those to compare: --features A,B',
  });
}

/** `, joined by the time in event_timestamp, values of at most 2d`. */
export function joinWords({ offline, online, asOfMs, maxAgeMs }: SkewJoin): string {
  if (offline.time === null) return '';
  const at = asOfMs === null ? `at the times in ${online.time ?? ''}` : `at ${new Date(asOfMs).toISOString()}`;
  return `, ${at}${maxAgeMs === null ? '' : `, offline values of at most ${formatDuration(maxAgeMs)}`}`;
}

const listOf = (written: unknown): readonly string[] =>
  String(written)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

export function optionInvalid(what: string, value: unknown): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${what}, not \`${String(value)}\``,
    next: nextStep(cliSteps, 'option-invalid/drift-skew-help'),
  });
}
