/** Smaller pieces go through uncounted: they cost less than counting them. */
const countedFromBytes = 16 * 1024;
/** Of large answers together, in one turn of the event loop: some milliseconds. */
const bytesATurn = 256 * 1024;
/** What is read of a connection at once. */
export const bytesOfRead = 64 * 1024;

/**
 * Lets large answers take turns in the event loop. Without it a turn reads up to 2 MB from each replica's connection that has them
 * (libuv reads 32 times before it looks at the next one), and beside 150 large answers a small one waits for 300 MB, several times.
 */
export class AnswerTurns {
  readonly #nextTurn: (begin: () => void) => void;
  #leftBytes = bytesATurn;
  readonly #waiting: (() => void)[] = [];
  #isDue = false;

  /** @param nextTurn calls what it is given once the event loop has looked at everything else; `setImmediate`. */
  constructor(nextTurn: (begin: () => void) => void = setImmediate) {
    this.#nextTurn = nextTurn;
  }

  /** True where more of this answer may be read now; else `resume` is called in the next turn. */
  take(bytes: number, resume: () => void): boolean {
    if (bytes < countedFromBytes) return true;
    this.#askForTurn();
    this.#leftBytes -= bytes;
    if (this.#leftBytes > 0) return true;
    this.#waiting.push(resume);
    return false;
  }

  #askForTurn(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#nextTurn(() => this.#begin());
  }

  #begin(): void {
    // Each of them reads at once: no more than the turn has room for.
    const resumed = this.#waiting.splice(0, bytesATurn / bytesOfRead);
    this.#isDue = false;
    this.#leftBytes = bytesATurn;
    if (this.#waiting.length > 0) this.#askForTurn();
    for (const resume of resumed) resume();
  }
}
