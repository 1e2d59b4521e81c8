/**
 * The parts of a state that a batch of rows made itself, and may change in place. A state is a value that never changes to
 * everybody else: what is not of these is copied first, once for a batch.
 */
export type Drafts = WeakSet<object>;

/** The part itself where the batch made it, else its copy. */
export function draftOf<T extends object, D extends T>(drafts: Drafts, part: T, copy: (part: T) => D): D {
  if (drafts.has(part)) return part as D;
  const draft = copy(part);
  drafts.add(draft);
  return draft;
}
