import * as z from 'zod';
import { evidenceKinds } from '../../../core/evidence/kinds/table.ts';
import { aliasPattern, artifactNamePattern } from '../../../core/registry/artifact.ts';
import type { AliasMove, ArtifactFile, DataVersion, ModelVersion } from '../../../core/registry/model-version.ts';
import type { Digest } from '../../../core/units/digest.ts';
import type { TensorSpec } from '../../../core/units/tensor.ts';

/** Names of services and environments: what may stand in a path and in a file name. */
export const nameSchema = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, {
    message:
      'expected lowercase letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit',
  });

/** Names of models and data, by the rule of the command line and of the contract: `Llama-3.1-8B`. */
export const artifactNameSchema = z.string().regex(artifactNamePattern, {
  message: 'expected 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit',
});

export const aliasSchema = z.string().regex(aliasPattern, {
  message: 'expected 1 to 63 letters, digits and dashes, beginning with a letter',
});

export const digestSchema = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)]);

/** A path inside an artifact: relative, and never out of it. */
const artifactPathSchema = z
  .string()
  .min(1)
  .max(500)
  .refine((path) => !path.startsWith('/') && !path.includes('\\') && !path.split('/').includes('..'), {
    message: 'expected a relative path without ..',
  });

export const artifactFileSchema: z.ZodType<ArtifactFile> = z.object({
  path: artifactPathSchema,
  digest: digestSchema as z.ZodType<Digest>,
  bytes: z.number().int().nonnegative(),
});

const tensorSpecSchema: z.ZodType<TensorSpec> = z.object({
  name: z.string().max(500),
  datatype: z.string().max(20),
  shape: z.array(z.number().int().min(-1)).max(32),
});
export const signatureSchema = z.object({
  inputs: z.array(tensorSpecSchema).max(1_000),
  outputs: z.array(tensorSpecSchema).max(1_000),
});

const lineageSchema = z.object({
  trainedOn: z.object({ data: z.string(), digest: digestSchema }).exactOptional(),
  preprocessing: digestSchema.exactOptional(),
  parent: z.number().int().positive().exactOptional(),
  source: z.string().max(2_000).exactOptional(),
  note: z.string().max(2_000).exactOptional(),
  allowedPickle: z.array(z.string().max(500)).max(10_000).exactOptional(),
});

const modelVersionFields = {
  environment: nameSchema,
  name: artifactNameSchema,
  digest: digestSchema,
  format: z.enum(['onnx', 'safetensors', 'gguf', 'other']),
  files: z.array(artifactFileSchema).min(1).max(10_000),
  signature: signatureSchema.nullable(),
  facts: z.record(z.string(), z.unknown()),
  lineage: lineageSchema,
};
export const newModelVersionSchema = z.object(modelVersionFields);
export const modelVersionSchema: z.ZodType<ModelVersion> = z.object({
  ...modelVersionFields,
  version: z.number().int().positive(),
  createdAtMs: z.number(),
  createdBy: z.string(),
});

const dataVersionFields = {
  environment: nameSchema,
  name: artifactNameSchema,
  digest: digestSchema,
  files: z.array(artifactFileSchema).min(1).max(10_000),
  rows: z.number().int().nonnegative(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).max(10_000),
  profile: digestSchema.exactOptional(),
  source: z.string().max(2_000).exactOptional(),
};
export const newDataVersionSchema = z.object(dataVersionFields);
export const dataVersionSchema: z.ZodType<DataVersion> = z.object({
  ...dataVersionFields,
  version: z.number().int().positive(),
  createdAtMs: z.number(),
  createdBy: z.string(),
});

export const newAliasMoveSchema: z.ZodType<Omit<AliasMove, 'by' | 'atMs'>> = z.object({
  environment: nameSchema,
  name: artifactNameSchema,
  alias: aliasSchema,
  from: z.number().int().positive().nullable(),
  to: z.number().int().positive().nullable(),
  reason: z.string().max(2_000),
  evidence: z
    .array(
      z.object({
        kind: z.enum(evidenceKinds),
        digest: digestSchema,
        verdict: z.enum(['pass', 'fail', 'inconclusive', 'unknown']),
      }),
    )
    .max(20)
    .exactOptional(),
});

export const registrySyncSchema = z.object({
  name: artifactNameSchema.exactOptional(),
  environment: nameSchema,
  location: z.string().max(2_000),
  remoteName: z.string().max(500),
  outcome: z.enum(['added', 'refused', 'in-step', 'pending', 'both-moved']),
  alias: z.string().max(200).nullable(),
  remote: z.string().max(200).nullable(),
  local: z.number().int().positive().nullable(),
  reason: z.string().max(10_000),
  cause: z.literal('from-elsewhere').exactOptional(),
});

export const addedModelVersionSchema = z.object({ version: modelVersionSchema, created: z.boolean() });
export const addedDataVersionSchema = z.object({ version: dataVersionSchema, created: z.boolean() });
