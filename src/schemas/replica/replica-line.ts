import * as z from 'zod';
import { phaseUseSchema } from './phase-use.ts';

const phase = z.enum([
  'schedule',
  'image-pull',
  'process-start',
  'weights-fetch',
  'weights-load',
  'engine-init',
  'warm-up',
]);

const word = z.string().min(1).max(200);

/**
 * What a model server may print on stdout, one JSON object a line, for the platform that started it. A server that prints
 * none of it still works: its start then has one merged phase.
 */
export const replicaLineSchema = z.discriminatedUnion('plimsoll', [
  z.object({
    plimsoll: z.literal('phase'),
    phases: z.array(phase).min(1),
    /** Offset from the start of the process. */
    startMs: z.number().nonnegative(),
    durationMs: z.number().nonnegative(),
    used: phaseUseSchema.exactOptional(),
  }),
  z.object({ plimsoll: z.literal('listening'), port: z.number().int() }),
  z.object({ plimsoll: z.literal('ready'), afterMs: z.number() }),
  /** A spare has loaded its runtime, and takes its order on this port of loopback. */
  z.object({ plimsoll: z.literal('spare'), port: z.number().int() }),
  /** The accelerators that it sees: its own word, which is recorded as such. */
  z.object({
    plimsoll: z.literal('devices'),
    devices: z
      .array(
        z.object({
          uuid: word.nullable(),
          product: word.nullable(),
          profile: word.nullable(),
          parentUuid: word.nullable(),
        }),
      )
      .max(64),
  }),
  z.object({ plimsoll: z.literal('draining'), inFlight: z.number().int() }),
]);
export type ReplicaLine = z.infer<typeof replicaLineSchema>;
export type SeenDevice = Extract<ReplicaLine, { plimsoll: 'devices' }>['devices'][number];
