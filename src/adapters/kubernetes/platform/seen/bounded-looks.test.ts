import { describe, expect, it } from 'vitest';
import { BoundedLooks } from './bounded-looks.ts';

describe('looks beside a turn', () => {
  it('run once for a key, and no more at once than are allowed', async () => {
    const looks = new BoundedLooks(2);
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const begin = (key: string): void =>
      looks.begin(key, () => {
        begun.push(key);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    for (const key of ['a', 'a', 'b', 'c']) begin(key);
    expect(begun).toEqual(['a', 'b']);
    expect([looks.hasRoom('a'), looks.hasRoom('c')]).toEqual([false, false]);
    ends[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect([looks.hasRoom('a'), looks.hasRoom('b'), looks.hasRoom('c')]).toEqual([true, false, true]);
    for (const key of ['b', 'c', 'a']) begin(key);
    expect(begun).toEqual(['a', 'b', 'c']);
  });
});
