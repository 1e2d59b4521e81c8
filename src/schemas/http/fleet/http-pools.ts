import * as z from 'zod';
import type { PoolMatrix } from '../../../core/hardware/pool-matrix.ts';
import { digestSchema } from '../release/http-artifact.ts';

const compatibility = z.enum(['native', 'minor-version', 'forward', 'incompatible', 'unknown']);
const verdict = z.enum(['pass', 'fail', 'inconclusive', 'unknown']);

const finding = z.object({
  rule: z.string(),
  compatibility,
  weight: z.enum(['deciding', 'supporting', 'warning']),
  message: z.string(),
  facts: z.record(z.string(), z.string()),
  source: z.string(),
  fix: z.string().exactOptional(),
});

/** `GET /v1/pools`: the pools of the service's environments, judged now. */
export const poolsSchema: z.ZodType<PoolMatrix[]> = z.array(
  z.object({
    pool: z.string(),
    takenAtMs: z.number().nullable(),
    services: z.array(
      z.object({
        service: z.string(),
        environment: z.string(),
        verdict,
        reasons: z.array(z.string()),
        restsOnDeclared: z.boolean(),
        nodesLeftOut: z.number().int(),
      }),
    ),
    classes: z.array(
      z.object({
        digest: digestSchema,
        description: z.string(),
        answers: z.array(z.object({ compatibility, verdict, findings: z.array(finding) }).nullable()),
      }),
    ),
    rows: z.array(
      z.object({
        nodes: z.number().int(),
        names: z.array(z.string()),
        cells: z.array(
          z
            .object({
              verdict,
              reason: z.string(),
              devices: z.array(z.object({ device: z.string(), deviceClass: digestSchema, compatibility, verdict })),
            })
            .nullable(),
        ),
      }),
    ),
    nodesNotShown: z.number().int(),
  }),
);
