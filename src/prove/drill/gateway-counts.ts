import type { ServiceView } from '../../schemas/view/view.ts';

export interface GatewayCounts {
  readonly answered: number;
  readonly failed: number;
}

interface Owner {
  readonly service: string;
  readonly environment: string;
}

/** Summed over the gateways of a view, from their metrics; null where one does not tell (it asks for a key, or is away). */
export async function gatewayCounts(
  { gateways, service, environment }: Pick<ServiceView, 'gateways' | 'service' | 'environment'>,
  signal: AbortSignal,
): Promise<GatewayCounts | null> {
  const each = await Promise.all(gateways.map(({ address }) => countsOf(address, { service, environment }, signal)));
  if (each.length === 0) return null;
  return each.reduce<GatewayCounts | null>(
    (sum, one) =>
      sum === null || one === null ? null : { answered: sum.answered + one.answered, failed: sum.failed + one.failed },
    { answered: 0, failed: 0 },
  );
}

async function countsOf(address: string, owner: Owner, signal: AbortSignal): Promise<GatewayCounts | null> {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const answer = await fetch(`${address}/plimsoll/metrics`, { signal: bounded });
    if (!answer.ok) return null;
    const text = await answer.text();
    const answered = valueOf(text, 'plimsoll_gateway_answered_total', owner);
    const failed = valueOf(text, 'plimsoll_gateway_failed_total', owner);
    return answered === null || failed === null ? null : { answered, failed };
  } catch {
    return null;
  }
}

/**
 * The value of a counter of one service; null where the text does not hold it. A gateway of a single service gives it no
 * labels, one of many names the service first.
 */
function valueOf(text: string, name: string, { service, environment }: Owner): number | null {
  const plain = `${name} `;
  const labelled = `${name}{service=${JSON.stringify(service)},environment=${JSON.stringify(environment)}} `;
  const line = text.split('\n').find((each) => each.startsWith(plain) || each.startsWith(labelled));
  const value = line?.slice(line.lastIndexOf(' ') + 1) ?? '';
  return /^\d+$/.test(value) ? Number(value) : null;
}
