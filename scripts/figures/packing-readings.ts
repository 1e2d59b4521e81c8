import * as z from 'zod';
import { measured, reading } from './reading.ts';

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

const judgedPlan = z.object({ gapShare: z.number(), proven: z.boolean(), processorMs: z.number() });
const packForm = z.object({
  loads: z.array(z.number()),
  overFgd: z.array(z.object({ mean: z.number(), standardError: z.number() })),
  plan: judgedPlan,
  ruledPlan: judgedPlan,
  fleetPlan: judgedPlan,
  aims: z.object({ gapShare: z.number(), ruledGapShare: z.number(), fleetMs: z.number() }),
});

/** Placement on arrival beside FGD, by two standard errors. */
export const readPackOnline = reading(packForm, ({ loads, overFgd }) => {
  const said = overFgd.map(({ mean, standardError }) => `${mean.toFixed(2)} ±${standardError.toFixed(2)}`);
  return measured(
    `${said.join(', ')} points`,
    Object.fromEntries(overFgd.map(({ mean }, at) => [`load${loads[at] ?? 0}Points`, mean])),
    { it: overFgd.every(({ mean, standardError }) => mean - 2 * standardError > 0) },
  );
});

export const readPackPlan = reading(packForm, ({ plan, ruledPlan, aims }) =>
  measured(
    `${percent(plan.gapShare)}, ${percent(ruledPlan.gapShare)}`,
    { gapShare: plan.gapShare, ruledGapShare: ruledPlan.gapShare },
    {
      'the plain trace': plan.proven && plan.gapShare <= aims.gapShare,
      'MIG and limits': ruledPlan.proven && ruledPlan.gapShare <= aims.ruledGapShare,
    },
  ),
);

export const readPackFleet = reading(packForm, ({ fleetPlan, aims }) =>
  measured(
    `${seconds(fleetPlan.processorMs)} s of processor time, ${percent(fleetPlan.gapShare)} from the bound`,
    { processorMs: fleetPlan.processorMs, gapShare: fleetPlan.gapShare },
    { it: fleetPlan.proven && fleetPlan.processorMs <= aims.fleetMs },
  ),
);
