import type { DecodedExchange } from '../features/exchange.ts';
import { redactBody } from './redact-body.ts';

/** `monitoring.capture.redact`: names of inputs and outputs, and JSON paths such as `$.messages[*].content`. */
export interface Redaction {
  readonly names: ReadonlySet<string>;
  /** Whether there are paths: then bodies are redacted before they are read. */
  readonly hasPaths: boolean;
  readonly written: readonly string[];
}

export function readRedaction(written: readonly string[]): Redaction {
  const names = written.filter((one) => !one.startsWith('$'));
  return { names: new Set(names), hasPaths: names.length < written.length, written };
}

/** The exchange without the inputs and outputs that are named. */
export function redactExchange(exchange: DecodedExchange, { names }: Redaction): DecodedExchange {
  if (names.size === 0) return exchange;
  const isKept = ({ name }: { readonly name: string }): boolean => !names.has(name);
  return { ...exchange, inputs: exchange.inputs.filter(isKept), outputs: exchange.outputs.filter(isKept) };
}

/**
 * The text of a body without what `redactBody` takes away. Lines of an event stream are looked at one by one. Null for what is
 * no JSON: it cannot be redacted, and is dropped.
 */
export function redactText(text: string, redaction: Redaction): string | null {
  if (!/^(data|event|id|retry|:)/.test(text)) return redactJson(text, redaction);
  const lines = text.split('\n').map((line) => redactLine(line.replace(/\r$/, ''), redaction));
  return lines.includes(null) ? null : lines.join('\n');
}

function redactLine(line: string, redaction: Redaction): string | null {
  const data = /^data: ?(.*)$/.exec(line)?.[1];
  if (data === undefined || data === '' || data === '[DONE]') return line;
  const redacted = redactJson(data, redaction);
  return redacted === null ? null : `data: ${redacted}`;
}

function redactJson(text: string, { written }: Redaction): string | null {
  try {
    const left = redactBody(JSON.parse(text) as unknown, written);
    return left === null ? null : JSON.stringify(left);
  } catch {
    return null;
  }
}
