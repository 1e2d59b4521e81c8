import { PlimsollError } from '../../core/units/errors.ts';

/** Sixteen boards with seven instances each are 10 kB. */
const mostBytes = 1024 * 1024;

/**
 * Lines of what nvidia-smi printed, numbered from 1, without blank ones. PowerShell's `>` writes UTF-16 with a mark.
 * @throws PlimsollError `nvidia-smi-invalid` (input).
 */
export function smiLines(
  bytes: Uint8Array,
  command: string,
): readonly { readonly line: number; readonly text: string }[] {
  if (bytes.length > mostBytes) throw invalidLines(command, `${bytes.length} bytes are more than it ever prints`);
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw invalidLines(command, 'the text is neither UTF-8 nor UTF-16', thrown);
  }
  return text
    .split('\n')
    .map((line, index) => ({ line: index + 1, text: line.trimEnd() }))
    .filter((line) => line.text.trim() !== '');
}

export function invalidLines(command: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'nvidia-smi-invalid',
    category: 'input',
    message: `not the output of ${command}: ${what}`,
    next: `write it again on that node: ${command} > FILE`,
    cause,
  });
}
