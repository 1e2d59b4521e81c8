import { closedLoop } from '../capacity/closed-loop.ts';
import type { RequestKind } from './load-ablation.ts';
import type { ProvingPorts } from '../ports.ts';

/** What one block showed. */
export interface BlockMeasurement {
  /** More is better: rows answered a second by a closed loop, or one over the mean time of what is passing. */
  readonly value: number;
  /** Mean time of an answer, milliseconds; Infinity without one. */
  readonly answerMs: number;
}

/** Measures for so long; rejects when the signal is aborted. */
export type Measure = (durationMs: number, signal: AbortSignal) => Promise<BlockMeasurement>;

/** A block without any answer still has a logarithm: half an answer. */
const noAnswer = 0.5;

/**
 * Measures by a load of its own: so many requests under way, one after the other. Each block is over with a whole answer, so that
 * few answers count exactly. Bounded as `closedLoop` is.
 */
export function measureByLoad(
  context: Pick<ProvingPorts, 'clock'>,
  kind: () => RequestKind,
  concurrency: number,
): Measure {
  return async (durationMs, signal) => {
    const { ask, rows } = kind();
    const plan = { concurrency, warmUpMs: 0, measureMs: durationMs };
    const { timesMs, durationMs: tookMs } = await closedLoop({ clock: context.clock, signal }, ask, plan);
    const answered = timesMs.filter((timeMs) => timeMs !== Infinity);
    const answerMs = answered.reduce((sum, timeMs) => sum + timeMs, 0) / answered.length;
    return {
      value: (Math.max(answered.length, noAnswer) * rows * 1_000) / Math.max(tookMs, 1),
      answerMs: answered.length === 0 ? Infinity : answerMs,
    };
  };
}

/**
 * Measures what is passing, of which only the time of an answer depends on the node: it returns one over the mean time.
 * @param read counters that only rise: answers, and the sum of their times in milliseconds.
 */
export function measurePassing(
  { clock }: Pick<ProvingPorts, 'clock'>,
  read: (signal: AbortSignal) => Promise<{ readonly answers: number; readonly totalMs: number }>,
): Measure {
  return async (durationMs, signal) => {
    const before = await read(signal);
    await clock.sleep(durationMs, signal);
    const after = await read(signal);
    const answers = after.answers - before.answers;
    const answerMs = answers > 0 ? (after.totalMs - before.totalMs) / answers : Infinity;
    return { value: answerMs > 0 && answerMs !== Infinity ? 1_000 / answerMs : 1 / durationMs, answerMs };
  };
}
