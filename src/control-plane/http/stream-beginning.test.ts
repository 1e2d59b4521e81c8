import { describe, expect, it } from 'vitest';
import { EventStreams } from './event-streams.ts';

describe('what a stream begins with', () => {
  /** Reads 1, 2, ..., and sends an event while it does, the first so many times. */
  const readings = (streams: EventStreams, event: string, times: number) => {
    let count = 0;
    return async (): Promise<number> => {
      count += 1;
      await Promise.resolve();
      if (count <= times) streams.send({ event, data: count });
      return count;
    };
  };

  it.each([
    ['once where nothing is sent meanwhile', 'view', 0, 1],
    ['once where another event is sent meanwhile', 'signals', 1, 1],
    ['anew where its event is sent meanwhile: nobody would send that one again', 'view', 1, 2],
    ['three times at most', 'view', 9, 3],
  ])('is read %s', async (_, event, times, expected) => {
    const streams = new EventStreams();
    expect(await streams.readBetween('view', readings(streams, event, times))).toBe(expected);
    streams.close();
  });
});
