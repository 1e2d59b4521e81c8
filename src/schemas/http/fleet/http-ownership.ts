import * as z from 'zod';
import type { Scope } from '../../../core/access/requester.ts';
import { artifactKinds, type ArtifactClaim, type ShareRequest } from '../../../core/fleet/artifact-claim.ts';
import type { ServiceClaim } from '../../../core/fleet/service-claim.ts';
import { artifactNameSchema, nameSchema } from '../release/http-artifact.ts';

const artifact = { environment: nameSchema, kind: z.enum(artifactKinds), name: artifactNameSchema };

/** Body of POST /v1/artifacts/shares. */
export const shareRequestSchema: z.ZodType<ShareRequest> = z.strictObject({
  ...artifact,
  with: nameSchema,
  stop: z.boolean().exactOptional(),
});

export const artifactClaimSchema: z.ZodType<ArtifactClaim> = z.object({
  ...artifact,
  service: z.string(),
  standing: z.enum(['owner', 'shared']),
  by: z.string(),
  atMs: z.number(),
});

const scopeSchema: z.ZodType<Scope> = z.object({
  service: nameSchema.nullable(),
  environment: nameSchema.nullable(),
});

/** Body of POST /v1/services/transfers. */
export const transferRequestSchema = z.strictObject({ service: nameSchema, environment: nameSchema, to: scopeSchema });

export const serviceClaimSchema: z.ZodType<ServiceClaim> = z.object({
  service: z.string(),
  environment: z.string(),
  scope: scopeSchema,
  by: z.string(),
  atMs: z.number(),
});
