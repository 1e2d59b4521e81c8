import type { ProgressStream } from '../progress.ts';
import { tally } from './tally.ts';
import type { Outcome } from './traffic.ts';

/** Outcomes that the shown figures are of: about the last minute at the usual rate. */
const window = 300;
const everyMsOnTerminal = 500;
const everyMsElsewhere = 60_000;

export interface RollingStatus {
  add(outcome: Outcome): void;
  /** Before something else is printed. */
  clear(): void;
  end(): void;
}

/** One line on the stream of digits: it rewrites itself on a terminal, and is a line a minute elsewhere. */
export function rollingStatus(stream: ProgressStream, monotonicMs: () => number): RollingStatus {
  const everyMs = stream.isTTY === true ? everyMsOnTerminal : everyMsElsewhere;
  const recent: Outcome[] = [];
  let [sent, errors] = [0, 0];
  let shownAtMs = monotonicMs() - everyMs + 1_000;
  return {
    add(outcome) {
      sent += 1;
      if (!outcome.ok) errors += 1;
      recent.push(outcome);
      if (recent.length > window) recent.shift();
      if (monotonicMs() - shownAtMs < everyMs) return;
      shownAtMs = monotonicMs();
      const line = statusLine(sent, errors, recent);
      stream.write(stream.isTTY === true ? `\r\u001b[K${line.slice(0, (stream.columns ?? 100) - 1)}` : `${line}\n`);
    },
    clear() {
      if (stream.isTTY === true) stream.write('\r\u001b[K');
    },
    end() {
      if (stream.isTTY === true) stream.write('\r\u001b[K');
      stream.write(`${statusLine(sent, errors, recent)}\n`);
    },
  };
}

export function statusLine(sent: number, errors: number, recent: readonly Outcome[]): string {
  const sums = tally(recent);
  const digits = `${sent.toLocaleString('en-US')} digits sent, ${errors} without an answer`;
  const last = recent.at(-1);
  if (last !== undefined && !last.ok) return `${digits}; the last: ${last.error}`;
  if (last === undefined || sums.latencyP50Ms === null || sums.latencyP99Ms === null) return digits;
  return [
    digits,
    `of the last ${sums.answered} ${((sums.right / sums.answered) * 100).toFixed(1)} % right`,
    `p50 ${sums.latencyP50Ms.toFixed(1)} ms, p99 ${sums.latencyP99Ms.toFixed(1)} ms`,
    `release ${last.release} (model version ${last.modelVersion})`,
  ].join('; ');
}
