import { seriesKey, type MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import { expositionError, expositionTooLarge } from './exposition-error.ts';
import { LineCursor, numberOf } from './line-cursor.ts';

/**
 * `text`: Prometheus text 0.0.4, times in milliseconds. `openmetrics`: OpenMetrics 1.0, times in seconds, ends with `# EOF`.
 * https://prometheus.io/docs/instrumenting/exposition_formats/, https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export type ExpositionFormat = 'text' | 'openmetrics';

const types = {
  text: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: ['counter', 'gauge', 'histogram', 'gaugehistogram', 'stateset', 'info', 'summary', 'unknown'],
} as const;

export type MetricType = (typeof types)[ExpositionFormat][number];

export interface Exposition {
  readonly samples: readonly MetricSample[];
  /** By the name of the family, as its TYPE line says. */
  readonly types: ReadonlyMap<string, MetricType>;
}

export interface ExpositionLimits {
  readonly bytesAtMost: number;
  readonly linesAtMost: number;
  readonly lineCharactersAtMost: number;
  readonly labelsAtMost: number;
}

/** A vLLM exports some 1,000 lines; a node with many models a few ten thousand. */
export const expositionLimits: ExpositionLimits = {
  bytesAtMost: 16 * 1024 * 1024,
  linesAtMost: 200_000,
  lineCharactersAtMost: 64 * 1024,
  labelsAtMost: 64,
};

interface Parsing {
  readonly format: ExpositionFormat;
  readonly limits: ExpositionLimits;
  readonly types: Map<string, MetricType>;
  /** By series; a series that comes again with a later time replaces the earlier sample, and otherwise is an error. */
  readonly samples: Map<string, MetricSample>;
}

/** By the content type of an answer; without one that says OpenMetrics it is the older text. */
export const formatOf = (contentType: string | null): ExpositionFormat =>
  contentType !== null && /^\s*application\/openmetrics-text\s*(;|$)/i.test(contentType) ? 'openmetrics' : 'text';

/**
 * A whole exposition, or none of it: one wrong line says that the rest cannot be trusted, and a last line without its line
 * feed that an answer was cut, perhaps in the middle of a number.
 *
 * @throws PlimsollError `metrics-garbage` with line and column, `metrics-too-large`.
 */
export function parseExposition(
  given: Uint8Array | string,
  format: ExpositionFormat = 'text',
  limits: ExpositionLimits = expositionLimits,
): Exposition {
  const parts = parseInParts(given, format, limits);
  let part = parts.next();
  while (part.done !== true) part = parts.next();
  return part.value;
}

/**
 * As `parseExposition`, a thousand lines at a time, which are a few milliseconds. `pause` lets others run between them: 16 MiB at once
 * would hold up everything else of the program for half a second.
 */
export async function parseExpositionInParts(
  given: Uint8Array,
  format: ExpositionFormat,
  pause: () => Promise<void>,
): Promise<Exposition> {
  const parts = parseInParts(given, format, expositionLimits);
  let part = parts.next();
  while (part.done !== true) {
    await pause();
    part = parts.next();
  }
  return part.value;
}

const linesOfPart = 1_000;

function* parseInParts(
  given: Uint8Array | string,
  format: ExpositionFormat,
  limits: ExpositionLimits,
): Generator<void, Exposition> {
  if (given.length > limits.bytesAtMost) throw expositionTooLarge(`${limits.bytesAtMost} bytes`);
  const text = typeof given === 'string' ? given : decode(given);
  const parsing: Parsing = { format, limits, types: new Map(), samples: new Map() };
  let ended = false;
  let line = 0;
  for (let from = 0; from < text.length;) {
    line += 1;
    if (line > limits.linesAtMost) throw expositionTooLarge(`${limits.linesAtMost} lines`);
    const end = text.indexOf('\n', from);
    const content = text.slice(from, end < 0 ? text.length : end);
    const isEnd = format === 'openmetrics' && content === '# EOF';
    if (ended) throw expositionError('something follows `# EOF`', line, 1);
    if (content.length > limits.lineCharactersAtMost)
      throw expositionTooLarge(`${limits.lineCharactersAtMost} characters in line ${line}`);
    if (end < 0 && !isEnd)
      throw expositionError('the last line does not end: the answer was cut', line, content.length + 1);
    ended = isEnd;
    if (!isEnd) readLine(content, line, parsing);
    from = end < 0 ? text.length : end + 1;
    if (line % linesOfPart === 0) yield;
  }
  if (format === 'openmetrics' && !ended) throw expositionError('`# EOF` is missing: the answer was cut', line + 1, 1);
  return { samples: [...parsing.samples.values()], types: parsing.types };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Line by line, for where it is.
    let line = 1;
    for (let from = 0; from < bytes.length; line += 1) {
      const feed = bytes.indexOf(10, from);
      const end = feed < 0 ? bytes.length : feed;
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, end));
      } catch {
        break;
      }
      from = end + 1;
    }
    throw expositionError('the line is no UTF-8', line, 1);
  }
}

function readLine(content: string, line: number, parsing: Parsing): void {
  const cursor = new LineCursor(content, line);
  if (parsing.format === 'text') cursor.skipBlanks();
  if (cursor.isAtEnd) {
    if (parsing.format === 'openmetrics') cursor.fail('OpenMetrics has no empty lines');
    return;
  }
  if (cursor.takes('#')) readComment(cursor, parsing);
  else readSample(cursor, parsing);
}

/** `# TYPE name type`; HELP, UNIT and whatever else a comment says is of no use here. */
function readComment(cursor: LineCursor, parsing: Parsing): void {
  cursor.skipBlanks();
  if (cursor.word() !== 'TYPE') return;
  cursor.skipBlanks();
  const name = cursor.metricName();
  cursor.skipBlanks();
  const word = cursor.word();
  const type = types[parsing.format].find((known) => known === word);
  if (type === undefined) return cursor.fail(`\`${word.slice(0, 40)}\` is no type`);
  cursor.skipBlanks();
  if (!cursor.isAtEnd) cursor.fail('something follows the type');
  const before = parsing.types.get(name);
  if (before !== undefined && before !== type) cursor.fail(`${name} was a ${before} before`);
  parsing.types.set(name, type);
}

function readSample(cursor: LineCursor, parsing: Parsing): void {
  const name = cursor.metricName();
  cursor.skipBlanks();
  const labels = cursor.takes('{') ? readLabels(cursor, parsing.limits) : [];
  cursor.skipBlanks();
  const value = cursor.number('value');
  cursor.skipBlanks();
  const sample: MetricSample = { name, labels, value, atMs: readTime(cursor, parsing.format) };
  if (!cursor.isAtEnd) cursor.fail('something follows the sample');
  if (name.endsWith('_bucket') && isHistogram(parsing.types.get(name.slice(0, -'_bucket'.length)))) {
    const bound = labels.find(([label]) => label === 'le')?.[1];
    if (bound === undefined) return cursor.fail('a bucket of a histogram has no `le`');
    if (numberOf(bound) === null) cursor.fail(`\`${bound.slice(0, 40)}\` is no bound of a bucket`);
  }
  const key = seriesKey(sample);
  const before = parsing.samples.get(key);
  if (before !== undefined && !(before.atMs !== null && sample.atMs !== null && sample.atMs > before.atMs)) {
    cursor.fail(`${name} with these labels was there before`);
  }
  parsing.samples.set(key, sample);
}

const isHistogram = (type: MetricType | undefined): boolean => type === 'histogram' || type === 'gaugehistogram';

/** After `{`: names in any order, given back sorted; a comma may follow the last, as the Java client writes it. */
function readLabels(cursor: LineCursor, { labelsAtMost }: ExpositionLimits): MetricSample['labels'] {
  const labels = new Map<string, string>();
  cursor.skipBlanks();
  while (!cursor.takes('}')) {
    const name = cursor.labelName();
    cursor.skipBlanks();
    if (!cursor.takes('=')) cursor.fail('`=` is missing');
    cursor.skipBlanks();
    if (labels.has(name)) cursor.fail(`the label ${name} was there before`);
    labels.set(name, cursor.quoted());
    if (labels.size > labelsAtMost) throw expositionTooLarge(`${labelsAtMost} labels in one sample`);
    cursor.skipBlanks();
    if (cursor.peek() !== '}' && !cursor.takes(',')) cursor.fail('`,` or `}` is missing');
    cursor.skipBlanks();
  }
  // By code unit, as nothing here depends on a language.
  return [...labels].sort(([one], [other]) => (one < other ? -1 : 1));
}

function readTime(cursor: LineCursor, format: ExpositionFormat): number | null {
  let atMs: number | null = null;
  if (!cursor.isAtEnd && cursor.peek() !== '#') {
    const time = cursor.number('time');
    if (!Number.isFinite(time)) cursor.fail('the time is no number');
    if (format === 'text' && !Number.isInteger(time)) cursor.fail('the time is no whole number of milliseconds');
    atMs = format === 'openmetrics' ? time * 1_000 : time;
    cursor.skipBlanks();
  }
  if (format === 'openmetrics' && cursor.takes('#')) skipExemplar(cursor);
  return atMs;
}

/** `# {labels} value [time]` after a sample of OpenMetrics. */
function skipExemplar(cursor: LineCursor): void {
  cursor.skipBlanks();
  if (!cursor.takes('{')) cursor.fail('an exemplar begins with `{`');
  readLabels(cursor, expositionLimits);
  cursor.skipBlanks();
  cursor.number('value');
  cursor.skipBlanks();
  if (!cursor.isAtEnd) cursor.number('time');
  cursor.skipBlanks();
}
