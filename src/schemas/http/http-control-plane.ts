import * as z from 'zod';
import { serviceHealthSchema } from './http-view.ts';
import { signatureSchema } from './release/http-artifact.ts';

/** `GET /v1/identity`, and `<state>/run/control-plane.json`: who answers at an address. */
export const controlPlaneIdentitySchema = z.object({
  /** The first of `services`, for older programs. */
  service: z.string(),
  environment: z.string(),
  /** All that it holds; absent from older versions, which hold one. */
  services: z.array(z.object({ service: z.string(), environment: z.string() })).exactOptional(),
  /** For programs of its own machine. */
  address: z.string(),
  /** For people; absent from older versions, where it is the same. */
  pageUrl: z.string().exactOptional(),
  pid: z.number().int(),
  /** Process identity, `host:boot:pid:start`. */
  identity: z.string(),
  plimsollVersion: z.string(),
  /** Where it stores, without a password; older versions do not say it. */
  store: z.string().exactOptional(),
});
export type ControlPlaneIdentity = z.infer<typeof controlPlaneIdentitySchema>;

/** Body of every answer that is an error. */
export const httpErrorSchema = z.object({
  error: z.object({
    code: z.string(),
    category: z.enum([
      'input',
      'not-found',
      'conflict',
      'refused',
      'corrupt',
      'unauthorized',
      'overloaded',
      'unavailable',
      'bug',
    ]),
    message: z.string(),
    next: z.string().optional(),
    details: z.record(z.string(), z.unknown()),
  }),
});

export const healthSchema = z.object({
  /** The control plane holds its lease and reconciles, and the service is not failing. */
  healthy: z.boolean(),
  /** The first half of that, which the status of the answer goes by. */
  controlPlane: z.boolean(),
  leaseHeld: z.boolean(),
  /** Age of the last reconciliation that went through; null before the first. */
  lastReconciledAgoMs: z.number().nullable(),
  problems: z.array(z.string()),
  /** As the page and `plimsoll status` say it; null before the first look. */
  service: serviceHealthSchema.pick({ state: true, sentence: true, sinceMs: true, next: true }).nullable(),
});

/** Answer of `GET /v1/try`: what the server that answers says that it takes; null where it does not say. */
export const trySignatureSchema = z.object({ signature: signatureSchema.nullable() });
export type TrySignature = z.infer<typeof trySignatureSchema>;

/** Answer of `POST /v1/try`. */
export const tryAnswerSchema = z.object({
  /** HTTP status that the gateway gave. */
  status: z.number().int(),
  release: z.number().int().nullable(),
  replica: z.string().nullable(),
  modelVersion: z.number().int().nullable(),
  latencyMs: z.number(),
  /** The service's own answer: JSON where it is JSON, text otherwise. */
  body: z.unknown(),
});
