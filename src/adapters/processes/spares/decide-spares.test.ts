import { expect, it } from 'vitest';
import { decideSpares, type CountedSpare } from './decide-spares.ts';

const spare = (spareId: string, more: Partial<CountedSpare> = {}): CountedSpare => ({
  spareId,
  environment: 'prod',
  fits: 'cpu',
  isFree: true,
  isForeign: false,
  ...more,
});
const wanted = (count: number, fits = 'cpu', environment = 'prod') => ({ environment, fits, count });

it.each([
  ['starts what lacks', [spare('a')], [wanted(3)], [3, 3], []],
  ['leaves what is right', [spare('a'), spare('b', { isFree: false })], [wanted(2)], [], []],
  [
    'ends those first that are not free',
    [spare('a', { isFree: false }), spare('b'), spare('c')],
    [wanted(2)],
    [],
    ['a'],
  ],
  ['ends a group that nobody wants', [spare('a', { fits: 'gpu' }), spare('b')], [wanted(1)], [], ['a']],
  ['ends all where none is wanted', [spare('a'), spare('b')], [], [], ['a', 'b']],
  ['replaces one of another program', [spare('a', { isForeign: true })], [wanted(1)], [1], ['a']],
  ['keeps environments apart', [spare('a', { environment: 'dev' })], [wanted(1)], [1], ['a']],
])('%s', (_name, spares, asked, start, end) => {
  const decision = decideSpares(spares, asked);
  expect(decision.start.map(({ count }) => count)).toEqual(start);
  expect(decision.end).toEqual(end);
});
