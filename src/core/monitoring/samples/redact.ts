import type { DecodedExchange } from '../features/exchange.ts';

/**
 * `monitoring.capture.redact`: names of inputs and outputs, and JSON paths such as `$.messages[*].content`.
 */
export interface Redaction {
  readonly names: ReadonlySet<string>;
  readonly paths: readonly (readonly PathStep[])[];
}

type PathStep = string | typeof everyElement;
const everyElement = Symbol('every element');

/** Depth of a body beyond which nothing is looked for: such a body is dropped whole. */
const deepest = 64;

export function readRedaction(written: readonly string[]): Redaction {
  return {
    names: new Set(written.filter((one) => !one.startsWith('$'))),
    paths: written.filter((one) => one.startsWith('$')).map(readPath),
  };
}

/** The exchange without the inputs and outputs that are named. */
export function redactExchange(exchange: DecodedExchange, { names }: Redaction): DecodedExchange {
  if (names.size === 0) return exchange;
  const isKept = ({ name }: { readonly name: string }): boolean => !names.has(name);
  return { ...exchange, inputs: exchange.inputs.filter(isKept), outputs: exchange.outputs.filter(isKept) };
}

/**
 * The text of a body without what is redacted: values at a path become null, named inputs and outputs are left out. Lines of
 * an event stream are looked at one by one. Null for what is no JSON, or deeper than 64: it cannot be redacted, and is
 * dropped.
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

function redactJson(text: string, { names, paths }: Redaction): string | null {
  try {
    const value = JSON.parse(text) as unknown;
    const pathed = paths.reduce<unknown>((left, path) => withoutPath(left, path, 0), value);
    return JSON.stringify(names.size === 0 ? pathed : withoutNames(pathed, names));
  } catch {
    return null;
  }
}

function readPath(written: string): readonly PathStep[] {
  const steps: PathStep[] = [];
  for (const [, dotted, quoted, index] of written.matchAll(/\.([^.[\]]+)|\[['"]([^'"]*)['"]\]|\[(\*|\d+)\]/g)) {
    if (index !== undefined) steps.push(index === '*' ? everyElement : index);
    else steps.push(dotted === '*' ? everyElement : (dotted ?? quoted ?? ''));
  }
  return steps;
}

/** @throws RangeError for what is deeper than 64. */
function withoutPath(value: unknown, path: readonly PathStep[], at: number): unknown {
  if (at > deepest) throw new RangeError('too deep');
  if (at === path.length) return null;
  const step = path[at];
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) =>
      step === everyElement || step === String(index) ? withoutPath(each, path, at + 1) : each,
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      step === everyElement || step === key ? withoutPath(each, path, at + 1) : (each as unknown),
    ]),
  );
}

/** Tensors of the Open Inference Protocol, in `inputs` and `outputs`. */
function withoutNames(value: unknown, names: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [
      key,
      (key === 'inputs' || key === 'outputs') && Array.isArray(each)
        ? each.filter((one) => !isNamed(one, names))
        : each,
    ]),
  );
}

const isNamed = (value: unknown, names: ReadonlySet<string>): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  names.has(value.name);
