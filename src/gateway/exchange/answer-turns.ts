/** Smaller pieces go through uncounted: they cost less than counting them. */
const countedFromBytes = 16 * 1024;
/** Of large answers together, in one turn of the event loop: some milliseconds. */
const bytesATurn = 256 * 1024;
/** While others are answered, large answers leave them time between their turns; and they may do more in each. */
const pausedTurns = 1_000;
const pauseMs = 1;
const bytesAPausedTurn = 512 * 1024;
/** What is read of a connection at once. */
export const bytesOfRead = 64 * 1024;

/**
 * Lets large answers take turns in the event loop. Without it a turn reads up to 2 MB from each replica's connection that has them
 * (libuv reads 32 times before it looks at the next one), and beside 150 large answers a small one waits for 300 MB, several times.
 *
 * Where small answers pass as well, a pause follows each turn: replica, gateway and clients share the cores of a machine, and
 * large answers without a pause take all of them. The last small answer counts for 1,000 turns, a second or more.
 */
export class AnswerTurns {
  readonly #nextTurn: (begin: () => void) => void;
  readonly #pausedTurn: (begin: () => void) => void;
  #leftBytes = bytesATurn;
  #leftPauses = 0;
  readonly #waiting: (() => void)[] = [];
  #isDue = false;

  /**
   * @param nextTurn calls what it is given once the event loop has looked at everything else; `setImmediate`.
   * @param pausedTurn calls what it is given after a pause of a millisecond.
   */
  constructor(
    nextTurn: (begin: () => void) => void = setImmediate,
    pausedTurn: (begin: () => void) => void = (begin) => void setTimeout(begin, pauseMs),
  ) {
    this.#nextTurn = nextTurn;
    this.#pausedTurn = pausedTurn;
  }

  /** A piece of an answer passes, of any size. */
  note(bytes: number): void {
    if (bytes < countedFromBytes) this.#leftPauses = pausedTurns;
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
    if (this.#leftPauses === 0) {
      this.#nextTurn(() => this.#begin(bytesATurn));
      return;
    }
    this.#leftPauses -= 1;
    this.#pausedTurn(() => this.#begin(bytesAPausedTurn));
  }

  #begin(bytes: number): void {
    // Each of them reads at once: no more than the turn has room for.
    const resumed = this.#waiting.splice(0, bytes / bytesOfRead);
    this.#isDue = false;
    this.#leftBytes = bytes;
    if (this.#waiting.length > 0) this.#askForTurn();
    for (const resume of resumed) resume();
  }
}
