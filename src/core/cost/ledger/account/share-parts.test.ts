import { expect, test } from 'vitest';
import { shareParts, type Asker } from './share-parts.ts';

const ask = (key: string, asked: number, used: number | null, isDefault = false): Asker => ({
  ...{ key, asked, used, isDefault },
});

test.each([
  ['all fit: each has what it asked for', [ask('a', 500, 2_000), ask('b', 1_000, null)], [500, 1_000], false],
  [
    'who said no number has more of what is free',
    [ask('a', 1_000, 1_700, true), ask('b', 100, 0)],
    [1_700, 100],
    false,
  ],
  [
    'several divide what is free by what they used beyond',
    [ask('a', 500, 2_500, true), ask('b', 500, 1_500, true)],
    [1_167, 833],
    false,
  ],
  [
    'more is asked for: the worked example',
    [ask('a', 1_000, 1_500), ask('b', 1_000, 100), ask('c', 1_000, 0)],
    [1_500, 289, 211],
    true,
  ],
  ['nobody measured: by what they asked for', [ask('a', 3_000, null), ask('b', 1_000, null)], [1_500, 500], true],
  ['more was used than there is', [ask('a', 2_000, 3_000), ask('b', 2_000, 1_000)], [1_500, 500], true],
] as const)('%s', (_name, askers, parts, isOver) => {
  expect(shareParts(2_000, askers)).toEqual({ parts, isOver });
});

test('nobody asks for anything', () => {
  expect(shareParts(2_000, [])).toEqual({ parts: [], isOver: false });
});
