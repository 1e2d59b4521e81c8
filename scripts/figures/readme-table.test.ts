import prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { parseFigures, figuresText, type FigureDefinition, type RecordedFigure } from './figure.ts';
import { withFigures } from './readme-table.ts';

const figure: RecordedFigure = {
  text: '1.39 times, 3.57 times',
  values: { helpRatio: 1.39, checkRatio: 3.57 },
  met: true,
  commit: 'abcdef0',
  date: '2026-11-24',
  cores: 2,
  load: { before: 0.4, after: 1.2 },
  sources: `sha256:${'a'.repeat(64)}`,
};
const definitions: readonly FigureDefinition[] = [
  { id: 'start', what: 'start | of `check`', command: 'npm run bench -- cli', aim: '4', sources: [], bench: null },
  { id: 'kills', what: 'a replica killed', command: 'npm run test:faults', aim: null, sources: [], bench: null },
];
const readme = [
  '# Name',
  '',
  '<!-- figures: written by npm run generate from bench/figures.json -->',
  '',
  'what stood here',
  '',
  '<!-- end of figures -->',
  '',
  'the rest',
  '',
].join('\n');

describe('the table of the README', () => {
  it('stands between its comments, in the form that prettier keeps', async () => {
    const figures = { start: figure, kills: { ...figure, met: false, missed: 'missed by one' } };
    const text = withFigures(readme, definitions, figures);
    expect(text).toContain(
      String.raw`| start \| of ${'`check`'} | ${'`npm run bench -- cli`'} | 1.39 times, 3.57 times | 4: met        | 2026-11-24 |`,
    );
    expect(text).toContain('| missed by one | 2026-11-24 |');
    expect(text).not.toContain('what stood here');
    expect(text.endsWith('\n\nthe rest\n')).toBe(true);
    expect(await prettier.format(text, { parser: 'markdown' })).toBe(text);
    expect(withFigures(text, definitions, figures)).toBe(text);
  });

  it('is not made without a figure that it needs, nor without its comments', () => {
    expect(() => withFigures(readme, definitions, { start: figure })).toThrow('no figure is recorded for kills');
    expect(() => withFigures('# Name\n', definitions, {})).toThrow('lost the comments');
  });
});

describe('the file of figures', () => {
  it('keeps what is in the table, in its order', () => {
    const text = figuresText({ kills: figure, start: figure }, definitions);
    expect(Object.keys(parseFigures(text))).toEqual(['start', 'kills']);
    expect(parseFigures(text)['start']).toEqual(figure);
  });

  it('is refused with the key that has another form', () => {
    const broken = { start: { ...figure, commit: 'yesterday' } };
    expect(() => parseFigures(JSON.stringify(broken))).toThrow('bench/figures.json: start.commit');
  });
});
