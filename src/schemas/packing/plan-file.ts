import * as z from 'zod';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { NamedPlacement, NamedRest } from '../../core/packing/named/named-task.ts';
import type { PackingObjective } from '../../core/packing/packing-task.ts';
import type { PackingPlan } from '../../core/packing/plan/plan-placement.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readJsonText } from '../source/json-text.ts';

const count = z.int().min(0);
/** Whole numbers beyond 2^53, as text. */
const whole = z.string().regex(/^\d{1,40}$/);

const planFileSchema = z.strictObject({
  plan: z.literal(1),
  objective: z.enum(['most-accelerators', 'fewest-nodes']),
  nodes: z.array(
    z.strictObject({
      node: z.string(),
      held: z
        .array(
          z.strictObject({
            replica: z.string(),
            devices: z.array(count).max(64),
            instance: z.strictObject({ profile: z.string(), start: count }).exactOptional(),
          }),
        )
        .max(1_000_000),
    }),
  ),
  unplaced: z.array(z.strictObject({ replica: z.string(), count })),
  valueNano: whole,
  gapShare: z.number().nullable(),
  allPlaced: z.enum(['yes', 'impossible', 'unknown']),
  certificate: z.strictObject({
    pricesNano: z.array(count),
    nodes: z.array(
      z.strictObject({
        price: z.strictObject({
          cpuMilliNano: z.number(),
          memoryMibNano: z.number(),
          limitsNano: z.array(z.number()).exactOptional(),
        }),
        fillingBoundNano: count,
      }),
    ),
    boundNano: whole,
    labelsAtMost: count,
  }),
});

/** A plan as it is written: placed by names, with whole numbers beyond 2^53 as text. */
export type PlanFile = z.infer<typeof planFileSchema>;

/** Returns what is written of a plan. */
export function makePlanFile(
  objective: PackingObjective,
  { certificate, valueNano, gapShare, allPlaced }: PackingPlan,
  placed: { readonly nodes: readonly NamedPlacement[]; readonly unplaced: readonly NamedRest[] },
): PlanFile {
  const { pricesNano, nodes, boundNano, labelsAtMost } = certificate;
  return {
    plan: 1,
    objective,
    nodes: placed.nodes.map(({ node, held }) => ({
      node,
      held: held.map((each) => ({ ...each, devices: [...each.devices] })),
    })),
    unplaced: placed.unplaced.map((rest) => ({ ...rest })),
    valueNano: String(valueNano),
    gapShare,
    allPlaced,
    certificate: {
      pricesNano: [...pricesNano],
      nodes: nodes.map(({ price, fillingBoundNano }) => ({ price: copyPrice(price), fillingBoundNano })),
      boundNano: String(boundNano),
      labelsAtMost,
    },
  };
}

function copyPrice({ limitsNano, ...price }: PackingPlan['certificate']['nodes'][number]['price']) {
  return limitsNano === undefined ? price : { ...price, limitsNano: [...limitsNano] };
}

/** @throws PlimsollError `plan-invalid` (input), with what is wrong under which key; `json-invalid` (input). */
export function readPlanFile(bytes: Uint8Array, shown: string): PlanFile {
  const read = planFileSchema.safeParse(readJsonText(bytes, shown));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new PlimsollError({
    code: 'plan-invalid',
    category: 'input',
    message: `${shown} is no plan: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    next: nextStep(coreSteps, 'plan-invalid'),
  });
}
