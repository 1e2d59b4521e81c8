import { PlimsollError } from '../../units/errors.ts';
import type { ArmInterval, CanaryInterval } from './canary.ts';

/**
 * Counts that cannot be are refused before they reach the evidence: one NaN in a sum would silence a metric for good.
 *
 * @throws PlimsollError `canary-interval-impossible` that names the count.
 */
export function refuseImpossible(interval: CanaryInterval): void {
  const { live, canary, cold, agreement, labels } = interval;
  const arms = { live, canary, 'cold.live': cold.live, 'cold.canary': cold.canary };
  for (const [name, arm] of Object.entries(arms)) {
    refusePart(`${name}.errors`, arm.errors, `${name}.units`, arm.units);
    for (const [bin, count] of Object.entries(arm.latency)) refusePart(`${name}.latency.${bin}`, count);
  }
  refuseParts(interval);
  for (const { canaryOnly, liveOnly } of interval.missedPairs ?? []) {
    refusePart('missedPairs.canaryOnly', canaryOnly);
    refusePart('missedPairs.liveOnly', liveOnly);
  }
  refusePart('durationMs', interval.durationMs);
  if (agreement) refusePart('agreement.agreed', agreement.agreed, 'agreement.compared', agreement.compared);
  if (labels === undefined) return;
  refusePart('labels.live.right', labels.live.right, 'labels.live.labelled', labels.live.labelled);
  refusePart('labels.canary.right', labels.canary.right, 'labels.canary.labelled', labels.canary.labelled);
}

/** What came from the parts of the clients is of what came from all. */
function refuseParts({ parts = [], live, canary }: CanaryInterval): void {
  for (const [arm, all] of Object.entries({ live, canary }) as ['live' | 'canary', ArmInterval][]) {
    const told = parts.map((part) => part[arm]);
    const sum = (pick: (one: ArmInterval) => number): number => told.reduce((total, one) => total + pick(one), 0);
    refusePart(
      `parts.${arm}.units`,
      sum(({ units }) => units),
      `${arm}.units`,
      all.units,
    );
    refusePart(
      `parts.${arm}.errors`,
      sum(({ errors }) => errors),
      `${arm}.errors`,
      all.errors,
    );
    for (const one of told) refusePart(`parts.${arm}.errors`, one.errors, `parts.${arm}.units`, one.units);
  }
}

function refusePart(name: string, part: number, wholeName = '', whole = Number.MAX_SAFE_INTEGER): void {
  if (part >= 0 && part <= whole && whole <= Number.MAX_SAFE_INTEGER) return;
  const beside = wholeName === '' ? '' : ` beside ${wholeName} of ${whole}`;
  throw new PlimsollError({
    code: 'canary-interval-impossible',
    category: 'input',
    message: `an interval of a canary counts ${name} as ${part}${beside}, which cannot be`,
    next: 'look at what the gateways report; the step goes on with the next interval',
    details: { name, part, whole },
  });
}
