const none: readonly never[] = [];

/** Objects by uid, and by a key that several of them share. A change costs what its own group holds, and no more. */
export class GroupedObjects<Kept> {
  readonly #keyOf: (kept: Kept) => string;
  readonly #byUid = new Map<string, Kept>();
  readonly #groups = new Map<string, Map<string, Kept>>();
  /** Made when a group is asked for, and forgotten when the group changes. */
  readonly #lists = new Map<string, readonly Kept[]>();

  constructor(keyOf: (kept: Kept) => string) {
    this.#keyOf = keyOf;
  }

  get byUid(): ReadonlyMap<string, Kept> {
    return this.#byUid;
  }

  /** In the order in which they came. The same array as before while nothing in the group changed. */
  list(key: string): readonly Kept[] {
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const group = this.#groups.get(key);
    // Not kept for a key that nothing has: such keys are as many as pods ever were.
    if (group === undefined) return none;
    const made = [...group.values()];
    this.#lists.set(key, made);
    return made;
  }

  set(uid: string, kept: Kept): void {
    const key = this.#keyOf(kept);
    const before = this.#byUid.get(uid);
    if (before !== undefined && this.#keyOf(before) !== key) this.delete(uid);
    this.#byUid.set(uid, kept);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, new Map([[uid, kept]]));
    else group.set(uid, kept);
    this.#lists.delete(key);
  }

  delete(uid: string): void {
    const before = this.#byUid.get(uid);
    if (before === undefined) return;
    const key = this.#keyOf(before);
    const group = this.#groups.get(key);
    this.#byUid.delete(uid);
    this.#lists.delete(key);
    group?.delete(uid);
    if (group?.size === 0) this.#groups.delete(key);
  }

  clear(): void {
    this.#byUid.clear();
    this.#groups.clear();
    this.#lists.clear();
  }
}
