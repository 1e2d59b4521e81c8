import type { ToldWrong } from '../../src/core/scaling/simulation/told-evidence.ts';
import { scoreFrom, stepMs, type RunRecord } from './run-record.ts';

/** 99%, or half a point below KEDA with the HPA and its real target, if that is less. */
const attainmentAim = 0.99;
const belowKeda = 0.005;
/** Over its own with right knowledge, and one replica more. */
const costAim = 1.15;
const leastLearningMs = 600_000;
const startsToLearn = 3;
/** A part of the time has to be left to score. */
const scoredShareAtLeast = 0.1;
/** A shorter trace leaves less than a tenth of it to score, milliseconds. */
export const traceAtLeastMs = Math.ceil(leastLearningMs / (1 - scoredShareAtLeast) / 1_000) * 1_000;

export interface Cell {
  readonly workload: string;
  readonly startSeconds: number;
  readonly wrong: ToldWrong;
  readonly factor: number;
  /** L: what comes before it is not scored, milliseconds. */
  readonly scoredFromMs: number;
  readonly saturates: boolean;
  readonly attainmentShare: number;
  readonly kedaShare: number;
  /** Over its own with right knowledge. */
  readonly cost: number;
  /**
   * | verdict | meaning |
   * |---|---|
   * | met | attains, and costs no more than allowed |
   * | late | attains too little |
   * | dear | attains, and costs too much |
   * | excused | as `late` or `dear`, and not worse than the same policy that was told the truth at L |
   */
  readonly verdict: 'met' | 'late' | 'dear' | 'excused';
}

export interface CellRuns {
  readonly own: readonly RunRecord[];
  readonly right: readonly RunRecord[];
  readonly keda: readonly RunRecord[];
  readonly endMs: number;
}

/** When learning has to be over: three p95 starts after 200 answers at 60% occupancy, and ten minutes at least; by the slowest draw. */
export function learningOf(
  own: readonly RunRecord[],
  startSeconds: number,
  endMs: number,
): { readonly scoredFromMs: number; readonly saturates: boolean } {
  const saturatedMs = Math.max(...own.map((run) => run.saturatedMs ?? Infinity));
  const learntMs = Math.max(leastLearningMs, saturatedMs + startsToLearn * startSeconds * 1_000);
  const saturates = learntMs <= (1 - scoredShareAtLeast) * endMs;
  return { scoredFromMs: saturates ? learntMs : leastLearningMs, saturates };
}

/** @param corrected runs that were told the truth at L; null before they were needed */
export function judgeCell(
  of: Pick<Cell, 'workload' | 'startSeconds' | 'wrong' | 'factor'>,
  { own, right, keda, endMs }: CellRuns,
  corrected: readonly RunRecord[] | null,
): Cell {
  const learning = learningOf(own, of.startSeconds, endMs);
  const [mine, known, rival] = [own, right, keda].map((runs) => scoreFrom(runs, learning.scoredFromMs));
  if (mine === undefined || known === undefined || rival === undefined) throw new Error('three were scored');
  const replicaSeconds = (endMs - Math.ceil(learning.scoredFromMs / stepMs) * stepMs) / 1_000;
  const isDear = (seconds: number): boolean => mine.seconds > costAim * seconds + replicaSeconds;
  const kept = mine.attainmentShare >= Math.min(attainmentAim, rival.attainmentShare - belowKeda);
  const dear = learning.saturates && isDear(known.seconds);
  const fixed = corrected === null ? null : scoreFrom(corrected, learning.scoredFromMs);
  const noWorse =
    fixed !== null &&
    (kept || mine.attainmentShare >= fixed.attainmentShare - belowKeda) &&
    (!dear || !isDear(fixed.seconds));
  return {
    ...of,
    ...learning,
    attainmentShare: mine.attainmentShare,
    kedaShare: rival.attainmentShare,
    cost: mine.seconds / known.seconds,
    verdict: kept && !dear ? 'met' : noWorse ? 'excused' : kept ? 'dear' : 'late',
  };
}
