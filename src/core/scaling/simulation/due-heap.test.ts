import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueHeap, type Due } from './due-heap.ts';

it('has the next event on top, whatever is added, moved and removed', () => {
  const step = fc.tuple(
    fc.constantFrom('add', 'move', 'remove'),
    fc.nat(20),
    fc.constantFrom(0, 1, 2, 3, 5, 8, Infinity),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const heap = new DueHeap<Due>();
      const plain: Due[] = [];
      steps.forEach(([kind, which, dueMs], order) => {
        const entry = plain[which % Math.max(1, plain.length)];
        if (kind === 'add' || entry === undefined) {
          const added = { dueMs, order, heapIndex: -1 };
          plain.push(added);
          heap.add(added);
        } else if (kind === 'move') {
          entry.dueMs = dueMs;
          heap.moved(entry);
        } else {
          plain.splice(plain.indexOf(entry), 1);
          heap.remove(entry);
          expect(entry.heapIndex).toBe(-1);
        }
        const [first = null] = [...plain].sort((a, b) => (a.dueMs === b.dueMs ? a.order - b.order : a.dueMs - b.dueMs));
        expect(heap.next).toBe(first);
      });
    }),
    { numRuns: 300 },
  );
});
