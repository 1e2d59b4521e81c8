import { SourceLines } from '../contract/source-lines.ts';

export interface JsonBounds {
  readonly depth: number;
  /** Lists, objects and their members together. */
  readonly values: number;
}

export interface JsonExcess {
  readonly message: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/**
 * The place where a JSON text leaves the bounds; null where it does not. One pass over the characters that builds nothing,
 * to be made before `JSON.parse`: a million of `[` parses, and whatever walks the value then runs out of stack.
 */
export function findJsonExcess(text: string, bounds: JsonBounds): JsonExcess | null {
  let [depth, values] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at);
    else if (code === openBracket || code === openBrace) {
      depth += 1;
      values += 1;
      if (depth > bounds.depth) return excess(text, at, `nested deeper than ${bounds.depth} levels`);
    } else if (code === closeBracket || code === closeBrace) depth -= 1;
    else if (code === comma) values += 1;
    if (values > bounds.values) return excess(text, at, `more than ${bounds.values} values`);
  }
  return null;
}

const [openBracket, closeBracket, openBrace, closeBrace, quote, backslash, comma] = [
  0x5b, 0x5d, 0x7b, 0x7d, 0x22, 0x5c, 0x2c,
];

/** The closing quote; the end of the text where there is none, which is for the parser to say. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at += 1;
  }
  return text.length;
}

function excess(text: string, offset: number, message: string): JsonExcess {
  const { line, column } = new SourceLines(text).place(offset, offset + 1);
  return { message, line, column };
}
