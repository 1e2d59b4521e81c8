import * as z from 'zod';

/** The answers of MLflow's REST API 2.0, as far as they are read here; what older servers leave out may be missing. */
const millis = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);

export const modelVersionForm = z.object({
  name: z.string(),
  version: z.coerce.string(),
  status: z.string().optional(),
  status_message: z.string().optional(),
  source: z.string().optional(),
  creation_timestamp: millis.optional(),
  description: z.string().optional(),
});

export const versionPageForm = z.object({
  model_versions: z.array(modelVersionForm).max(10_000).default([]),
  next_page_token: z.string().optional(),
});

export const namePageForm = z.object({
  registered_models: z
    .array(z.object({ name: z.string() }))
    .max(10_000)
    .default([]),
  next_page_token: z.string().optional(),
});

export const registeredModelForm = z.object({
  registered_model: z.object({
    name: z.string(),
    aliases: z.array(z.object({ alias: z.string(), version: z.coerce.string() })).default([]),
  }),
});

export const oneVersionForm = z.object({ model_version: modelVersionForm });
export const downloadUriForm = z.object({ artifact_uri: z.string().optional() });

export const artifactListForm = z.object({
  files: z
    .array(z.object({ path: z.string(), is_dir: z.boolean().default(false), file_size: millis.nullish() }))
    .max(20_000)
    .default([]),
});
