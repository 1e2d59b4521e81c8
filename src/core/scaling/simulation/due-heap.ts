/** What waits in a `DueHeap`; the heap alone writes `heapIndex`. */
export interface Due {
  /** Moment of its next event, milliseconds; Infinity for none. */
  dueMs: number;
  /** Decides between equal moments: the lower number first. */
  readonly order: number;
  /** Where it stands in the heap; -1 outside. */
  heapIndex: number;
}

/**
 * Binary heap of things that each have one next event, so that it holds as many entries as there are things, and not as
 * there are events. Each operation takes O(log n) comparisons.
 */
export class DueHeap<T extends Due> {
  readonly #entries: T[] = [];

  /** The one whose event is next; null when the heap is empty. */
  get next(): T | null {
    return this.#entries[0] ?? null;
  }

  add(entry: T): void {
    entry.heapIndex = this.#entries.length;
    this.#entries.push(entry);
    this.#rise(entry.heapIndex);
  }

  /** To be called after `dueMs` of an entry has changed. */
  moved(entry: T): void {
    const index = entry.heapIndex;
    this.#rise(index);
    if (entry.heapIndex === index) this.#sink(index);
  }

  remove(entry: T): void {
    const index = entry.heapIndex;
    const last = this.#entries.pop() as T;
    entry.heapIndex = -1;
    if (last === entry) return;
    this.#entries[index] = last;
    last.heapIndex = index;
    this.moved(last);
  }

  #rise(from: number): void {
    const entries = this.#entries;
    const entry = entries[from] as T;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = entries[parentIndex] as T;
      if (!isBefore(entry, parent)) break;
      entries[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }

  #sink(from: number): void {
    const entries = this.#entries;
    const count = entries.length;
    const entry = entries[from] as T;
    let index = from;
    for (let childIndex = 2 * index + 1; childIndex < count; childIndex = 2 * index + 1) {
      let child = entries[childIndex] as T;
      const right = entries[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!isBefore(child, entry)) break;
      entries[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
