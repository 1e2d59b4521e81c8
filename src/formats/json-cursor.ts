/** The text is not JSON, or not the JSON that was expected here. `offset` is the byte in the text. */
export class JsonCursorError extends Error {
  readonly offset: number;
  constructor(what: string, offset: number) {
    super(what);
    this.name = 'JsonCursorError';
    this.offset = offset;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const depthAtMost = 32;
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket, colon, comma] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x3a, 0x2c,
];

/**
 * Reads JSON whose shape is known, value by value, where `JSON.parse` would build everything first: a header of 100 MB may
 * hold fifty million nested lists, and JSON.parse takes the last of two equal keys without a word.
 */
export class JsonCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#at;
  }

  /** Calls `visit` with each key; `visit` must read or skip the value. */
  object(visit: (key: string) => void): void {
    this.#expect(openBrace, '{');
    if (this.#next() === closeBrace) {
      this.#at += 1;
      return;
    }
    for (;;) {
      const key = this.string();
      this.#expect(colon, ':');
      visit(key);
      if (this.#more(closeBrace, '}')) continue;
      return;
    }
  }

  array(visit: () => void): void {
    this.#expect(openBracket, '[');
    if (this.#next() === closeBracket) {
      this.#at += 1;
      return;
    }
    do visit();
    while (this.#more(closeBracket, ']'));
  }

  string(): string {
    if (this.#next() !== quote) throw new JsonCursorError('text in quotes is expected', this.#at);
    const start = this.#at;
    const escaped = this.#passString();
    try {
      if (escaped) return JSON.parse(decoder.decode(this.#bytes.subarray(start, this.#at))) as string;
      return decoder.decode(this.#bytes.subarray(start + 1, this.#at - 1));
    } catch {
      throw new JsonCursorError('text that is not sound UTF-8 or has a broken escape', start);
    }
  }

  /** A whole number from 0 to 2^53. */
  count(): number {
    const start = this.#skipSpace();
    let value = 0;
    for (let byte = this.#bytes[this.#at]; byte !== undefined && byte >= 0x30 && byte <= 0x39;) {
      value = value * 10 + (byte - 0x30);
      if (!Number.isSafeInteger(value)) throw new JsonCursorError('a number beyond 2^53', start);
      byte = this.#bytes[++this.#at];
    }
    if (this.#at === start) throw new JsonCursorError('a whole number is expected', start);
    const after = this.#bytes[this.#at];
    if (after === 0x2e || after === 0x65 || after === 0x45) {
      throw new JsonCursorError('a whole number is expected, not a fraction', start);
    }
    return value;
  }

  /** A number, true, false or null, as it is written; empty for another value, which is stepped over. */
  word(): string {
    const byte = this.#next();
    const start = this.#at;
    this.skip();
    return byte === openBrace || byte === openBracket || byte === quote ? '' : this.#textFrom(start).slice(0, 64);
  }

  /** Steps over a value of any shape. */
  skip(depth = 0): void {
    if (depth > depthAtMost) throw new JsonCursorError(`more than ${depthAtMost} values inside each other`, this.#at);
    const byte = this.#next();
    if (byte === openBrace) {
      this.object(() => {
        this.skip(depth + 1);
      });
    } else if (byte === openBracket) {
      this.array(() => {
        this.skip(depth + 1);
      });
    } else if (byte === quote) this.#passString();
    else this.#passWord();
  }

  /** @throws JsonCursorError when something other than space follows. */
  end(): void {
    const at = this.#skipSpace();
    if (at < this.#bytes.length) throw new JsonCursorError('something follows the end of the JSON', at);
  }

  /** After a value: true when another follows, false past the closing one. */
  #more(closing: number, written: string): boolean {
    const byte = this.#next();
    if (byte !== comma && byte !== closing) throw new JsonCursorError(`, or ${written} is expected`, this.#at);
    this.#at += 1;
    return byte === comma;
  }

  /** Past a string; whether it holds an escape. */
  #passString(): boolean {
    const start = this.#at;
    let escaped = false;
    for (let at = start + 1; at < this.#bytes.length; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if (byte === quote) {
        this.#at = at + 1;
        return escaped;
      }
      if (byte < 0x20) throw new JsonCursorError('a control character inside text', at);
      if (byte !== backslash) continue;
      escaped = true;
      at += 1;
    }
    throw new JsonCursorError('text without a closing quote', start);
  }

  /** Past a number, true, false or null. */
  #passWord(): void {
    const start = this.#at;
    let plain = true;
    for (let byte = this.#bytes[start]; isWord(byte); byte = this.#bytes[++this.#at]) plain &&= isDigit(byte);
    const length = this.#at - start;
    // Digits are checked without making a text of them: a hostile header has fifty million.
    if (plain && length > 0 && (length === 1 || this.#bytes[start] !== 0x30)) return;
    if (
      length > 64 ||
      !/^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/.test(this.#textFrom(start))
    ) {
      throw new JsonCursorError('a value is expected', start);
    }
  }

  #textFrom(start: number): string {
    return decoder.decode(this.#bytes.subarray(start, this.#at));
  }

  #expect(byte: number, written: string): void {
    if (this.#next() !== byte) throw new JsonCursorError(`${written} is expected`, this.#at);
    this.#at += 1;
  }

  #next(): number | undefined {
    return this.#bytes[this.#skipSpace()];
  }

  #skipSpace(): number {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return this.#at;
      this.#at += 1;
    }
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

const isWord = (byte: number | undefined): boolean =>
  byte !== undefined &&
  (isDigit(byte) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e);
