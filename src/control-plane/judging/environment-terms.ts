import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { bundledFile, type BundleRole } from '../../core/bundle/bundle.ts';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import { pricesDigest } from '../../core/cost/prices/price-texts.ts';
import type { EnvironmentTerms, RecordedClass } from '../../core/fleet/environment/environment-record.ts';
import {
  conflictText,
  findTermConflicts,
  type Stated,
  type StatedTerms,
  type TermConflict,
} from '../../core/fleet/environment/term-conflicts.ts';
import { describeClass } from '../../core/pool/classes/device-class.ts';
import { classesOf } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { Digest } from '../../core/units/digest.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { OpenedBundle } from './bundle-shelf.ts';

type Read = Pick<Blobs, 'read'>;

/** What a bundle says of its environment. A file that cannot be read is told as such. */
export async function readStatedTerms(opened: OpenedBundle, environment: string, blobs: Read): Promise<StatedTerms> {
  const { contract } = opened.loaded;
  const accelerator = contract.hardware?.accelerator ?? 'cpu';
  return {
    section: contract.environments[environment] ?? { platform: 'local' },
    prices: contract.cost?.prices === undefined ? null : await readStatedPrices(opened, blobs),
    classes: await readStatedClasses(opened, blobs),
    accelerator,
  };
}

const keptClasses = new WeakMap<OpenedBundle, Promise<Stated<readonly RecordedClass[]> | null>>();

/** The classes of the pool's snapshot in a bundle, of the accelerator that its contract asks for; read once. Null without one. */
export function readStatedClasses(opened: OpenedBundle, blobs: Read): Promise<Stated<readonly RecordedClass[]> | null> {
  const accelerator = opened.loaded.contract.hardware?.accelerator ?? 'cpu';
  return readOnce(keptClasses, opened, () =>
    readFileOf(opened, 'pool', blobs, async (bytes, path): Promise<readonly RecordedClass[]> => {
      const { readPoolSnapshot } = await import('../../schemas/pool/pool-snapshot.ts');
      const classes = classesOf(readPoolSnapshot(bytes, path), accelerator);
      return [...classes].map(([digest, each]) => ({ digest, accelerator, text: describeClass(each) }));
    }),
  );
}

const keptPrices = new WeakMap<OpenedBundle, Promise<Stated<PriceBook> | null>>();

/** The price book of a bundle, read once. Null where it has none. */
export function readStatedPrices(opened: OpenedBundle, blobs: Read): Promise<Stated<PriceBook> | null> {
  return readOnce(keptPrices, opened, () =>
    readFileOf(opened, 'prices', blobs, async (bytes, path) => {
      // The reader of YAML is loaded where a contract has prices.
      const { readPriceBook } = await import('../../schemas/prices/read-price-book.ts');
      return readPriceBook(new TextDecoder().decode(bytes), path);
    }),
  );
}

/** A live release is judged every few seconds. What could not be read is read again. */
function readOnce<T>(
  kept: WeakMap<OpenedBundle, Promise<Stated<T> | null>>,
  opened: OpenedBundle,
  read: () => Promise<Stated<T> | null>,
): Promise<Stated<T> | null> {
  const reading = kept.get(opened) ?? read();
  kept.set(opened, reading);
  void reading.then((stated) => {
    if (stated !== null && 'unreadable' in stated) kept.delete(opened);
  });
  return reading;
}

async function readFileOf<T>(
  { bundle }: OpenedBundle,
  role: BundleRole,
  blobs: Read,
  read: (bytes: Uint8Array, path: string) => Promise<T>,
): Promise<Stated<T> | null> {
  const file = bundledFile(bundle, role);
  if (file === null) return null;
  try {
    return { value: await read(await blobs.read(file.digest), file.path) };
  } catch (thrown) {
    return { unreadable: `not readable (${asPlimsollError(thrown).message.slice(0, 300)})` };
  }
}

/**
 * The present digest of the subject `prices`.
 *
 * | the record has prices | the bundle has a file | digest |
 * |---|---|---|
 * | no | either | of the file's bytes; null without one |
 * | yes | that says the same | the one that the evidence was measured of: of the file's bytes or of the record's prices |
 * | yes | none, or another | of the record's prices |
 *
 * @param measured what the evidence says that it was measured of.
 */
export async function presentPrices(
  record: EnvironmentTerms | null,
  opened: OpenedBundle,
  blobs: Read,
  measured: Digest | undefined,
): Promise<Digest | null> {
  const file = bundledFile(opened.bundle, 'prices');
  if (record?.prices === undefined) return file?.digest ?? null;
  const recorded = pricesDigest(record.prices);
  if (file === null || measured === recorded) return recorded;
  const stated = await readStatedPrices(opened, blobs);
  const isSame = stated !== null && 'value' in stated && pricesDigest(stated.value) === recorded;
  return isSame ? file.digest : recorded;
}

/** The places that the policy of an environment allows models to be fetched from; undefined where it names none. */
export async function allowedRegistries(
  reader: Pick<StoreReader, 'environmentRecord'>,
  environment: string,
): Promise<readonly string[] | undefined> {
  return (await reader.environmentRecord(environment))?.policy?.allowedRegistries;
}

export interface TermRefusal {
  readonly code: 'environment-contradicted';
  readonly message: string;
  readonly next: string;
  readonly conflicts: readonly TermConflict[];
}

/** Why a bundle is not released where it contradicts the record of its environment; null where it does not. */
export function refuseConflicts(
  environment: string,
  record: EnvironmentTerms | null,
  stated: StatedTerms,
): TermRefusal | null {
  const conflicts = record === null ? [] : findTermConflicts(record, stated);
  if (conflicts.length === 0) return null;
  return {
    code: 'environment-contradicted',
    message: `the contract contradicts the record of ${environment}: ${conflicts.map(conflictText).join('; ')}`,
    next: nextStep(controlPlaneSteps, 'environment-contradicted', { environment }),
    conflicts,
  };
}
