import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import type { DeviceLibrary, ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { onnxRuntimeRows, torchKernels, torchRows } from '../../tables/engines/runtimes.ts';
import type { Source } from '../../tables/source.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { capabilityText, cudaNameOf, cudaNumber, smText, versionOf } from '../numbers.ts';
import { cubinRuns, ptxCompiles } from '../kernels/kernel-runs.ts';
import { distribution, isCudaOf, readWhole, toolkitOf, torchVariant } from '../service-facts.ts';

interface Span {
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
}

/** The row of a version, both ends included; as many places count as the row writes, so that 2.9.1 is in `2.9`-`2.11`. */
export function rowOf<Row extends Span>(rows: readonly Row[], version: VersionNumbers): Row | null {
  return (
    rows.find(({ from, to }) => {
      const low = versionOf(from) ?? [];
      // A row without an end compares no number, so that every later version is in it.
      const high = versionOf(to) ?? [];
      return compareVersions(version, low) >= 0 && compareVersions(version.slice(0, high.length), high) <= 0;
    }) ?? null
  );
}

/** What ONNX Runtime's CUDA provider loads: by its own links where they were read, else by what was published. */
interface ProviderNeeds {
  readonly builds: readonly NeededBuild[];
  readonly source: Source | string;
}

interface NeededBuild {
  /** See `cudaNameOf`. */
  readonly cuda: string;
  /** Null where neither links nor a row tell it. */
  readonly cudnnMajor: number | null;
}

/** `12` of a provider that is linked to `libcudart.so.12`; null where it links none, or links statically. */
function linkedVersion(needs: readonly string[], library: string): string | null {
  const soname = needs.find((one) => one.startsWith(`${library}.so.`));
  return soname === undefined ? null : soname.slice(`${library}.so.`.length);
}

/** The provider; before 1.8 it is part of the extension module of Python. */
function providerOf({ libraries }: ImageFacts): DeviceLibrary | undefined {
  const named = (name: string): DeviceLibrary | undefined => libraries.find(({ path }) => path.endsWith(`/${name}`));
  return named('libonnxruntime_providers_cuda.so') ?? named('onnxruntime_pybind11_state.so');
}

function providerNeeds(image: ImageFacts, version: VersionNumbers | null): ProviderNeeds | null {
  const provider = providerOf(image);
  const cuda = linkedVersion(provider?.needs ?? [], 'libcudart');
  const cudnn = linkedVersion(provider?.needs ?? [], 'libcudnn');
  const row = version === null ? null : rowOf(onnxRuntimeRows, version);
  if (provider === undefined || cuda === null) return row;
  // Newer providers are not linked to cuDNN but load it by name, so that only the table can tell which one.
  const source = `links of ${provider.path} (ELF, DT_NEEDED)`;
  // The names of CUDA 11 end in 11.0 whatever its minor version is.
  const linked = cudaNameOf(cudaNumber(cuda) ?? Number(cuda) * 1000);
  const published = row?.builds.find((build) => build.cuda === linked) ?? row?.builds.at(-1);
  const cudnnMajor = cudnn === null ? (published?.cudnnMajor ?? null) : Number(cudnn);
  return { builds: [{ cuda: linked, cudnnMajor }], source };
}

/** Whether a model is an ONNX file; null where nobody looked. */
const isOnnx = (model: ModelHardwareFacts | null): boolean | null =>
  model === null || (model.format === 'unknown' && model.unknown['format'] === undefined)
    ? null
    : model.format === 'onnx';

/** Whether the image holds a CUDA runtime of the major that the provider is linked to, beside that of another. */
const opensOwn = ({ builds: [build] }: ProviderNeeds, { copies = {} }: ImageFacts): boolean =>
  Object.keys(copies).some((path) => new RegExp(String.raw`/libcudart\.so\.${build?.cuda}\b`).test(path));

/** The same of a provider without a Python distribution (Triton, a program in another language), whose links alone tell it. */
function libraryNeeds(image: ImageFacts): ProviderNeeds | null {
  const needs = providerNeeds(image, null);
  return (needs?.builds[0]?.cudnnMajor ?? null) === null ? null : needs;
}

/** `CUDA 11.x or 12.x and cuDNN 8.x`, or `CUDA 11.x and cuDNN 8.x, or CUDA 12.x and cuDNN 9.x`. */
function needsText(builds: readonly NeededBuild[]): string {
  const byCudnn = Map.groupBy(builds, ({ cudnnMajor }) => cudnnMajor);
  const texts = [...byCudnn].map(([cudnnMajor, same]) => {
    const cuda = same.map((build) => (build.cuda.includes('.') ? build.cuda : `${build.cuda}.x`)).join(' or ');
    return `CUDA ${cuda} and ${cudnnMajor === null ? 'a cuDNN that no published row names' : `cuDNN ${cudnnMajor}.x`}`;
  });
  return texts.join(', or ');
}

/** ONNX Runtime's CUDA provider, when the image has it, loads the CUDA and cuDNN of its own majors, or runs on the CPU. */
export function onnxRuntimeFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const rule = 'onnxruntime-cuda';
  const wheel = distribution(image, ['onnxruntime-gpu']);
  const text = wheel ?? image.components['onnxruntime']?.version ?? 'of an unknown version';
  const asks = wheel === null ? libraryNeeds(image) : providerNeeds(image, versionOf(text));
  if (wheel === null && (asks === null || isOnnx(model) === false || opensOwn(asks, image))) return null;
  if (asks === null) {
    return found({
      rule,
      compatibility: 'unknown',
      message: `no published row says which CUDA and cuDNN onnxruntime-gpu ${text} needs, and its links were not read`,
      facts: { 'onnxruntime-gpu': text },
      source: onnxRuntimeRows[0]?.source ?? '',
      fix: 'a version that the table has, such as onnxruntime-gpu 1.20',
    });
  }
  const toolkit = toolkitOf(image);
  if (toolkit === null) return notKnown(rule, 'image.cuda', 'ONNX Runtime with the CUDA provider is in the image');
  const cudnnText =
    image.components['cudnn']?.version ??
    distribution(image, ['nvidia-cudnn-cu11', 'nvidia-cudnn-cu12', 'nvidia-cudnn-cu13']);
  const cudnn = versionOf(cudnnText)?.[0] ?? null;
  if (cudnn === null && !readWhole(image, 'components'))
    return notKnown(rule, 'image.components', 'cuDNN was not found');
  const ofCuda = asks.builds.filter((build) => isCudaOf(build.cuda, toolkit, image));
  const fits = ofCuda.some(({ cudnnMajor }) => cudnnMajor !== null && cudnnMajor === cudnn);
  const isOpen = ofCuda.some(({ cudnnMajor }) => cudnnMajor === null);
  const needs = needsText(asks.builds);
  const name = wheel === null ? 'ONNX Runtime' : 'onnxruntime-gpu';
  const message = `${name} ${text} needs ${needs}; the image brings CUDA ${toolkit.text} and ${cudnnText === null ? 'no cuDNN' : `cuDNN ${cudnnText}`}`;
  if (wheel === null && !fits && isOnnx(model) === null) return notKnown(rule, 'model.format', message);
  return found({
    rule,
    compatibility: fits ? 'native' : isOpen ? 'unknown' : 'incompatible',
    message,
    facts: {
      [wheel === null ? 'onnxruntime' : 'onnxruntime-gpu']: text,
      cuda: toolkit.text,
      cudnn: cudnnText ?? 'none',
    },
    source: asks.source,
    fix: fits ? undefined : `${needs} in the image: without them ONNX Runtime runs on the CPU`,
  });
}

/** A wheel of a CUDA variant that was never published for its version is of somebody's own build: said, and no more. */
export function torchVariantFinding(image: ImageFacts): Found | null {
  const text = distribution(image, ['torch']);
  const version = versionOf(text);
  const variant = text === null ? null : torchVariant(text);
  if (text === null || version === null || variant === null) return null;
  const row = rowOf(torchRows, version);
  if (row === null || row.variants.includes(variant)) return null;
  return found({
    rule: 'torch-variant',
    compatibility: 'native',
    message: `torch ${text} is no published variant: ${row.variants.join(', ')} are`,
    facts: { torch: text },
    source: row.source,
    warning: true,
  });
}

/** Whether the kernels of torch were read from the image; then they decide, and the published list does not. */
const torchWasRead = (image: ImageFacts): boolean =>
  image.libraries.some(({ path }) => /\/(?:lib)?torch_cuda[^/]*\.(?:so|dll)/.test(path));

/** The published list of a torch wheel, for an image whose torch could not be read: it can only say no. */
export function torchWheelRule(image: ImageFacts): DeviceRule | null {
  const text = distribution(image, ['torch']);
  const version = versionOf(text);
  const variant = text === null ? null : torchVariant(text);
  if (version === null || variant === null || torchWasRead(image) || image.platform.architecture !== 'amd64')
    return null;
  const row = rowOf(
    torchKernels.filter((each) => each.variant === variant),
    version,
  );
  if (row === null) return null;
  const targets = (list: readonly string[]) => list.map((capability) => ({ capability, suffix: '' as const }));
  return {
    facet: 'capability',
    decide: ({ capability }) => {
      if (capability === null) return 'unknown';
      const runs =
        targets(row.cubins).some((target) => cubinRuns(target, capability)) ||
        targets(row.ptx).some((target) => ptxCompiles(target, capability));
      return runs ? 'native' : 'incompatible';
    },
    explain: ({ capability }, decided) =>
      capability === null
        ? notKnown('torch-wheel', 'computeCapability')
        : found({
            rule: 'torch-wheel',
            compatibility: decided,
            message: `the published wheel torch ${text} holds ${row.cubins.join(' ')}${row.ptx.length === 0 ? ' and no PTX' : ` and PTX for ${row.ptx.join(' ')}`}; the device is ${capabilityText(capability)}`,
            facts: { torch: text, computeCapability: capabilityText(capability) },
            source: row.source,
            fix: decided === 'native' ? undefined : `a torch wheel with sm_${smText(capability)}`,
          }),
  };
}
