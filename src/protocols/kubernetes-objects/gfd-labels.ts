import { readVersion } from '../../core/units/version.ts';
import type { Sharing } from '../../core/contract/contract.ts';
import { productOfLabel } from './product-names.ts';

/** A value, or the reason why there is none. */
export type Told<T> = { readonly value: T } | { readonly value: null; readonly reason: string };

/** What labels say of one resource: whole boards (`nvidia.com/gpu`) or instances of one MIG profile. */
export interface LabelledResource {
  /** As the driver names it, without the suffixes that sharing and MIG add. */
  readonly product: string | null;
  /** `1g.10gb` where the resource is MIG instances. */
  readonly profile: string | null;
  /** The `-MIG-INVALID` product: strategy `single` on a node that is not of one profile. */
  readonly invalid: boolean;
  readonly count: number | null;
  /** 0 where a MIG-enabled board won the label; null where the label is not there. */
  readonly replicas: number | null;
  readonly memoryBytes: number | null;
  readonly multiprocessors: number | null;
  readonly sharing: Sharing | null;
}

/** Labels of GPU Feature Discovery and of vGPU, old forms and new ones. */
export interface GfdLabels {
  readonly gpu: LabelledResource;
  /** Strategy `mixed`: one per profile. */
  readonly migs: readonly LabelledResource[];
  readonly architecture: string | null;
  readonly computeCapability: string | null;
  readonly driver: Told<string>;
  /** Largest CUDA that the driver speaks: what the label calls `cuda.runtime-version`. */
  readonly driverCuda: Told<string>;
  readonly migCapable: boolean | null;
  readonly migStrategy: string | null;
  /** Of the MIG manager: `success`, or `pending`, `rebooting`, `failed` while the boards are not as they will be. */
  readonly migState: string | null;
  readonly vgpu: { readonly hostDriver: string | null; readonly hostBranch: string | null } | null;
}

type Labels = Readonly<Record<string, string>>;
const prefix = 'nvidia.com/';

/** Null when no label of GPU Feature Discovery is there. */
export function gfdLabelsOf(labels: Labels): GfdLabels | null {
  const of = (key: string): string | null => {
    const value = Object.hasOwn(labels, prefix + key) ? labels[prefix + key] : undefined;
    return value === undefined || value.trim() === '' ? null : value.trim();
  };
  if (of('gpu.product') === null && of('gpu.count') === null && of('gpu.compute.major') === null) return null;
  const profiles = Object.keys(labels).flatMap((key) => /^nvidia\.com\/mig-(.+)\.count$/.exec(key)?.[1] ?? []);
  const capability = joined(of, ['gpu.compute.major', 'gpu.compute.minor']);
  return {
    gpu: resourceOf(of, 'gpu', null),
    migs: profiles.sort().map((profile) => resourceOf(of, `mig-${profile}`, profileName(profile))),
    architecture: architectureOf(of('gpu.family'), capability),
    computeCapability: capability,
    driver: agreed('driver', [
      of('cuda.driver-version.full'),
      joined(of, ['cuda.driver-version.major', 'cuda.driver-version.minor'], 'cuda.driver-version.revision'),
      joined(of, ['cuda.driver.major', 'cuda.driver.minor'], 'cuda.driver.rev'),
    ]),
    driverCuda: agreed('CUDA version of the driver', [
      of('cuda.runtime-version.full'),
      joined(of, ['cuda.runtime-version.major', 'cuda.runtime-version.minor']),
      joined(of, ['cuda.runtime.major', 'cuda.runtime.minor']),
    ]),
    migCapable: booleanOf(of('mig.capable')),
    migStrategy: of('mig.strategy'),
    migState: of('mig.config.state'),
    vgpu:
      booleanOf(of('vgpu.present')) === true
        ? { hostDriver: of('vgpu.host-driver-version'), hostBranch: of('vgpu.host-driver-branch') }
        : null,
  };
}

type Read = (key: string) => string | null;

function resourceOf(of: Read, name: string, profile: string | null): LabelledResource {
  const replicas = countOf(of(`${name}.replicas`));
  const { product, suffix, shared } = productParts(of(`${name}.product`));
  const memory = countOf(of(`${name}.memory`));
  return {
    product,
    profile: profile ?? (suffix === 'INVALID' ? null : suffix),
    invalid: suffix === 'INVALID',
    count: countOf(of(`${name}.count`)),
    replicas,
    memoryBytes: memory === null || memory === 0 ? null : memory * 2 ** 20,
    multiprocessors: countOf(of(`${name}.multiprocessors`)),
    sharing: sharingOf(of(`${name}.sharing-strategy`), replicas, shared, profile !== null || suffix !== null),
  };
}

/** `NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED` in its parts. */
function productParts(label: string | null): { product: string | null; suffix: string | null; shared: boolean } {
  if (label === null) return { product: null, suffix: null, shared: false };
  const shared = label.endsWith('-SHARED');
  const whole = shared ? label.slice(0, -'-SHARED'.length) : label;
  const mig = /^(.+)-MIG-(INVALID|\d+(?:c\.\d+)?g\..+)$/.exec(whole);
  const product = productOfLabel(mig?.[1] ?? whole);
  return {
    product,
    suffix: mig === null ? null : mig[2] === 'INVALID' ? 'INVALID' : profileName(mig[2] ?? ''),
    shared,
  };
}

/** Label keys cannot hold a plus: `1g.10gb.me` is `1g.10gb+me`. */
const profileName = (label: string): string => label.replace(/(gb)\.?(me(?:\.all)?|gfx)$/, '$1+$2');

/**
 * | sharing-strategy | replicas or -SHARED | how devices are handed out |
 * |---|---|---|
 * | none | any | exclusive; mig for instances |
 * | mps, time-slicing | any | that |
 * | no label | 2 or more, or -SHARED | time-slicing: MPS came together with the label (v0.15) |
 * | no label | 1 (0: a MIG-enabled board won) | exclusive; mig for instances |
 * | no label | no label | not known; mig for instances |
 */
function sharingOf(strategy: string | null, replicas: number | null, shared: boolean, mig: boolean): Sharing | null {
  if (strategy === 'mps' || strategy === 'time-slicing') return strategy;
  const alone = mig ? 'mig' : 'exclusive';
  if (strategy === 'none') return alone;
  if (strategy !== null) return null;
  if (shared || (replicas ?? 0) > 1) return 'time-slicing';
  return replicas === null && !mig ? null : alone;
}

function joined(of: Read, keys: readonly string[], optional?: string): string | null {
  const parts = keys.map(of);
  if (parts.some((part) => part === null || !/^\d{1,9}$/.test(part))) return null;
  const last = optional === undefined ? null : of(optional);
  return [...parts, ...(last !== null && /^\d{1,9}$/.test(last) ? [last] : [])].join('.');
}

/** Old labels and new ones are written at once, so that two that differ mean that one of them was left behind. */
function agreed(what: string, candidates: readonly (string | null)[]): Told<string> {
  const told = candidates.filter((one) => one !== null && readVersion(one) !== null) as readonly string[];
  const [first] = told;
  if (first === undefined) return { value: null, reason: `no label tells the ${what}` };
  const distinct = new Map(told.map((one) => [readVersion(one)?.join('.'), one]));
  if (distinct.size === 1) return { value: first };
  return { value: null, reason: `labels disagree on the ${what}: ${[...distinct.values()].join(', ')}` };
}

const families: Readonly<Record<string, string>> = {
  kepler: 'Kepler',
  maxwell: 'Maxwell',
  pascal: 'Pascal',
  volta: 'Volta',
  turing: 'Turing',
  ampere: 'Ampere',
  'ada-lovelace': 'Ada Lovelace',
  hopper: 'Hopper',
  blackwell: 'Blackwell',
};

/** Versions of 2022 call every 8.x Ampere, so that 8.9 with that family is the label's mistake. */
function architectureOf(family: string | null, capability: string | null): string | null {
  if (family === 'ampere' && capability === '8.9') return null;
  return families[family ?? ''] ?? null;
}

const countOf = (text: string | null): number | null => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null);
const booleanOf = (text: string | null): boolean | null => (text === 'true' ? true : text === 'false' ? false : null);
