import * as z from 'zod';
import { evidenceKinds, type Evidence, type Lock } from '../core/evidence/lock.ts';
import { isDigest, type Digest } from '../core/units/digest.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), {
  error: 'expected `sha256:` and 64 hexadecimal digits',
});
const tensor = z.strictObject({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) });
const name = z.string().min(1).max(200);

const evidenceOf = (kind: (typeof evidenceKinds)[number]) =>
  z
    .strictObject({
      kind: z.literal(kind),
      subjects: z.record(name, digest),
      measurements: z.record(z.string(), z.json()),
      measuredAtMs: z.number().nonnegative(),
      by: z.string(),
      plimsollVersion: z.string(),
    })
    .transform((evidence): Evidence => evidence)
    .exactOptional();

const environment = z.strictObject({
  code: z
    .strictObject({ digest, image: z.string().exactOptional(), files: z.record(z.string().min(1), digest) })
    .exactOptional(),
  model: z
    .strictObject({
      name,
      version: z.int().min(1),
      alias: name.exactOptional(),
      digest,
      format: name,
      signature: z.strictObject({ inputs: z.array(tensor), outputs: z.array(tensor) }),
    })
    .exactOptional(),
  data: z.record(name, z.strictObject({ version: z.int().min(1), digest })),
  deviceClasses: z.array(digest),
  runtime: z.record(name, name),
  evidence: z.strictObject(Object.fromEntries(evidenceKinds.map((kind) => [kind, evidenceOf(kind)]))),
});

export const lockVersion = 1;

export const lockSchema = z
  .strictObject({
    lockVersion: z.literal(lockVersion),
    service: name,
    environments: z.record(name, environment),
  })
  .transform((lock): Lock => lock as Lock);
