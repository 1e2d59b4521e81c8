import type { Contract } from '../../../contract/contract.ts';
import { effectiveScaling } from '../../../contract/defaults.ts';
import { strictestLatency } from '../../../contract/objective/latency-objective.ts';
import { canonicalJson } from '../../../units/digest.ts';
import { meanInterval, type MeanInterval } from '../../../statistics/distributions/student-t.ts';
import { formatDuration } from '../../../units/quantity/quantity-duration.ts';
import { formatPercent } from '../../../units/quantity/quantity-percent.ts';
import { combineVerdicts, type Judgement } from '../../../units/verdict.ts';
import { pricesText, readScaling, type ScalingMeasurements, type SimulatedRun } from './scaling-measurements.ts';

/** Fewer seeds than this say too little about how starts fall. */
const leastSeeds = 3;
/** The policy that the control plane asks. */
export const provenPolicy = 'plimsoll';

/**
 * Judged by the present contract, from the single simulations and not from what was concluded of them:
 *
 * | 95% interval of the attainment, over the seeds | verdict |
 * |---|---|
 * | lower limit at the objective or above | pass |
 * | upper limit below it | fail |
 * | else, or fewer than three seeds | inconclusive |
 * | simulated for another objective, other bounds, or another policy | unknown |
 *
 * With `toZero: when-proven` accelerator-seconds have to fall as well, compared seed by seed: fail where they do not.
 */
export function judgeScaling(measurements: Readonly<Record<string, unknown>>, contract: Contract): Judgement {
  const measured = readScaling(measurements);
  if (measured === null) return unknown('it does not say what was simulated');
  const objective = strictestLatency(contract.objective);
  if (objective === null) return unknown('the contract promises no latency; next: write objective.latency');
  const other = otherThanNow(measured, contract, objective.latencyMs);
  if (other !== null) return unknown(`${other}; next: plimsoll scale simulate --record`);
  const held = judgeAttainment(measured.runs, objective.attainmentShare, measured.latencyMs);
  const judged = effectiveScaling(contract).toZero === 'never' ? held : judgeZero(held, measured);
  const { prices = null } = measured;
  return prices === null ? judged : { ...judged, reasons: [...judged.reasons, pricesText(prices)] };
}

const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });

/** Bounds are no subject of the evidence, so that what is written now is compared here. */
function otherThanNow(measured: ScalingMeasurements, contract: Contract, latencyMs: number): string | null {
  const { replicas, warmPool, toZero, sleep } = effectiveScaling(contract);
  const { min, max } = measured.replicas;
  if (measured.policy !== provenPolicy) return `it was simulated with the policy ${measured.policy}`;
  if (measured.latencyMs !== latencyMs) {
    return `it was simulated for ${formatDuration(measured.latencyMs)}, and ${formatDuration(latencyMs)} are promised`;
  }
  if (min !== replicas.min || max !== replicas.max) {
    return `it was simulated with ${min} to ${max} replicas, and the contract has ${replicas.min} to ${replicas.max}`;
  }
  if (measured.warmPool !== warmPool) {
    return `it was simulated with ${measured.warmPool} kept warm, and the contract has ${warmPool}`;
  }
  if (canonicalJson(measured.sleep ?? null) !== canonicalJson(sleep ?? null)) {
    return 'it was simulated with another `scaling.sleep` than the contract has';
  }
  if (toZero === 'when-proven' && measured.withoutZero === null) return 'it was simulated without scaling to zero';
  return toZero === 'never' && measured.withoutZero !== null ? 'it was simulated with scaling to zero' : null;
}

export function attainmentOf(runs: readonly SimulatedRun[]): MeanInterval {
  return meanInterval(runs.map(({ inTime, requests }) => inTime / requests));
}

/** @param share of the requests that has to be in time. */
export function judgeAttainment(runs: readonly SimulatedRun[], share: number, latencyMs: number): Judgement {
  const { low, mean, high } = attainmentOf(runs);
  const asked = `${formatPercent(share)} within ${formatDuration(latencyMs)}`;
  const shown = `${shareText(mean)} in time (95% ${shareText(low)} to ${shareText(high)}, ${runs.length} seeds)`;
  if (runs.length < leastSeeds) {
    return { verdict: 'inconclusive', reasons: [`${shown}: ${leastSeeds} seeds at least for ${asked}; --seeds`] };
  }
  if (low >= share - rounding) return { verdict: 'pass', reasons: [`${shown}, asked for ${asked}`] };
  if (high < share) return { verdict: 'fail', reasons: [`${shown}, asked for ${asked}`] };
  return { verdict: 'inconclusive', reasons: [`${shown} does not decide on ${asked}; more --seeds`] };
}

const rounding = 1e-12;

/** The objective holds with the last replica stopped, and that costs less. */
function judgeZero(held: Judgement, { runs, withoutZero }: ScalingMeasurements): Judgement {
  const kept = withoutZero ?? [];
  const [withZero, without] = [meanInterval(secondsOf(runs)), meanInterval(secondsOf(kept))];
  const more = meanInterval(runs.map(({ acceleratorSeconds }, at) => acceleratorSeconds - (secondsOf(kept)[at] ?? 0)));
  const numbers = `${secondsText(withZero.mean)} accelerator-seconds with zero, ${secondsText(without.mean)} without`;
  const attained = `${shareText(attainmentOf(runs).mean)} in time with zero, ${shareText(attainmentOf(kept).mean)} without`;
  const verdict = more.high < 0 ? 'pass' : more.low >= 0 ? 'fail' : 'inconclusive';
  const said = {
    pass: 'it costs less',
    fail: 'it costs no less',
    inconclusive: 'whether it costs less is not decided',
  };
  return {
    verdict: combineVerdicts([held.verdict, verdict]),
    reasons: [...held.reasons, `scaling to zero: ${said[verdict]}: ${numbers}; ${attained}`],
  };
}

const secondsOf = (runs: readonly SimulatedRun[]): readonly number[] =>
  runs.map(({ acceleratorSeconds }) => acceleratorSeconds);
/** Rounded towards less, so that 99.999% is not shown as the whole. */
const shareText = (share: number): string => `${(Math.floor(Math.min(1, share) * 1e4 + 1e-6) / 1e2).toFixed(2)}%`;
const secondsText = (seconds: number): string => seconds.toLocaleString('en-US', { maximumFractionDigits: 0 });
