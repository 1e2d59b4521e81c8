import { useState } from 'preact/compat';
import type { CapacityPlanAnswer } from '../../../src/schemas/http/fleet/http-capacity-plan.ts';
import { ofService } from '../frame/address.ts';
import { useRepeated } from '../live/use-repeated.ts';
import type { Growth } from './plan-words.ts';

export interface KnownPlan {
  /** The newest answer; null before the first one. */
  readonly answer: CapacityPlanAnswer | null;
  /** Status of the last question, where it was refused; null where it was answered, and where nobody answered. */
  readonly refused: number | null;
}

/** A plan of weeks does not move in minutes. */
const everyMs = 600_000;
const answerTimeoutMs = 30_000;

/** What was answered for another growth stays until the next answer is there. */
export function usePlan(growth: Growth): KnownPlan {
  const [known, setKnown] = useState<KnownPlan>({ answer: null, refused: null });
  useRepeated(
    (leaving) => {
      void askPlan(growth, leaving).then((told) => {
        if (!leaving.aborted) setKnown((before) => ({ ...before, ...told }));
      });
    },
    everyMs,
    growth,
  );
  return known;
}

/** Nothing where nobody answered: the connection's own notice says why. */
async function askPlan(growth: Growth, leaving: AbortSignal): Promise<Partial<KnownPlan>> {
  const signal = AbortSignal.any([leaving, AbortSignal.timeout(answerTimeoutMs)]);
  const path = `v1/capacity/plan?growth=${encodeURIComponent(growth)}`;
  try {
    const response = await fetch(ofService(path), { signal, cache: 'no-store' });
    if (!response.ok) return { refused: response.status };
    return { answer: (await response.json()) as CapacityPlanAnswer, refused: null };
  } catch {
    return {};
  }
}
