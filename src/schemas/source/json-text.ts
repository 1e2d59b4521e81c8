import { PlimsollError } from '../../core/units/errors.ts';
import { findJsonExcess } from './bounded-json.ts';
import { decodeText } from './source-text.ts';

/** A manifest of 10,000 files with four members each fits. */
export const jsonBounds = { bytes: 8 * 1024 * 1024, depth: 64, values: 200_000 } as const;

/** The value of a JSON text that somebody sent. @throws PlimsollError `json-invalid` (input) with line and column. */
export function readJsonText(bytes: Uint8Array, what: string): unknown {
  const decoded = decodeText(bytes, jsonBounds.bytes);
  if (!decoded.ok) throw jsonInvalid(`${what}:${decoded.line}: ${decoded.message}`, { line: decoded.line });
  const excess = findJsonExcess(decoded.text, jsonBounds);
  if (excess !== null) {
    const { message, line, column } = excess;
    throw jsonInvalid(`${what}:${line}:${column}: ${message}`, { line, column });
  }
  try {
    return JSON.parse(decoded.text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw jsonInvalid(`${what} is not JSON: ${reason.slice(0, 200)}`, {}, cause);
  }
}

const jsonInvalid = (message: string, details: Readonly<Record<string, number>>, cause?: unknown): PlimsollError =>
  new PlimsollError({
    code: 'json-invalid',
    category: 'input',
    message,
    next: 'write it again as JSON',
    details,
    cause,
  });
