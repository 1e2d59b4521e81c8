import * as z from 'zod';
import { preflightKinds } from '../../core/pool/preflight/preflight.ts';
import { preflightCheckSchema } from '../../schemas/pool/preflight.ts';

const device = z.strictObject({
  ordinal: z.int().nonnegative(),
  uuid: z.string().max(100),
  capability: z.int().nonnegative(),
  freeBytes: z.number().nonnegative(),
  totalBytes: z.number().nonnegative(),
});

/** A device as the CUDA driver lists it; `capability` 80 is 8.0, `uuid` as nvidia-smi writes it. */
export type CudaDevice = z.output<typeof device>;

const trialLine = z.union([
  z.strictObject({ device }),
  /** The check that is under way: where a process says no more, it ended in this one. */
  z.strictObject({ begins: z.strictObject({ kind: z.enum(preflightKinds), of: z.string().max(500) }) }),
  z.strictObject({ check: preflightCheckSchema }),
  z.strictObject({ failed: z.string() }),
]);

/** What a process that tries something prints, a line of JSON each. */
export type TrialLine = z.output<typeof trialLine>;

/** Null for lines that are none: libraries print their own. */
export function readTrialLine(text: string): TrialLine | null {
  try {
    return trialLine.parse(JSON.parse(text), { jitless: true });
  } catch {
    return null;
  }
}
