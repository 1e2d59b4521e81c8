import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ArtifactFile } from '../registry/model-version.ts';
import { canonicalJson, digestOfBytes, type Digest } from '../units/digest.ts';

/**
 * What a file of a bundle is for. All of them are inside: their bytes travel with the bundle, 64 MiB in total.
 *
 * | role | what it is |
 * |---|---|
 * | contract | `plimsoll.yaml`, once |
 * | lock | `plimsoll.lock`, once |
 * | code | a file of `code.files` |
 * | golden | golden outputs that the lock's golden evidence names, once |
 * | reference | features of the evaluated rows that the lock's evaluation evidence names, once |
 * | metric | a program of a metric of one's own |
 * | feature | a program that computes features |
 * | prices | the file that `cost.prices` names, once |
 * | pool | the snapshot of the pool that the environment names, once |
 * | signatures | `plimsoll.lock.sigs`, signatures of the evidence in the lock, once |
 */
export const bundleRoles = [
  'contract',
  'lock',
  'code',
  'golden',
  'reference',
  'metric',
  'feature',
  'prices',
  'pool',
  'signatures',
] as const;
export type BundleRole = (typeof bundleRoles)[number];

export interface BundleFile extends ArtifactFile {
  readonly role: BundleRole;
}

/** The model by digest and place: weights are too large to be inside. */
export interface BundledModel {
  readonly name: string;
  readonly digest: Digest;
  /** Its files, where the sender knows them; null where only the registry of the receiver or `place` does. */
  readonly files: readonly ArtifactFile[] | null;
  /** Where it can be fetched from: `mlflow://...`, `oci://...`, `s3://...`. Null where nobody said. */
  readonly place: string | null;
}

/** What a release is made from. Its digest is that of its canonical JSON, so that two senders of the same agree on it. */
export interface Bundle {
  readonly bundleVersion: 1;
  readonly service: string;
  readonly environment: string;
  /**
   * Sorted by path, then by role. A path stands there once for each role that it has, with the same digest: the program of
   * a metric that `code.files` names too is `code` and `metric`.
   */
  readonly files: readonly BundleFile[];
  readonly model: BundledModel;
}

/** The bytes that travel and that are stored as a blob. */
export function bundleBytes(bundle: Bundle): Uint8Array {
  return utf8ToBytes(canonicalJson(bundle));
}

export const digestOfBundle = (bundle: Bundle): Digest => digestOfBytes(bundleBytes(bundle));

/** What the files of a bundle are sorted by. */
export const bundleFileKey = ({ path, role }: BundleFile): string => `${path}\0${role}`;

/** The one file of a role; null where the bundle has none. */
export function bundledFile(bundle: Bundle, role: BundleRole): BundleFile | null {
  return bundle.files.find((file) => file.role === role) ?? null;
}

/** The files of a role, by path. */
export const bundledFiles = (bundle: Bundle, role: BundleRole): readonly BundleFile[] =>
  bundle.files.filter((file) => file.role === role);
