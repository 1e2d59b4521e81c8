import { expositionError } from './exposition-error.ts';

const nameStart = /[a-zA-Z_:]/;
const nameRest = /[a-zA-Z0-9_:]*/y;
const labelStart = /[a-zA-Z_]/;
const labelRest = /[a-zA-Z0-9_]*/y;
const token = /[^ \t]*/y;
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const named: ReadonlyMap<string, number> = new Map([
  ['inf', Infinity],
  ['infinity', Infinity],
  ['nan', NaN],
]);

/** A decimal number, `NaN`, `Inf`, `+Inf` or `-Inf`, in any case; null for anything else. */
export function numberOf(text: string): number | null {
  const word = named.get(text.replace(/^[+-]/, '').toLowerCase());
  if (word !== undefined) return text.startsWith('-') ? -word : word;
  return decimal.test(text) ? Number(text) : null;
}

/** One line, read from the left. */
export class LineCursor {
  readonly #text: string;
  readonly #line: number;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  /** @throws PlimsollError `metrics-garbage` at the present column, always. */
  fail(message: string): never {
    throw expositionError(message, this.#line, this.#at + 1);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skipBlanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }

  peek(): string {
    return this.#text[this.#at] ?? '';
  }

  takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  word(): string {
    return this.#match(token);
  }

  metricName(): string {
    return this.#name(nameStart, nameRest, 'a metric name');
  }

  labelName(): string {
    return this.#name(labelStart, labelRest, 'a label name');
  }

  /** `"..."` with the escapes `\\`, `\"` and `\n`; a backslash before anything else stands for itself, as servers read it. */
  quoted(): string {
    if (!this.takes('"')) this.fail('a label value begins with `"`');
    let value = '';
    for (;;) {
      const end = this.#nextOf('"', '\\');
      if (end < 0) {
        this.#at = this.#text.length;
        this.fail('the label value does not end');
      }
      value += this.#text.slice(this.#at, end);
      this.#at = end + 1;
      if (this.#text[end] === '"') return value;
      value += this.#escape();
    }
  }

  number(what: string): number {
    const from = this.#at;
    const text = this.word();
    const value = numberOf(text);
    if (value !== null) return value;
    this.#at = from;
    return this.fail(text === '' ? `${what} is missing` : `\`${text.slice(0, 40)}\` is no ${what}`);
  }

  #escape(): string {
    const escaped = this.#text[this.#at] ?? '';
    if (escaped === '') this.fail('the label value does not end');
    this.#at += 1;
    if (escaped === 'n') return '\n';
    return escaped === '\\' || escaped === '"' ? escaped : `\\${escaped}`;
  }

  #nextOf(one: string, other: string): number {
    for (let at = this.#at; at < this.#text.length; at += 1) {
      if (this.#text[at] === one || this.#text[at] === other) return at;
    }
    return -1;
  }

  #name(start: RegExp, rest: RegExp, what: string): string {
    const first = this.peek();
    if (!start.test(first)) this.fail(first === '' ? `${what} is missing` : `\`${first}\` begins no ${what.slice(2)}`);
    return this.#match(rest);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [text = ''] = pattern.exec(this.#text) ?? [];
    this.#at += text.length;
    return text;
  }
}
