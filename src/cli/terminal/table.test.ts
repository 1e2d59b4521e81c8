import { describe, expect, it } from 'vitest';
import { alignedTable } from './table.ts';

describe('an aligned table', () => {
  it('is as wide as its widest cell in each column but the last', () => {
    expect(
      alignedTable(
        [
          ['a', 'bb', 'c'],
          ['aaa', 'b', 'a long last cell'],
        ],
        '  ',
      ),
    ).toEqual(['  a    bb  c', '  aaa  b   a long last cell']);
  });
  it('does not count colours, and leaves no space at the end', () => {
    expect(
      alignedTable([
        ['\u001b[32mok\u001b[39m', 'x'],
        ['fail', ''],
      ]),
    ).toEqual(['\u001b[32mok\u001b[39m    x', 'fail']);
  });
  it('of nothing is nothing', () => expect(alignedTable([])).toEqual([]));
});
