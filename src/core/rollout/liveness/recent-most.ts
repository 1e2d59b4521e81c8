const halfMs = 1_800_000;

/** The most of what was seen in the last half hour to hour, and how often something was seen in it. */
export class RecentMost {
  #sinceMs = -Infinity;
  #now = { most: 0, count: 0 };
  #before = { most: 0, count: 0 };

  add(value: number, nowMs: number): void {
    if (nowMs - this.#sinceMs >= halfMs) {
      const isAdjacent = nowMs - this.#sinceMs < 2 * halfMs;
      this.#before = isAdjacent ? this.#now : { most: 0, count: 0 };
      this.#now = { most: 0, count: 0 };
      this.#sinceMs = nowMs;
    }
    this.#now.most = Math.max(this.#now.most, value);
    this.#now.count += 1;
  }

  get most(): number {
    return Math.max(this.#now.most, this.#before.most);
  }

  get count(): number {
    return this.#now.count + this.#before.count;
  }
}
