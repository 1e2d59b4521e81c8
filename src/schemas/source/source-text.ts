export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly line: number;
      readonly facts: { readonly expected: string; readonly found?: string };
    };

/** UTF-8 with or without a byte order mark, of at most `mostBytes`. */
export function decodeText(bytes: Uint8Array, mostBytes: number): DecodedText {
  if (bytes.length > mostBytes) {
    const facts = { expected: `at most ${mostBytes} bytes`, found: `${bytes.length} bytes` };
    return { ok: false, code: 'too-large', message: 'the file is too large', line: 1, facts };
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const { at, line } = firstBadByte(bytes);
    const found = utf16 ? 'UTF-16' : `byte 0x${(bytes[at] ?? 0).toString(16)} at offset ${at}`;
    return {
      ok: false,
      code: 'not-utf8',
      message: 'the file is not UTF-8 text',
      line,
      facts: { expected: 'UTF-8', found },
    };
  }
}

/** Bisects for the longest valid prefix; a prefix that ends inside a character counts as valid (`stream`). */
function firstBadByte(bytes: Uint8Array): { at: number; line: number } {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2);
    if (isPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle - 1;
  }
  const line = bytes.subarray(0, good).reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 1);
  return { at: good, line };
}

function isPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
