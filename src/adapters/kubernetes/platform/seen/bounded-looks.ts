/** Looks that run beside a turn: of each key one at a time, and of all keys at most so many. */
export class BoundedLooks {
  readonly #mostAtOnce: number;
  readonly #running = new Set<string>();

  constructor(mostAtOnce: number) {
    this.#mostAtOnce = mostAtOnce;
  }

  /** Begins a look where there is room for one of this key, and returns at once. A look that fails is over. */
  begin(key: string, look: () => Promise<unknown>): void {
    if (!this.hasRoom(key)) return;
    this.#running.add(key);
    void look().finally(() => this.#running.delete(key));
  }

  hasRoom(key: string): boolean {
    return this.#running.size < this.#mostAtOnce && !this.#running.has(key);
  }
}
