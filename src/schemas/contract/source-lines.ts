/** Longest part of a line that is shown around a problem. */
const shownCharacters = 120;

export interface SourcePlace {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters (code points), as editors count them. */
  readonly column: number;
  readonly length: number;
  readonly source: string;
  readonly sourceColumn: number;
}

/** Turns offsets of a text into lines and columns. */
export class SourceLines {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  /** The place of a range; what reaches beyond the end of its first line is cut off there. */
  place(start: number, end: number): SourcePlace {
    const index = this.#lineIndex(Math.min(start, this.#text.length));
    const lineStart = this.#starts[index] ?? 0;
    const lineEnd = this.#lineEnd(index);
    const column = this.#charactersIn(lineStart, start) + 1;
    const length = Math.max(1, this.#charactersIn(start, Math.min(end, lineEnd)));
    return { line: index + 1, column, length, ...this.#clip(lineStart, lineEnd, column) };
  }

  /** Without the line break. */
  #lineEnd(index: number): number {
    const next = this.#starts[index + 1];
    if (next === undefined) return this.#text.length;
    return this.#text[next - 2] === '\r' ? next - 2 : next - 1;
  }

  /** Counted in place: a line may be a mebibyte long, and copying it into a list takes thirty times its size. */
  #charactersIn(start: number, end: number): number {
    let count = 0;
    for (let at = start; at < Math.min(end, this.#text.length); at = this.#after(at)) count += 1;
    return count;
  }

  #after(at: number): number {
    return at + ((this.#text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
  }

  #clip(lineStart: number, lineEnd: number, column: number): { source: string; sourceColumn: number } {
    const characters = this.#charactersIn(lineStart, lineEnd);
    if (characters <= shownCharacters) return { source: this.#text.slice(lineStart, lineEnd), sourceColumn: column };
    const first = Math.max(0, Math.min(column - 40, characters - shownCharacters));
    let from = lineStart;
    for (let skipped = 0; skipped < first; skipped += 1) from = this.#after(from);
    let to = from;
    for (let shown = 0; shown < shownCharacters; shown += 1) to = this.#after(to);
    const [before, after] = [first > 0 ? '...' : '', first + shownCharacters < characters ? '...' : ''];
    return { source: `${before}${this.#text.slice(from, to)}${after}`, sourceColumn: column - first + before.length };
  }

  #lineIndex(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
