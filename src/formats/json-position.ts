/**
 * Where text stops being JSON, and what was expected there; null when all of it is. The engine's own messages name no place
 * for some errors, so this walks the grammar of RFC 8259 once more, without recursion, over a text that failed.
 */
export function jsonErrorPosition(text: string): { readonly offset: number; readonly expected: string } | null {
  const open: ('object' | 'array')[] = [];
  let at = skipSpace(text, 0);
  /** What may come next. */
  let state: 'value' | 'first-key' | 'key' | 'first-item' | 'after' = 'value';
  for (;;) {
    const character = text[at];
    switch (state) {
      case 'first-key':
      case 'key': {
        if (state === 'first-key' && character === '}') {
          open.pop();
          at += 1;
          state = 'after';
          break;
        }
        if (character !== '"') return { offset: at, expected: 'a key in double quotes' };
        const end = stringEnd(text, at);
        if (typeof end !== 'number') return end;
        const colon = skipSpace(text, end);
        if (text[colon] !== ':') return { offset: colon, expected: 'a colon' };
        at = colon + 1;
        state = 'value';
        break;
      }
      case 'first-item':
      case 'value': {
        if (state === 'first-item' && character === ']') {
          open.pop();
          at += 1;
          state = 'after';
        } else if (character === '{' || character === '[') {
          open.push(character === '{' ? 'object' : 'array');
          state = character === '{' ? 'first-key' : 'first-item';
          at += 1;
        } else {
          const end = character === '"' ? stringEnd(text, at) : scalarEnd(text, at);
          if (typeof end !== 'number') return end;
          at = end;
          state = 'after';
        }
        break;
      }
      case 'after': {
        const inside = open.at(-1);
        if (inside === undefined) return at === text.length ? null : { offset: at, expected: 'the end of the line' };
        const close = inside === 'object' ? '}' : ']';
        if (character === close) open.pop();
        else if (character !== ',') return { offset: at, expected: `a comma or ${close}` };
        else state = inside === 'object' ? 'key' : 'value';
        at += 1;
      }
    }
    at = skipSpace(text, at);
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text[at] ?? '')) at += 1;
  return at;
}

type Misplaced = { readonly offset: number; readonly expected: string };

function stringEnd(text: string, start: number): number | Misplaced {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') return at + 1;
    if (character < ' ') return { offset: at, expected: 'no control character in a text' };
    if (character !== '\\') continue;
    const escape = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6));
    if (escape === null) return { offset: at, expected: 'an escape that JSON has' };
    at += escape[0].length - 1;
  }
  return { offset: text.length, expected: 'the closing double quote' };
}

const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

function scalarEnd(text: string, start: number): number | Misplaced {
  scalar.lastIndex = start;
  return scalar.test(text) ? scalar.lastIndex : { offset: start, expected: 'a value' };
}
