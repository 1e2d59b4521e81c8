/** What is left of CPU and memory after some replicas are placed, and what they are worth. */
export interface Partial {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gainNano: number;
  /** Replicas of each class with a limit; see `NodeLimits`. */
  readonly used: readonly number[];
}

/**
 * Returns the elements that no other one beats or equals in CPU left, memory left and worth; of equal ones the first.
 * `losesAtMost` says whether the first of two may still gain at most so much less than the second, because it has used up more of
 * some limits.
 */
export function keepUndominated<T>(
  elements: readonly T[],
  partialOf: (element: T) => Partial,
  losesAtMost: (one: readonly number[], other: readonly number[], nano: number) => boolean,
): readonly T[] {
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
      ({ cpuMilli, memoryMib, gainNano, used }) =>
        cpuMilli >= partial.cpuMilli &&
        memoryMib >= partial.memoryMib &&
        losesAtMost(used, partial.used, gainNano - partial.gainNano),
    );
    if (beaten) return [];
    kept.push(partial);
    return [element];
  });
}

/**
 * Returns `atMost` of the elements, and how far a dropped one could reach: 0 where none is dropped. Half of them are those that
 * reach furthest. The others are spread over the CPU that is left, so that dear and cheap ones can still be combined.
 */
export function keepFurthest<T>(
  elements: readonly T[],
  reachNano: (element: T) => number,
  cpuLeft: (element: T) => number,
  atMost: number,
): { readonly kept: readonly T[]; readonly droppedNano: number } {
  if (elements.length <= atMost) return { kept: elements, droppedNano: 0 };
  const sorted = elements
    .map((element) => ({ element, nano: reachNano(element), cpu: cpuLeft(element) }))
    .sort((a, b) => b.nano - a.nano);
  const furthest = sorted.slice(0, Math.ceil(atMost / 2));
  const rest = sorted.slice(furthest.length).sort((a, b) => a.cpu - b.cpu);
  const wanted = atMost - furthest.length;
  const isSpread = (at: number): boolean =>
    Math.floor(((at + 1) * wanted) / rest.length) > Math.floor((at * wanted) / rest.length);
  const kept = [...furthest, ...rest.filter((_, at) => isSpread(at))];
  const droppedNano = rest.reduce((most, { nano }, at) => (isSpread(at) ? most : Math.max(most, nano)), 0);
  return { kept: kept.map(({ element }) => element), droppedNano };
}
