import { makeReading, makeUnknown, type Reading } from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile, type KernelText } from '../kernel-file.ts';

/** Above it a number of the kernel is not exact any more. */
const exactAtMost = Number.MAX_SAFE_INTEGER;

/** The text as a whole number of at least 0. */
export function parseCount(text: string | undefined, what: string): Reading {
  if (text === undefined) return makeUnknown(`${what} is not told`);
  if (!/^\d+$/.test(text)) return makeUnknown(`${what} reads ${JSON.stringify(text.slice(0, 40))}`);
  const value = Number(text);
  return value <= exactAtMost ? makeReading(value) : makeUnknown(`${what} is too large to be exact`);
}

/** The fields of `NAME VALUE` lines, as `cpu.stat` and `vmstat` have them. */
export function readFields(read: KernelText): (name: string) => Reading {
  if ('reason' in read) return () => makeUnknown(read.reason);
  const fields = new Map(
    read.text.split('\n').map((line) => {
      const [name = '', value] = line.trim().split(/[:\s]+/);
      return [name, value] as const;
    }),
  );
  return (name) => parseCount(fields.get(name), name);
}

/** A file that holds one whole number. */
export async function readCount(file: string, what: string): Promise<Reading> {
  const read = await readKernelFile(file);
  return 'text' in read ? parseCount(read.text.trim(), what) : makeUnknown(read.reason);
}
