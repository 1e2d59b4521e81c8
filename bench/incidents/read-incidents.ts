import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { requiredFacts, statedPrecisions } from '../../src/core/contract/contract.ts';
import { deviceStateForm } from '../../src/schemas/pool/device-state.ts';

/**
 * Incidents as a file states them: the facts of one device, one image and one model as somebody reported them, and what
 * happened. A fact that the report does not tell is left out. Two forms of libraries are read: a list with targets as
 * objects, and `{ "path": "sm_80 sm_90a compute_90@12.8" }`.
 */
const target = z.strictObject({ capability: z.string(), suffix: z.enum(['', 'a', 'f']) });
const library = z.strictObject({
  path: z.string(),
  bytes: z.number().optional(),
  cubins: z.array(target),
  ptx: z.array(target),
  ptxCuda: z.string().optional(),
  needs: z.array(z.string()).optional(),
  compression: z.enum(['none', 'lz4', 'zstd']).optional(),
  glibc: z.string().optional(),
  glibcxx: z.string().optional(),
  torchAbi: z.enum(['old', 'cxx11']).optional(),
  looksIn: z.strictObject({ tag: z.enum(['rpath', 'runpath', 'none']), folders: z.array(z.string()) }).optional(),
});
export type IncidentLibrary = z.infer<typeof library>;

const shortLibraries = z
  .record(z.string(), z.string())
  .transform((all) => Object.entries(all).map(([path, text]): IncidentLibrary => readShort(path, text)));

/** `sm_80 sm_90a compute_90@12.8 needs:libcudart.so.12 zstd runpath:$ORIGIN/../lib glibc:2.32 glibcxx:3.4.29 abi:old`. */
function readShort(path: string, text: string): IncidentLibrary {
  const words = text.split(' ').filter((word) => word !== '');
  const of = (kind: string): IncidentLibrary['cubins'] =>
    words.flatMap((word) => {
      const match = new RegExp(String.raw`^${kind}_(\d+)(\d)([af]?)(?:@.*)?$`).exec(word);
      return match === null
        ? []
        : [{ capability: `${match[1]}.${match[2]}`, suffix: z.enum(['', 'a', 'f']).parse(match[3]) }];
    });
  const ptxCuda = words.map((word) => /^compute_.*@(.+)$/.exec(word)?.[1]).find((version) => version !== undefined);
  const needs = words.flatMap((word) => (word.startsWith('needs:') ? [word.slice('needs:'.length)] : []));
  const compression = (['none', 'lz4', 'zstd'] as const).find((one) => words.includes(one));
  const after = (key: string): string | undefined =>
    words.find((word) => word.startsWith(`${key}:`))?.slice(key.length + 1);
  const glibc = after('glibc');
  const glibcxx = after('glibcxx');
  const abi = after('abi');
  const tag = (['runpath', 'rpath'] as const).find((one) => after(one) !== undefined);
  return {
    path,
    cubins: of('sm'),
    ptx: of('compute'),
    ...(ptxCuda === undefined ? {} : { ptxCuda }),
    ...(needs.length === 0 ? {} : { needs }),
    ...(compression === undefined ? {} : { compression }),
    ...(glibc === undefined ? {} : { glibc }),
    ...(glibcxx === undefined ? {} : { glibcxx }),
    ...(abi === undefined ? {} : { torchAbi: z.enum(['old', 'cxx11']).parse(abi) }),
    ...(tag === undefined ? {} : { looksIn: { tag, folders: after(tag)?.split(':') ?? [] } }),
  };
}

const device = z.strictObject({
  product: z.string(),
  cc: z.string(),
  mem: z.string(),
  driver: z.string(),
  /** The CUDA version that the driver tells; null where it tells none. */
  cuda: z.string().nullable(),
  brand: z.string(),
  n: z.number().optional(),
  sharing: z.enum(['exclusive', 'mig', 'mps', 'time-slicing']).optional(),
  replicas: z.number().optional(),
  mig: z.string().optional(),
  pci: z.string().optional(),
  arch: z.string().optional(),
  state: deviceStateForm.optional(),
  /** Flags of the CPU beside it, as /proc/cpuinfo writes them. */
  features: z.string().optional(),
  /** Who told of the board: the PCI bus of the machine itself alone, where the driver listed none. */
  seenBy: z.enum(['driver', 'bus']).optional(),
});
const image = z.strictObject({
  arch: z.string().optional(),
  cuda: z.string(),
  compat: z
    .strictObject({
      version: z.string().nullable(),
      path: z.string(),
      note: z
        .strictObject({ cudaVersion: z.string(), drivers: z.array(z.number()), brands: z.array(z.number()) })
        .nullable(),
    })
    .nullable()
    .optional(),
  env: z.record(z.string(), z.string()).optional(),
  python: z.record(z.string(), z.string()).optional(),
  components: z.record(z.string(), z.string()).optional(),
  libs: z.union([z.array(library), shortLibraries]),
  /** Folders of etc/ld.so.conf.d. */
  searchPaths: z.array(z.string()).optional(),
  glibc: z.string().optional(),
  glibcxx: z.string().optional(),
  /** Versions of CUDA libraries by path. */
  copies: z.record(z.string(), z.string()).optional(),
  /** What the code of libraries uses, by path: `avx512f`, with `dispatches` where it asks the CPU. */
  instructions: z.record(z.string(), z.string()).optional(),
  cpuLevel: z.string().optional(),
  /** The largest page that a library loads with, in bytes, by path. */
  pageSizes: z.record(z.string(), z.number()).optional(),
  /** Libraries that ask for an executable stack. */
  execStack: z.array(z.string()).optional(),
  /** Versions of libraries of a driver, by path. */
  driverFiles: z.record(z.string(), z.string()).optional(),
  /** Paths of compilers. */
  compilers: z.array(z.string()).optional(),
});
const engine = z.strictObject({
  version: z.string().nullable(),
  computeCapability: z.string().nullable(),
  product: z.string().nullable(),
  hardwareCompatibility: z.enum(['none', 'ampere-plus', 'same-compute-capability']).nullable(),
  versionCompatible: z.boolean().nullable(),
});
const model = z.strictObject({
  weights: z.number(),
  format: z.enum(['onnx', 'safetensors', 'gguf', 'tensorrt', 'unknown']).optional(),
  engine: engine.optional(),
  precisions: z.array(z.enum(statedPrecisions)).optional(),
  kvBytesPerToken: z.number().optional(),
  context: z.number().optional(),
  concurrency: z.number().optional(),
  experts: z.boolean().optional(),
  modelType: z.string().optional(),
  headSize: z.number().optional(),
  fp8Scales: z.enum(['tensor', 'channel', 'block']).optional(),
  onnxIr: z.number().optional(),
  onnxOpset: z.number().optional(),
  /** Layers of a GGUF file. */
  layers: z.number().optional(),
  /** Tokens that the configuration of the model allows in one sequence. */
  positions: z.number().optional(),
  /** Tokens that the tokenizer allows in one sequence; null for no limit. */
  tokenizerTokens: z.number().nullable().optional(),
  heads: z.number().optional(),
  expertSize: z.number().optional(),
  fp8Block: z.number().optional(),
  kvHeads: z.number().optional(),
  intermediateSize: z.number().optional(),
  quantGroup: z.number().optional(),
  quantMethod: z.string().optional(),
});
/** `code.args` of the contract. */
const args = z.array(z.string());
const hardware = z.strictObject({
  accelerator: z.literal('nvidia').optional(),
  devices: z.number().optional(),
  memory: z.string().optional(),
  sharing: z.array(z.enum(['exclusive', 'mig', 'mps', 'time-slicing'])).optional(),
  require: z.array(z.enum(requiredFacts)).optional(),
  libraries: z.array(z.string()).optional(),
  instructions: z.array(z.string()).optional(),
});
/** What differs from a row: single facts of each part. */
const changes = z.strictObject({
  device: device.partial().optional(),
  image: image.partial().optional(),
  model: model.partial().optional(),
  hardware: hardware.optional(),
  args: args.optional(),
});
export type IncidentChanges = z.infer<typeof changes>;

const incident = z.strictObject({
  id: z.string(),
  device,
  image,
  model,
  hardware: hardware.optional(),
  args: args.optional(),
  expected: z.enum(['runs', 'does not run']),
  expectedCompatibility: z.string().optional(),
  happened: z.string(),
  source: z.string(),
  url: z.string().optional(),
  date: z.string().optional(),
  /** Marked beforehand: the fact that the report leaves out and that decides. */
  undecided: z.string().optional(),
  /** That fact, as the source tells it elsewhere. */
  read: changes.optional(),
  /** The nearest change with which it runs, and who says so. */
  twin: z.strictObject({ ...changes.shape, fix: z.string(), source: z.string(), date: z.string() }).optional(),
});
export type Incident = z.infer<typeof incident>;

export const readIncidents = (file: string): readonly Incident[] =>
  z.array(incident).parse(JSON.parse(readFileSync(file, 'utf8')));

/** Rows of a file that somebody else wrote, without the keys that are not known here, which are named. */
export function readForeignIncidents(file: string): {
  readonly rows: readonly Incident[];
  readonly leftOut: readonly string[];
} {
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const leftOut = new Set<string>();
  const first = z.array(incident).safeParse(read);
  for (const issue of first.error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], read);
    for (const key of issue.keys) {
      Reflect.deleteProperty(holder as object, key);
      leftOut.add([...issue.path.slice(1), key].join('.'));
    }
  }
  return { rows: z.array(incident).parse(read), leftOut: [...leftOut].sort() };
}

/** The base with other facts; a fact that is left out stays. */
const withChanges = <Part extends object>(
  base: Part,
  by: { readonly [Key in keyof Part]?: Part[Key] | undefined } | undefined,
): Part => Object.assign({}, base, by);

/** The row with other facts; a library of the changes stands in the place of the one with its path. */
export function changeIncident(row: Incident, by: IncidentChanges): Incident {
  const { libs = [], ...imageChanges } = by.image ?? {};
  const replaced = new Map([...row.image.libs, ...libs].map((one) => [one.path, one]));
  return {
    ...row,
    device: withChanges(row.device, by.device),
    image: {
      ...withChanges(row.image, imageChanges),
      libs: [...replaced.values()].filter(({ cubins, ptx }) => cubins.length + ptx.length > 0),
    },
    model: withChanges(row.model, by.model),
    hardware: withChanges(row.hardware ?? {}, by.hardware),
    ...(by.args === undefined ? {} : { args: by.args }),
  };
}
