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
    const line = this.#text.slice(lineStart, this.#starts[index + 1] ?? this.#text.length).replace(/\r?\n$/, '');
    const column = [...this.#text.slice(lineStart, start)].length + 1;
    const length = Math.max(1, [...line.slice(start - lineStart, end - lineStart)].length);
    return { line: index + 1, column, length, ...clip(line, column) };
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

function clip(line: string, column: number): { source: string; sourceColumn: number } {
  const characters = [...line];
  if (characters.length <= shownCharacters) return { source: line, sourceColumn: column };
  const first = Math.max(0, Math.min(column - 40, characters.length - shownCharacters));
  const shown = characters.slice(first, first + shownCharacters).join('');
  const [before, after] = [first > 0 ? '...' : '', first + shownCharacters < characters.length ? '...' : ''];
  return { source: `${before}${shown}${after}`, sourceColumn: column - first + before.length };
}
