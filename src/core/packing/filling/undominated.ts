/** What is left of CPU and memory after some replicas are placed, and what they are worth. */
export interface Partial {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gainNano: number;
}

/** Returns the elements that no other one beats or equals in CPU left, memory left and worth; of equal ones the first. */
export function keepUndominated<T>(elements: readonly T[], partialOf: (element: T) => Partial): readonly T[] {
  const kept: Partial[] = [];
  const order = elements
    .map((element) => ({ element, partial: partialOf(element) }))
    .sort(
      (a, b) =>
        b.partial.gainNano - a.partial.gainNano ||
        b.partial.cpuMilli - a.partial.cpuMilli ||
        b.partial.memoryMib - a.partial.memoryMib,
    );
  return order.flatMap(({ element, partial }) => {
    const beaten = kept.some(
      ({ cpuMilli, memoryMib }) => cpuMilli >= partial.cpuMilli && memoryMib >= partial.memoryMib,
    );
    if (beaten) return [];
    kept.push(partial);
    return [element];
  });
}

/** Returns the `atMost` elements that reach furthest, and how far the others could reach: 0 where none is dropped. */
export function keepFurthest<T>(
  elements: readonly T[],
  reachNano: (element: T) => number,
  atMost: number,
): { readonly kept: readonly T[]; readonly droppedNano: number } {
  if (elements.length <= atMost) return { kept: elements, droppedNano: 0 };
  const sorted = elements
    .map((element) => ({ element, nano: reachNano(element) }))
    .sort((a, b) => b.nano - a.nano);
  return { kept: sorted.slice(0, atMost).map(({ element }) => element), droppedNano: sorted[atMost]?.nano ?? 0 };
}
