import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WaitingQueue } from './waiting-queue.ts';

it('gives requests back in the order in which they came, however long it grows and wherever its ring begins', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 90 })), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (list) => {
      const queue = new WaitingQueue();
      const plain: (readonly [number, number])[] = [];
      let next = 0;
      for (const [pushes, count] of list) {
        for (let index = 0; index < count; index += 1) {
          if (pushes) {
            queue.push(next, -next);
            plain.push([next, -next]);
            next += 1;
          } else if (plain.length > 0) {
            expect([queue.oldestAtMs, queue.oldestWorkMs]).toEqual(plain.shift());
            queue.shift();
          }
          expect(queue.length).toBe(plain.length);
        }
      }
      expect(queue.oldestAtMs).toBe(plain[0]?.[0] ?? Infinity);
    }),
  );
});
