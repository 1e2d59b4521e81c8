import {
  spanAtMostMs,
  TraceStore,
  traceRowsAtMost,
  type RecordedTrace,
} from '../../core/scaling/simulation/arrivals/trace-store.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { badData, textLines } from '../text-lines.ts';
import {
  makeTraceLineReader,
  traceFormatOf,
  type ReadTraceLine,
  type TraceFormat,
  type TraceWork,
} from './trace-lines.ts';
import type { TraceMoment } from './trace-moment.ts';

/**
 * A row may be this much earlier than the latest before it, and is then put into its place: several writers of one log are
 * hardly further apart. Anything earlier is an error, because it is a clock that was set or a file that was joined wrongly.
 */
export const traceDisorderAtMostMs = 1_000;
/** A gap that is longer than this share of the whole trace is noted: rows may be missing. */
export const notedGapShare = 0.1;
const dayMs = 86_400_000;

export interface ReadTrace extends RecordedTrace {
  readonly format: TraceFormat;
  /** Rows that were earlier than the one before them and have been put into place. */
  readonly reordered: number;
  /** What whoever uses the trace should know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * A file of arrivals in any of the formats, told by its first line. It is read as a stream: what is kept are 16 bytes a row. Times
 * count from the earliest row. Rows of one moment are simultaneous arrivals, and empty lines are passed over.
 * @throws PlimsollError (input) `data-invalid` with line and column, `trace-empty`, `trace-too-long`.
 */
export async function readTrace(
  chunks: AsyncIterable<Uint8Array>,
  work: TraceWork,
  rowsAtMost: number = traceRowsAtMost,
): Promise<ReadTrace> {
  const store = new TraceStore(rowsAtMost);
  let format: TraceFormat | null = null;
  let read: ReadTraceLine | null = null;
  let first: TraceMoment | null = null;
  let latestText = '';
  let reordered = 0;
  for await (const lines of textLines(chunks)) {
    for (const { line, text } of lines) {
      if (text.trim() === '') continue;
      if (read === null) {
        const found = traceFormatOf(text);
        format = found.format;
        read = makeTraceLineReader(format, work);
        if (found.header) continue;
      }
      const { moment, workMs, tokens } = read(text, line);
      first ??= moment;
      const atMs = (moment.seconds - first.seconds) * 1_000 + moment.restMs - first.restMs;
      if (atMs < store.greatestMs) {
        if (store.greatestMs - atMs > traceDisorderAtMostMs) throw outOfOrder(line, text, latestText);
        reordered += 1;
      } else latestText = text;
      store.push(atMs, workMs, tokens);
    }
  }
  const trace = store.finish();
  if (format === null || trace.requests === 0) throw empty();
  if (trace.spanMs > spanAtMostMs) throw spansTooLong(trace.spanMs);
  return { ...trace, format, reordered, notes: notesOf(trace, reordered) };
}

function notesOf(trace: RecordedTrace, reordered: number): readonly string[] {
  const notes: string[] = [];
  if (trace.requests > 2 && trace.longestGapMs > notedGapShare * trace.spanMs) {
    const share = Math.round((100 * trace.longestGapMs) / trace.spanMs);
    const [gap, at] = [formatElapsed(trace.longestGapMs), formatElapsed(trace.longestGapAtMs)];
    notes.push(`nothing arrives for ${gap} from ${at} on, which is ${share}% of the trace: are rows missing?`);
  }
  if (reordered > 0) {
    notes.push(
      `${reordered} rows are up to ${formatElapsed(traceDisorderAtMostMs)} out of order, and were put into place`,
    );
  }
  return notes;
}

function outOfOrder(line: number, text: string, latest: string): PlimsollError {
  const time = (row: string): string => {
    return (
      row.startsWith('{') ? (/"timestamp"\s*:\s*([^,}\s]+)/.exec(row)?.[1] ?? '') : (row.split(',')[0] ?? '')
    ).trim();
  };
  return badData(
    line,
    1,
    `the time ${time(text)} is more than ${formatElapsed(traceDisorderAtMostMs)} before ${time(latest)} of a line above`,
    'sort the trace by its times',
  );
}

function spansTooLong(spanMs: number): PlimsollError {
  const [span, most] = [Math.ceil(spanMs / dayMs), spanAtMostMs / dayMs];
  return new PlimsollError({
    code: 'trace-too-long',
    category: 'input',
    message: `the trace spans ${span} days, and ${most} days are simulated at most`,
    next: 'look whether its times are seconds (Mooncake: milliseconds), or cut it into parts',
    details: { days: span, daysAtMost: most },
  });
}

function empty(): PlimsollError {
  return new PlimsollError({
    code: 'trace-empty',
    category: 'input',
    message: 'the trace has no row',
    next: 'give a file with a line for each request: a time, and perhaps what the request costs',
  });
}
