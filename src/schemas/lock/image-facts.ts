import * as z from 'zod';
import type { LayerFacts } from '../../core/image/image-layer.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { compatNote, deviceLibrary, libraryInstructions } from './pinned-facts.ts';

/** Facts of one layer as the cache keeps them; those of a whole image are `imageFactsForm`. */
const path = z.string().max(4096);
const texts = z.record(z.string(), z.string());
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));
const whole = z.int().nonnegative();
const link = z.strictObject({ path, target: path });

export const layerFactsForm: z.ZodType<LayerFacts> = z.strictObject({
  diffId: digest,
  bytes: whole,
  entries: whole,
  libraries: z.array(
    z.strictObject({
      path,
      bytes: whole,
      device: deviceLibrary.nullable(),
      versions: texts,
      compatNote: compatNote.nullable(),
      cpuLevel: z.string().nullable(),
      instructions: libraryInstructions.exactOptional(),
      pageSize: whole.exactOptional(),
      execStack: z.literal(true).exactOptional(),
      unknown: texts,
    }),
  ),
  python: z.array(z.strictObject({ path, name: z.string(), version: z.string() })),
  loaderFiles: z.array(z.strictObject({ path, folders: z.array(path) })).exactOptional(),
  compilers: z.array(path).exactOptional(),
  symlinks: z.array(link),
  hardLinks: z.array(link),
  whiteouts: z.array(path),
  opaque: z.array(path),
  unknown: texts,
});
