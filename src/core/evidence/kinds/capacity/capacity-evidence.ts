import { capacityObjective } from '../../../contract/capacity-objective.ts';
import type { Contract } from '../../../contract/contract.ts';
import type { Judgement } from '../../../units/verdict.ts';
import { readCapacityMeasurements, sentPerSecond, type OpenRun } from './capacity-measurements.ts';
import { heldWords } from './objective-words.ts';
import { rateText, sustainedRate } from './sustained-rate.ts';

/**
 * Judged by the objective of the present contract: passes when there is a rate at which one replica is inside it, fails
 * when even one request at a time is not.
 */
export function judgeCapacity(measurements: Readonly<Record<string, unknown>>, contract: Contract): Judgement {
  const measured = readCapacityMeasurements(measurements);
  if (measured === null) return { verdict: 'unknown', reasons: ['it does not say what was measured'] };
  const objective = capacityObjective(contract);
  const found = sustainedRate(measured, objective);
  switch (found.kind) {
    case 'sustained':
      return {
        verdict: 'pass',
        reasons: [`${rateText(sentPerSecond(found.run))} by one replica, ${held(found.run, objective)}`],
      };
    case 'missed':
      return { verdict: 'fail', reasons: [found.reason] };
    case 'undecided':
      return { verdict: 'inconclusive', reasons: [`${found.reason}; next: plimsoll capacity --seconds N`] };
    case 'not-measured':
      return { verdict: 'unknown', reasons: [`${found.reason}; next: plimsoll capacity`] };
  }
}

function held(run: OpenRun, objective: Readonly<Record<string, number>> | null): string {
  const n = `${run.requests.toLocaleString('en-US')} requests`;
  if (objective === null) return `at its knee, since no \`objective.latency\` is written: ${n}, none failed`;
  const quantiles = Object.entries(objective).map(([name, limitMs]) =>
    heldWords(name, run.quantiles[name]?.upperMs ?? NaN, limitMs),
  );
  return `${quantiles.join(', ')} (${n})`;
}
