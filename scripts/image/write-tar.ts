import type { ImageEntry } from './image-entry.ts';

const blockBytes = 512;
const typeOf = { file: '0', link: '2', folder: '5' } as const;

/**
 * A tar archive of POSIX.1-2001 (ustar with pax records for long names). Times are 0, and names of owners are empty: the
 * bytes depend on the entries alone. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export function* writeTar(entries: readonly ImageEntry[]): Generator<Uint8Array> {
  for (const entry of entries) {
    const content = entry.content();
    const name = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
    const target = entry.target ?? '';
    const records = [...longRecord('path', name), ...longRecord('linkpath', target)].join('');
    if (records !== '') {
      const pax = Buffer.from(records);
      yield header({ name: 'pax', type: 'x', mode: 0o644, owner: 0, bytes: pax.length, target: '' });
      yield* padded(pax);
    }
    const { mode, owner = 0, kind } = entry;
    yield header({
      name: shortened(name),
      type: typeOf[kind],
      mode,
      owner,
      bytes: content.length,
      target: shortened(target),
    });
    yield* padded(content);
  }
  yield new Uint8Array(2 * blockBytes);
}

const fits = (text: string): boolean => Buffer.byteLength(text) <= 100;
const shortened = (text: string): string => (fits(text) ? text : Buffer.from(text).subarray(0, 100).toString('latin1'));

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function longRecord(key: string, value: string): readonly string[] {
  if (fits(value)) return [];
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const length = [1, 2, 3, 4, 5].map((digits) => bytes + digits).find((all, at) => String(all).length === at + 1);
  return [`${length}${rest}`];
}

interface Header {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly owner: number;
  readonly bytes: number;
  readonly target: string;
}

function header({ name, type, mode, owner, bytes, target }: Header): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, digits: number): void => {
    block.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  };
  const encoding = type === 'x' || !isAscii(name) ? 'utf8' : 'latin1';
  block.write(name, 0, 100, encoding);
  octal(mode, 100, 7);
  octal(owner, 108, 7);
  octal(owner, 116, 7);
  octal(bytes, 124, 11);
  octal(0, 136, 11);
  block.fill(' ', 148, 156);
  block.write(type, 156, 'latin1');
  block.write(target, 157, 100, 'utf8');
  block.write('ustar\u000000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  block.write('\0 ', 154, 'latin1');
  return block;
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

function* padded(content: Uint8Array): Generator<Uint8Array> {
  if (content.length > 0) yield content;
  const rest = content.length % blockBytes;
  if (rest > 0) yield new Uint8Array(blockBytes - rest);
}
