import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FreeSeats, type Seated } from './free-seats.ts';

class Entry implements Seated<Entry> {
  seat = -1;
  nextSeated: Entry | null = null;
  lastSeated: Entry | null = null;
}

it('finds one with the fewest under way, the one that has been so for longest', () => {
  const room = 4;
  const step = fc.tuple(fc.nat(7), fc.integer({ min: -1, max: room - 1 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const seats = new FreeSeats<Entry>(room);
      const entries = Array.from({ length: 8 }, () => new Entry());
      let plain: { entry: Entry; held: number }[] = [];
      for (const [which, held] of steps) {
        const entry = entries[which] as Entry;
        if (plain.find((each) => each.entry === entry)?.held !== held) {
          plain = plain.filter((each) => each.entry !== entry);
          if (held >= 0) plain.push({ entry, held });
        }
        seats.put(entry, held);
        const fewest = Math.min(...plain.map((each) => each.held));
        expect(seats.least()).toBe(plain.find((each) => each.held === fewest)?.entry ?? null);
      }
    }),
    { numRuns: 300 },
  );
});
