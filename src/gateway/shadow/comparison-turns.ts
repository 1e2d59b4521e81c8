/** One comparison at a time in the whole process, and a rest after each: the shadows of all services take turns. */
export class ComparisonTurns {
  readonly #asking: (() => void)[] = [];
  #taken = false;

  /** Calls `begin` in a later turn of the loop, when those that asked before had theirs. It ends with `over`. */
  ask(begin: () => void): void {
    this.#asking.push(begin);
    this.#give();
  }

  /** Nobody has the next turn before the rest is over. */
  over(restMs: number): void {
    setTimeout(() => {
      this.#taken = false;
      this.#give();
    }, restMs).unref();
  }

  #give(): void {
    if (this.#taken) return;
    const begin = this.#asking.shift();
    if (begin === undefined) return;
    this.#taken = true;
    setImmediate(begin);
  }
}
