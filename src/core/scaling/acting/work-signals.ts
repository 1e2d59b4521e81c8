import type { WorkSignals } from '../signals.ts';
import type { GatewayScaling, GatewayWork } from './gateway-load.ts';

/** The counters of one gateway at two moments. */
export interface CountedWork {
  readonly before: GatewayScaling;
  readonly now: GatewayScaling;
  readonly seconds: number;
}

/** Below this share of the completions since the start of the gateways, a unit says too little of the whole. */
const toldShareAtLeast = 0.9;

/**
 * Returns the work that arrived and was completed in a second, in one unit for all gateways. The counters since the start of the
 * gateways choose the unit, so that the unit does not change while nothing is asked. The first match:
 *
 * | gateways | unit |
 * |---|---|
 * | one tells no work, or nothing was completed since their start | null: not known |
 * | told the tokens of nine in ten completions | tokens; arrivals are not known, because answers tell the tokens |
 * | told the rows of nine in ten completions | rows |
 * | told anything else | bytes |
 */
export function readWorkSignals(gateways: readonly CountedWork[]): WorkSignals | null {
  const works = gateways.flatMap(({ before, now, seconds }) =>
    before.work === undefined || now.work === undefined ? [] : [{ before: before.work, now: now.work, seconds }],
  );
  const completions = gateways.reduce((sum, { now }) => sum + now.completions, 0);
  if (works.length < gateways.length || completions === 0) return null;
  const perSecond = (of: (work: GatewayWork) => number): number =>
    works.reduce((sum, { before, now, seconds }) => sum + Math.max(0, of(now) - of(before)) / seconds, 0);
  const told = (of: (work: GatewayWork) => number): boolean =>
    works.reduce((sum, { now }) => sum + of(now), 0) >= toldShareAtLeast * completions;
  if (told((work) => work.tokenedCompletions)) {
    const completedTokens = {
      inPerSecond: perSecond(({ tokensIn }) => tokensIn),
      outPerSecond: perSecond(({ tokensOut }) => tokensOut),
    };
    const completedPerSecond = completedTokens.inPerSecond + completedTokens.outPerSecond;
    return { unit: 'tokens', arrivedPerSecond: null, completedPerSecond, completedTokens };
  }
  if (told((work) => work.rowedCompletions)) {
    return {
      unit: 'rows',
      arrivedPerSecond: perSecond((work) => work.rowsArrived),
      completedPerSecond: perSecond((work) => work.rowsCompleted),
    };
  }
  return {
    unit: 'bytes',
    arrivedPerSecond: perSecond((work) => work.bytesArrived),
    completedPerSecond: perSecond((work) => work.bytesCompleted),
  };
}
