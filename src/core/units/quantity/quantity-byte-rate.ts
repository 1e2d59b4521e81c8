import { readBytes } from './quantity-bytes.ts';
import { unreadable, type Quantity } from './quantity.ts';

export const byteRateForm = 'bytes a second such as `10MB/s` or `4MiB/s`';

/** Bytes a second: a size of `readBytes` and `/s`. */
export function readByteRate(text: string): Quantity<number> {
  const match = /^(.+?) ?\/ ?(\S+)$/.exec(text.trim());
  if (match === null) return unreadable(byteRateForm, `the time is missing: write \`${text.trim()}/s\``);
  const [, size = '', unit = ''] = match;
  if (unit !== 's') return unreadable(byteRateForm, 'bytes are counted by the second: write `/s`');
  const bytes = readBytes(size);
  return bytes.ok ? bytes : unreadable(byteRateForm, bytes.hint);
}
