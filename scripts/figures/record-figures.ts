import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { figures } from './figure-table.ts';
import { figuresText, parseFigures, type FigureDefinition, type Measured, type RecordedFigures } from './figure.ts';
import { presentCommit, presentDigests } from './source-digest.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const file = path.join(root, 'bench', 'figures.json');

/** What was measured of one row of the table. */
export interface Recording {
  readonly definition: FigureDefinition;
  readonly measured: Measured;
}

export const readFigures = (): RecordedFigures => parseFigures(readFileSync(file, 'utf8'));

/** Digests of the sources of all figures, by id; null outside a checkout of git. */
export const presentSources = (definitions: readonly FigureDefinition[] = figures): Map<string, string> | null =>
  presentDigests(root, new Map(definitions.map(({ id, sources }) => [id, sources])));

export const presentLoad = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;

/**
 * Writes down what was measured of the sources as they are now.
 * @param loadBefore processes that wanted to run before the measurement began.
 */
export function recordFigures(recordings: readonly Recording[], loadBefore: number): void {
  const present = presentSources();
  if (present === null) throw new Error('figures are recorded in a checkout of git: they name their commit');
  const written = recordings.map(({ definition: { id, sources }, measured }) => {
    const { text, values, met, missed } = measured;
    return [
      id,
      {
        text,
        values,
        met,
        ...(missed === undefined ? {} : { missed }),
        commit: presentCommit(root, sources),
        date: new Date().toISOString().slice(0, 10),
        cores: availableParallelism(),
        load: { before: loadBefore, after: presentLoad() },
        sources: present.get(id) ?? '',
      },
    ] as const;
  });
  writeFileSync(file, figuresText({ ...readFigures(), ...Object.fromEntries(written) }, figures));
}
