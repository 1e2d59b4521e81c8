import * as z from 'zod';
import type { FleetChange, FleetEntry, FleetView } from '../../view/fleet-view.ts';
import { fleetSparesSchema } from './http-spares.ts';
import { serviceHealthSchema } from '../http-view.ts';

const entrySchema: z.ZodType<FleetEntry> = z.object({
  service: z.string(),
  environment: z.string(),
  owner: z.string().nullable(),
  health: serviceHealthSchema.pick({ state: true, sentence: true, sinceMs: true, next: true }).nullable(),
  live: z
    .object({
      release: z.number().int(),
      code: z.string(),
      model: z.object({ name: z.string(), version: z.number().int() }),
      sinceMs: z.number(),
    })
    .nullable(),
  objective: z.object({ availabilityShare: z.number(), metShare: z.number().nullable() }).nullable(),
  evidence: z.object({ asked: z.number().int(), gaps: z.number().int() }),
  replicas: z.object({ ready: z.number().int(), wanted: z.number().int().nullable() }),
  underWay: z.string().nullable(),
  // An older control plane says nothing of it.
  drift: z.string().nullable().default(null),
});

/** Answer of `GET /v1/fleet`, and the server-sent event `fleet` of `GET /v1/fleet/stream`. */
export const fleetViewSchema: z.ZodType<FleetView> = z.object({
  plimsollVersion: z.string(),
  nowMs: z.number(),
  services: z.array(entrySchema),
  rights: z.object({ runAs: z.string(), areOwn: z.boolean() }).exactOptional(),
  spares: z.array(fleetSparesSchema).exactOptional(),
});

/** The server-sent event `fleet-change`. */
export const fleetChangeSchema: z.ZodType<FleetChange> = z.object({
  nowMs: z.number(),
  changed: z.array(entrySchema),
  gone: z.array(z.object({ service: z.string(), environment: z.string() })),
  spares: z.array(fleetSparesSchema).exactOptional(),
});
