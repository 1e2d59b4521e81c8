import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import { describeBoundedParser } from '../../testing/contracts/bounded-parser-contract.ts';
import { FakeClock, settled } from '../../testing/fakes/fake-clock.ts';
import { makeBoundedParser } from './bounded-parser.ts';

describeBoundedParser('the worker thread', () => makeBoundedParser({ clock: new FakeClock() }));

describe('a text that means harm to the thread, or comes late', () => {
  const script = new URL('../../testing/rigs/programs/hostile-parser-worker.ts', import.meta.url);
  let clock: FakeClock;
  let parser: BoundedParser;
  beforeEach(() => {
    clock = new FakeClock();
    parser = makeBoundedParser({ clock, script, queue: 3, heapMegabytes: 32 });
  });
  afterEach(() => parser.close());

  const json = (text: string): Promise<unknown> => parser.json(Buffer.from(JSON.stringify(text)), `${text}.json`);
  const untilParsing = async (): Promise<void> => {
    while (clock.sleeping === 0) await settled();
  };

  it('by never ending is ended at the deadline, and the next text is read', async () => {
    const endless = json('forever');
    const next = json('fine');
    await untilParsing();
    await clock.advance(10_000);
    await expect(endless).rejects.toMatchObject({
      code: 'parse-overrun',
      category: 'input',
      message: 'forever.json takes more than 10 s to read',
      details: { limit: 'time' },
    });
    expect(await next).toBe('fine');
  });

  it('by filling the memory ends the thread alone, and the next text is read', async () => {
    await expect(json('memory')).rejects.toMatchObject({
      code: 'parse-overrun',
      message: 'memory.json takes more than 32 MiB of memory to read',
    });
    expect(await json('fine')).toBe('fine');
  });

  it('by breaking the parser is a bug, and the next text is read', async () => {
    await expect(json('fail')).rejects.toMatchObject({ category: 'bug', message: 'the parser broke' });
    expect(await json('fine')).toBe('fine');
  });

  it('is refused while as many wait as may', async () => {
    const waiting = [json('forever'), json('a'), json('b')];
    await expect(json('c')).rejects.toMatchObject({ code: 'parser-busy', category: 'overloaded' });
    await untilParsing();
    await clock.advance(10_000);
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await json('c')).toBe('c');
  });

  it('is read by one thread until none came for a second, then by another', async () => {
    expect([await json('count'), await json('count')]).toEqual([1, 2]);
    await clock.advance(999);
    expect(await json('count')).toBe(3);
    await clock.advance(1_000);
    expect(await json('count')).toBe(1);
  });

  it('holds up no end of the program', async () => {
    const waiting = [json('forever'), json('a')];
    const refused = Promise.allSettled(waiting);
    await untilParsing();
    await parser.close();
    for (const outcome of await refused) expect(outcome).toMatchObject({ reason: { code: 'parser-closed' } });
  });
});
