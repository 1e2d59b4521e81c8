import * as z from 'zod';
import { statedPrecisions } from '../../core/contract/contract.ts';
import type { ImageFacts } from '../../core/evidence/lock/image-facts.ts';
import type { ModelHardwareFacts } from '../../core/evidence/lock/model-facts.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';

/**
 * Facts of an image and of a model as the lock pins them; the shapes are those of core/evidence. Each is made when a lock
 * first holds it: `check` reads a lock on every commit, and most hold neither.
 */
const text = z.string().max(4096);
const texts = z.lazy(() => z.record(z.string().max(512), text));
const bytes = z.number().nonnegative();
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), {
  error: 'expected `sha256:` and 64 hexadecimal digits',
});
const versionFound = z.lazy(() => z.strictObject({ version: text, from: text }));
const target = z.lazy(() =>
  z.strictObject({ capability: z.string().regex(/^\d{1,3}\.\d$/), suffix: z.enum(['', 'a', 'f']) }),
);
const whole = z.lazy(() => z.int().nonnegative());

export const compatNote = z.lazy(() =>
  z.strictObject({ cudaVersion: text, drivers: z.array(whole), brands: z.array(whole) }),
);

export const deviceLibrary = z.lazy(() =>
  z.strictObject({
    path: text,
    bytes,
    cubins: z.array(target),
    ptx: z.array(target),
    needs: z.array(text).exactOptional(),
    ptxCuda: text.exactOptional(),
    compression: z.enum(['none', 'lz4', 'zstd']).exactOptional(),
    glibc: text.exactOptional(),
    glibcxx: text.exactOptional(),
    torchAbi: z.enum(['old', 'cxx11']).exactOptional(),
    looksIn: z.strictObject({ tag: z.enum(['rpath', 'runpath', 'none']), folders: z.array(text) }).exactOptional(),
    unknown: text.exactOptional(),
  }),
);

export const libraryInstructions = z.lazy(() =>
  z.strictObject({ path: text, flags: z.array(z.string().max(64)), dispatches: z.boolean() }),
);

export const imageFactsForm: z.ZodType<ImageFacts> = z.lazy(() =>
  z.strictObject({
    digest,
    platform: z.strictObject({ os: text, architecture: text, variant: text.exactOptional() }),
    env: texts,
    labels: texts,
    cuda: versionFound.nullable(),
    components: z.record(z.string().max(512), versionFound),
    python: z.array(z.strictObject({ name: text, version: text })),
    compat: z.strictObject({ version: text.nullable(), path: text, note: compatNote.nullable() }).nullable(),
    libraries: z.array(deviceLibrary),
    searchPaths: z.array(text).exactOptional(),
    glibc: text.exactOptional(),
    glibcxx: text.exactOptional(),
    copies: texts.exactOptional(),
    instructions: z.array(libraryInstructions).exactOptional(),
    compilers: z.array(text).exactOptional(),
    pageSizes: z.record(z.string().max(512), whole).exactOptional(),
    execStack: z.array(text).exactOptional(),
    driverFiles: texts.exactOptional(),
    cpuLevel: z.strictObject({ level: text, path: text }).nullable(),
    unknown: texts,
  }),
);

const engine = z.lazy(() =>
  z.strictObject({
    version: text.nullable(),
    computeCapability: text.nullable(),
    product: text.nullable(),
    hardwareCompatibility: z.enum(['none', 'ampere-plus', 'same-compute-capability']).nullable(),
    versionCompatible: z.boolean().nullable(),
  }),
);

export const modelFactsForm: z.ZodType<ModelHardwareFacts> = z.lazy(() =>
  z.strictObject({
    format: z.enum(['onnx', 'safetensors', 'gguf', 'tensorrt', 'unknown']),
    weightsBytes: bytes.nullable(),
    kvBytesPerToken: bytes.nullable(),
    precisions: z.array(z.enum(statedPrecisions)).exactOptional(),
    contextTokens: whole.exactOptional(),
    tokenizerTokens: whole.nullable().exactOptional(),
    experts: z.boolean().exactOptional(),
    modelType: text.exactOptional(),
    headSize: whole.exactOptional(),
    fp8Scales: z.enum(['tensor', 'channel', 'block']).exactOptional(),
    heads: whole.exactOptional(),
    expertSize: whole.exactOptional(),
    fp8Block: whole.exactOptional(),
    kvHeads: whole.exactOptional(),
    intermediateSize: whole.exactOptional(),
    quantGroup: whole.exactOptional(),
    quantMethod: text.exactOptional(),
    layers: whole.exactOptional(),
    contextScaled: z.boolean().exactOptional(),
    onnxIrVersion: whole.exactOptional(),
    onnxOpset: whole.exactOptional(),
    leftOut: texts,
    engine: engine.nullable(),
    unknown: texts,
  }),
);
