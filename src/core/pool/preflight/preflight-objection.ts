import { formatDuration } from '../../units/quantity/quantity-duration.ts';
import type { NodeFacts } from '../node-facts.ts';
import { judgePreflight } from './preflight.ts';

export interface PreflightObjection {
  readonly verdict: 'fail' | 'unknown';
  readonly reason: string;
}

const remedy = 'plimsoll probe --active on the node';

/**
 * What `hardware.preflight` has against a node; null where nothing.
 *
 * | preflight of the node | verdict |
 * |---|---|
 * | none | fail |
 * | taken after the facts of the pool by more than a minute | unknown: one of the clocks is wrong |
 * | older than asked | fail |
 * | a check fails | fail |
 * | a check is unknown | unknown |
 * | all pass | none |
 *
 * @param maxAgeMs as the contract states it
 * @param nowMs when the facts of the pool were taken: a snapshot is judged by its own time
 */
export function findPreflightObjection(
  node: Pick<NodeFacts, 'preflight' | 'unknown'>,
  maxAgeMs: number,
  nowMs: number,
): PreflightObjection | null {
  const { preflight } = node;
  if (preflight === undefined) {
    const why = node.unknown['preflight'];
    return {
      verdict: 'fail',
      reason: `hardware.preflight asks for an active preflight, and there is none${why === undefined ? '' : `: ${why}`} (${remedy})`,
    };
  }
  const ageMs = nowMs - preflight.takenAtMs;
  if (ageMs < -60_000) {
    return {
      verdict: 'unknown',
      reason: `its preflight was taken ${formatDuration(-ageMs)} after its facts (${remedy})`,
    };
  }
  if (ageMs > maxAgeMs) {
    return {
      verdict: 'fail',
      reason: `its preflight is ${formatDuration(ageMs)} old, and hardware.preflight asks for ${formatDuration(maxAgeMs)} at most (${remedy})`,
    };
  }
  const { verdict, reasons } = judgePreflight(preflight);
  if (verdict === 'pass') return null;
  return { verdict: verdict === 'fail' ? 'fail' : 'unknown', reason: `its preflight: ${reasons.join('; ')}` };
}
