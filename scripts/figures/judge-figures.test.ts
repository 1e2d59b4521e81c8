import { describe, expect, it } from 'vitest';
import type { FigureDefinition, RecordedFigure } from './figure.ts';
import { figureLines, judgeFigures } from './judge-figures.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const recorded = (sources: string): RecordedFigure => ({
  text: '3.5 times',
  values: {},
  met: true,
  commit: 'abcdef0',
  date: '2026-11-24',
  cores: 2,
  load: null,
  sources,
});
const definition = (id: string, bench: string | null): FigureDefinition => ({
  id,
  what: id,
  command: `measure ${id}`,
  aim: '4',
  sources: ['src'],
  bench: bench === null ? null : { name: bench, args: [], read: () => ({ text: '', values: {}, met: true }) },
});

describe('a figure', () => {
  const definitions = [definition('start', 'cli'), definition('kills', null)];
  const present = new Map([
    ['start', digest('a')],
    ['kills', digest('b')],
  ]);

  it('is fresh as long as its sources are those that were measured', () => {
    const figures = { start: recorded(digest('a')), kills: recorded(digest('b')) };
    const judgement = judgeFigures(definitions, figures, present);
    expect(judgement.states.map(({ state }) => state)).toEqual(['fresh', 'fresh']);
    expect(figureLines(judgement, figures)).toEqual([
      '0 of 2 figures are stale: their sources changed since they were measured',
    ]);
  });

  it('is stale where they changed, and says when it was measured and what measures it again', () => {
    const figures = { start: recorded(digest('c')), kills: recorded(digest('c')) };
    expect(figureLines(judgeFigures(definitions, figures, present), figures)).toEqual([
      '2 of 2 figures are stale: their sources changed since they were measured',
      '  start  2026-11-24 at abcdef0; measure: npm run bench -- cli --record',
      '  kills  2026-11-24 at abcdef0; measure: measure kills, then npm run figures -- record kills TEXT',
    ]);
  });

  it('is an error where it was never recorded, or is recorded and in no table', () => {
    const figures = { start: recorded(digest('a')), gone: recorded(digest('a')) };
    const judgement = judgeFigures(definitions, figures, present);
    expect(judgement.unknown).toEqual(['gone']);
    expect(figureLines(judgement, figures).filter((line) => line.startsWith('error'))).toEqual([
      'error: kills is in the table and was never recorded',
      'error: gone is recorded and in no table',
    ]);
  });
});
