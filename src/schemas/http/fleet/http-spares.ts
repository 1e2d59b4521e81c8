import * as z from 'zod';
import type { FleetSpares } from '../../view/fleet-view.ts';

export const fleetSparesSchema: z.ZodType<FleetSpares> = z.object({
  environment: z.string(),
  fits: z.string(),
  services: z.array(z.string()),
  wanted: z.number().int(),
  free: z.number().int(),
  starting: z.number().int(),
  taken: z.number().int(),
  takenLastDay: z.number().int().exactOptional(),
  pricePerHour: z.object({ micros: z.number().int(), currency: z.string() }).nullable().exactOptional(),
});
