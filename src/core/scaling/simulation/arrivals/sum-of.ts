import type { Arrival, Arrivals } from '../world.ts';

/** All of them together, in the order of their times; of equal moments the first of the list first. */
export function sumOf(parts: readonly Arrivals[]): Arrivals {
  return function* () {
    const iterators = parts.map((part) => part());
    const heads = iterators.map((iterator) => nextOf(iterator));
    for (;;) {
      let least: Arrival | null = null;
      let from = 0;
      for (const [index, head] of heads.entries()) {
        if (head !== null && (least === null || head.atMs < least.atMs)) [least, from] = [head, index];
      }
      if (least === null) return;
      yield least;
      heads[from] = nextOf(iterators[from] as Iterator<Arrival>);
    }
  };
}

function nextOf(iterator: Iterator<Arrival>): Arrival | null {
  const next = iterator.next();
  return next.done === true ? null : next.value;
}
