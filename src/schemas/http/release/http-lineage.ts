import * as z from 'zod';
import type { LineageGraph } from '../../../core/registry/lineage-graph.ts';
import type { AliasMove } from '../../../core/registry/model-version.ts';
import { artifactClaimSchema } from '../fleet/http-ownership.ts';
import { digestSchema, modelVersionSchema, newAliasMoveSchema } from './http-artifact.ts';

const id = z.string();
const at = { atMs: z.number(), by: z.string() };

/** GET /v1/lineage: where the versions of a model came from, and which releases used them. */
export const lineageGraphSchema = z.object({
  nodes: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        id,
        kind: z.literal('model'),
        name: z.string(),
        version: z.number().int(),
        digest: digestSchema,
        aliases: z.array(z.string()),
        source: z.string().nullable(),
        ...at,
      }),
      z.object({
        id,
        kind: z.literal('data'),
        name: z.string(),
        version: z.number().int().nullable(),
        digest: digestSchema,
        rows: z.number().int().nullable(),
      }),
      z.object({ id, kind: z.literal('code'), digest: digestSchema }),
      z.object({ id, kind: z.literal('release'), service: z.string(), number: z.number().int(), ...at }),
    ]),
  ),
  edges: z.array(
    z.object({
      from: id,
      to: id,
      kind: z.enum(['trained-on', 'preprocessing', 'parent', 'releases', 'runs-code']),
    }),
  ),
}) as unknown as z.ZodType<LineageGraph>;

const aliasMoveSchema = z.intersection(
  newAliasMoveSchema,
  z.object({ by: z.string(), atMs: z.number() }),
) as z.ZodType<AliasMove>;

/** GET /v1/models/:name. */
export const modelWithHistorySchema = z.object({
  versions: z.array(modelVersionSchema),
  aliases: z.record(z.string(), z.number()),
  /** Oldest first; nothing is ever taken out of it. */
  history: z.array(aliasMoveSchema),
  claims: z.array(artifactClaimSchema),
});
