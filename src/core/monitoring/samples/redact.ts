import type { DecodedExchange } from '../features/exchange.ts';
import { readEventData } from './event-data.ts';
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
 * The text of a body without what `redactBody` takes away. Of an event stream only the data of its events is left, each
 * redacted: names of events, comments and all else say nothing that is read, and could hold anything. Null for what is neither
 * JSON nor events of JSON: it cannot be redacted, and is dropped.
 */
export function redactText(text: string, redaction: Redaction): string | null {
  return redactJson(text, redaction) ?? redactStream(text, redaction);
}

function redactStream(text: string, redaction: Redaction): string | null {
  const events = readEventData(text).map((data) => (data === '[DONE]' ? data : redactJson(data, redaction)));
  if (events.length === 0 || events.includes(null)) return null;
  return events.map((data) => `data: ${data}\n\n`).join('');
}

/**
 * Whether redaction takes nothing out of the JSON before binary tensors. Where it would, the bytes behind belong to no tensor
 * any more; where it cannot be read, nobody knows.
 */
export function isUntouched(json: string, redaction: Redaction): boolean {
  try {
    return redactJson(json, redaction) === JSON.stringify(JSON.parse(json));
  } catch {
    return false;
  }
}

function redactJson(text: string, { written }: Redaction): string | null {
  try {
    const left = redactBody(JSON.parse(text) as unknown, written);
    return left === null ? null : JSON.stringify(left);
  } catch {
    return null;
  }
}
