import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { codeDigest } from '../../core/contract/code-digest.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { ImageFacts } from '../../core/evidence/lock/image-facts.ts';
import type { PinnedCode } from '../../core/evidence/lock/lock.ts';
import { acceleratorClassOf, digestOfClass } from '../../core/pool/classes/device-class.ts';
import type { ModelHardwareFacts } from '../../core/hardware/model/model-facts.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { classesOf } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { ArtifactFile, ModelVersion } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { modelHardwareFacts, type SiblingFile } from '../../formats/model-file/model-hardware-facts.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { ImageInspector } from '../../ports/artifacts/image-inspector.ts';
import type { RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import type { NodeProbe } from '../../ports/nodes/node-probe.ts';
import type { Pools } from '../../ports/project/pools.ts';
import type { Project } from '../../ports/project/project.ts';
import { withSourceFile } from '../files/source-file.ts';
import { poolMissing, poolNotNamed } from '../verify/verify-pools.ts';

/** Where pin learns of hardware; each is opened only when a contract asks for it. */
export interface HardwareSources {
  readonly images: () => Promise<ImageInspector>;
  readonly pools: () => Promise<Pools>;
  readonly probe: () => Promise<NodeProbe>;
  readonly blobs: () => Promise<Blobs>;
  readonly remotePlace: (uri: string) => Promise<RemoteFiles>;
  readonly signal: AbortSignal;
  /** Compressed bytes of an image read so far, of how many. */
  readonly progress: (doneBytes: number, totalBytes: number) => void;
}

/** The tag resolved to a digest now, and what is inside that image. @throws as `ImageInspector.inspect`. */
export async function pinImage(
  { code }: Contract,
  image: string,
  { images, signal, progress }: HardwareSources,
): Promise<PinnedCode> {
  const facts = await (await images()).inspect(image, { signal, progress });
  return { digest: codeDigest(code, {}, facts.digest), image, files: {}, facts };
}

/** Runtimes that are pinned when an image brings them: what the evidence of outputs depends on. */
const runtimeOfDistribution: Readonly<Record<string, string>> = {
  onnxruntime: 'onnxruntime',
  'onnxruntime-gpu': 'onnxruntime',
  torch: 'torch',
  tensorrt: 'tensorrt',
  tensorflow: 'tensorflow',
  jax: 'jax',
  vllm: 'vllm',
  sglang: 'sglang',
};

/**
 * The runtimes that a service runs on: those of its image, else those of this installation where its own model server
 * runs. Another program brings its own, which nobody knows here.
 */
export function runtimeOfService(
  { code }: Pick<Contract, 'code'>,
  image: ImageFacts | undefined,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (image !== undefined && code.image !== undefined) return runtimesOfImage(image);
  return code.command?.[0] === 'plimsoll' ? own : {};
}

export function runtimesOfImage({ python, components }: ImageFacts): Readonly<Record<string, string>> {
  const named = python.flatMap(({ name, version }) => {
    const runtime = runtimeOfDistribution[name];
    return runtime === undefined ? [] : [[runtime, version] as const];
  });
  const tensorrt = components['tensorrt'];
  return Object.fromEntries([...(tensorrt === undefined ? [] : [['tensorrt', tensorrt.version] as const]), ...named]);
}

/** Classes of the devices that a replica may land on: of the pool, else of this machine. Sorted. */
export async function pinDeviceClasses(
  project: Project,
  contract: Contract,
  environment: string,
  sources: HardwareSources,
): Promise<readonly Digest[]> {
  const { pool, platform } = contract.environments[environment] ?? {};
  const accelerator = contract.hardware?.accelerator ?? 'cpu';
  if (pool !== undefined) {
    const pools = await sources.pools();
    const snapshot = await pools.read(pool);
    if (snapshot === null) throw await poolMissing(pool, pools);
    return [...classesOf(snapshot, accelerator).keys()].sort();
  }
  if (platform === 'kubernetes') throw poolNotNamed(environment);
  if (accelerator === 'cpu') return [(await project.machine()).deviceClass.digest];
  const { facts } = await (await sources.probe()).probe(sources.signal);
  return [...new Set(devicesOf(facts).map((device) => digestOfClass(acceleratorClassOf(device))))].sort();
}

function devicesOf({ devices, unknown }: NodeFacts): NonNullable<NodeFacts['devices']> {
  if (devices !== null && devices.length > 0) return devices;
  throw new PlimsollError({
    code: 'accelerator-missing',
    category: 'unavailable',
    message: `the contract asks for an NVIDIA accelerator, and this machine shows none: ${unknown['devices'] ?? 'it has none'}`,
    next: nextStep(proveSteps, 'accelerator-missing'),
  });
}

/** What the files of a model version tell of the hardware that they need. @throws as `Blobs.verifiedPath`. */
export async function pinModelFacts(
  { files, name, version }: Pick<ModelVersion, 'files' | 'name' | 'version'>,
  sources: HardwareSources,
): Promise<ModelHardwareFacts> {
  const [main, ...others] = mainFirst(files);
  if (main === undefined) throw new RangeError(`model ${name} version ${version} has no files`);
  // Only an ONNX file may keep its weights in files of any name.
  const beside = main.path.endsWith('.onnx')
    ? others
    : others.filter(({ path }) => /\.(?:json|safetensors|gguf)$/.test(path));
  return withOpened([main, ...beside], [], sources, ([first, ...siblings]) => {
    if (first === undefined) throw new RangeError('nothing was opened');
    return modelHardwareFacts(first.source, first.path, siblings);
  });
}

/** Opens the files one inside the other, so that each is closed whatever happens. */
async function withOpened<T>(
  [next, ...rest]: readonly ArtifactFile[],
  opened: readonly SiblingFile[],
  sources: HardwareSources,
  use: (all: readonly SiblingFile[]) => Promise<T>,
): Promise<T> {
  if (next === undefined) return use(opened);
  const location = await (await sources.blobs()).verifiedPath(next.digest, sources.signal);
  return withSourceFile({ location, shown: next.path }, sources.signal, ({ source }) =>
    withOpened(rest, [...opened, { path: next.path, source }], sources, use),
  );
}

/** The file whose format decides first: an index of shards, else the largest file that is a model. */
function mainFirst(files: readonly ArtifactFile[]): readonly ArtifactFile[] {
  const rank = (path: string): number => {
    if (path.endsWith('.safetensors.index.json')) return 0;
    return /\.(?:onnx|gguf|safetensors|plan|engine|trt)$/.test(path) ? 1 : 2;
  };
  return files.toSorted((a, b) => rank(a.path) - rank(b.path) || b.bytes - a.bytes);
}
