import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MetricsReading } from '../../../core/scaling/engine-metrics/reading.ts';
import { parseExposition } from '../../../protocols/prometheus-text/parse-exposition.ts';

const fixtures = path.join(import.meta.dirname, '../../../protocols/prometheus-text/fixtures');

/** An exposition of an engine, as its documentation has it. */
export const engineExposition = (name: string): string => readFileSync(path.join(fixtures, `${name}.txt`), 'utf8');

/** The same with other values: those of the lines that begin so, of which there must be one. */
export function withValues(exposition: string, values: Readonly<Record<string, number | string>>): string {
  const used = new Set<string>();
  const lines = exposition.split('\n').map((line) => {
    const start = Object.keys(values).find((each) => line.startsWith(each));
    if (start === undefined) return line;
    used.add(start);
    return line.replace(/ \S+$/, ` ${values[start]}`);
  });
  const missing = Object.keys(values).filter((start) => !used.has(start));
  if (missing.length > 0) throw new Error(`no line begins with ${missing.join(', ')}`);
  return lines.join('\n');
}

export const readingOf = (exposition: string, readAtMs: number): MetricsReading => ({
  readAtMs,
  samples: parseExposition(exposition).samples,
});
