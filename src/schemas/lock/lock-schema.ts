import * as z from 'zod';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import { featureViewKinds } from '../../core/evidence/features/feature-view.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { imageFactsForm, modelFactsForm } from './pinned-facts.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), {
  error: 'expected `sha256:` and 64 hexadecimal digits',
});
const tensor = z.strictObject({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) });
const name = z.string().min(1).max(200);

const evidence = z.strictObject({
  kind: z.enum(evidenceKinds),
  subjects: z.record(name, digest),
  // Read from JSON text, and so JSON: looking at each value of a table of measurements again takes as long as the rest.
  measurements: z.record(z.string(), z.unknown()),
  measuredAtMs: z.number().nonnegative(),
  by: z.string(),
  plimsollVersion: z.string(),
});

/** Evidence stands under its own kind. */
const evidenceByKind = z.partialRecord(z.enum(evidenceKinds), evidence).check((context) => {
  for (const [kind, one] of Object.entries(context.value)) {
    if (one.kind === kind) continue;
    const message = `evidence of kind ${one.kind} stands under ${kind}`;
    context.issues.push({ code: 'custom', input: one, message, path: [kind, 'kind'] });
  }
});

const viewName = z
  .string()
  .regex(/^[^/]+\/\P{C}+$/u)
  .max(420);
const names = z.record(name, name);

const featureView = z.strictObject({
  kind: z.enum(featureViewKinds),
  entities: names,
  features: names,
  sources: z.record(z.string().min(1).max(210), digest),
  transformation: digest.exactOptional(),
  ttlSeconds: z.number(),
  rest: digest,
});

const environment = z.strictObject({
  code: z
    .strictObject({
      digest,
      image: z.string().exactOptional(),
      files: z.record(z.string().min(1), digest),
      facts: imageFactsForm.exactOptional(),
    })
    .refine(({ image, facts }) => facts === undefined || image !== undefined, 'facts of an image, and no image')
    .exactOptional(),
  model: z
    .strictObject({
      name,
      version: z.int().min(1),
      alias: name.exactOptional(),
      digest,
      source: z.string().max(2_000).exactOptional(),
      format: name,
      signature: z.strictObject({ inputs: z.array(tensor), outputs: z.array(tensor) }),
      facts: modelFactsForm.exactOptional(),
    })
    .exactOptional(),
  data: z.record(name, z.strictObject({ version: z.int().min(1), digest })),
  features: z.record(name, digest).exactOptional(),
  featureViews: z.record(viewName, featureView).exactOptional(),
  deviceClasses: z.array(digest),
  runtime: z.record(name, name),
  evidence: evidenceByKind,
});

export const lockVersion = 1;

export const lockSchema = z
  .strictObject({
    lockVersion: z.literal(lockVersion),
    service: name,
    environments: z.record(name, environment),
  })
  .transform((lock): Lock => lock as Lock);
