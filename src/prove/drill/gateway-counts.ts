import type { ServiceView } from '../../schemas/view/view.ts';

export interface GatewayCounts {
  readonly answered: number;
  readonly failed: number;
}

/** Summed over the gateways of a view, from their metrics; null where one does not tell (it asks for a key, or is away). */
export async function gatewayCounts(
  { gateways }: Pick<ServiceView, 'gateways'>,
  signal: AbortSignal,
): Promise<GatewayCounts | null> {
  const each = await Promise.all(gateways.map(({ address }) => countsOf(address, signal)));
  if (each.length === 0) return null;
  return each.reduce<GatewayCounts | null>(
    (sum, one) =>
      sum === null || one === null ? null : { answered: sum.answered + one.answered, failed: sum.failed + one.failed },
    { answered: 0, failed: 0 },
  );
}

async function countsOf(address: string, signal: AbortSignal): Promise<GatewayCounts | null> {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const answer = await fetch(`${address}/plimsoll/metrics`, { signal: bounded });
    if (!answer.ok) return null;
    const text = await answer.text();
    const answered = sumOf(text, 'plimsoll_gateway_answered_total');
    const failed = sumOf(text, 'plimsoll_gateway_failed_total');
    return answered === null || failed === null ? null : { answered, failed };
  } catch {
    return null;
  }
}

/** The value of a counter without labels; null where the text does not hold it. */
function sumOf(text: string, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text);
  return found === null ? null : Number(found[1]);
}
