const reportsRemembered = 5;
const answersRemembered = 10_000;
const timesSlower = 3;

interface Answers {
  readonly answers: number;
  /** While a request was with the replica. */
  readonly busyMs: number;
}

/** How long answers of one replica take it, by the busy time for each: lately, and usually. */
export class AnswerPace {
  #last: readonly Answers[] = [];
  #all: Answers = { answers: 0, busyMs: 0 };

  /** A report told of answers, and of the busy time since the one before that did. */
  add(answers: number, busyMs: number): void {
    this.#last = [...this.#last, { answers, busyMs }].slice(-reportsRemembered);
    const keptShare = this.#all.answers > answersRemembered ? 0.5 : 1;
    this.#all = {
      answers: keptShare * this.#all.answers + answers,
      busyMs: keptShare * this.#all.busyMs + busyMs,
    };
  }

  /** Of the last answers: the mean, because one long answer among many says nothing of what is queued. 0 where none is known. */
  get answerMs(): number {
    const sum = (of: keyof Answers): number => this.#last.reduce((total, each) => total + each[of], 0);
    return sum('busyMs') / Math.max(1, sum('answers'));
  }

  /** Its last answers took three times as long as usual: how long one takes now was not seen before. */
  get isSlower(): boolean {
    return this.answerMs > (timesSlower * this.#all.busyMs) / Math.max(1, this.#all.answers);
  }
}
