import type { LoadedContract } from '../../core/contract/contract.ts';
import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import type { EvidenceState, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { isAvailable } from '../../core/evidence/renewal.ts';
import { judgeEnvironment, type EnvironmentFacts } from '../../core/proof/judge-environment.ts';
import type { Release } from '../../core/rollout/release.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Store, StoreReader } from '../../ports/records/store.ts';
import type { BundleShelf, OpenedBundle } from './bundle-shelf.ts';
import { lockedIn } from './environment-facts.ts';
import { readFacts, seeNodes, type Judging } from './judging.ts';

/** What a release went out on: a rollback mixes the contract of one bundle with the evidence of another. */
export interface ReleaseProof {
  readonly release: Release;
  readonly contract: OpenedBundle;
  readonly evidence: OpenedBundle;
  readonly loaded: LoadedContract;
  /** What the evidence bundle pins and what was measured; null where it pins nothing for the environment. */
  readonly locked: LockedEnvironment | null;
}

/** A release of which nobody can say any more what it went out on. It serves on, and its evidence is unknown. */
export interface UnknownProof {
  readonly release: Release;
  readonly unknown: string;
}

/** What the shown release goes by now; null before the first. */
export type ReadProof = () => Promise<ReleaseProof | UnknownProof | null>;

/** The release that traffic goes to; while none is live, the one that comes in. Null before the first. */
export async function shownRelease(reader: StoreReader, service: string, environment: string): Promise<Release | null> {
  const deployment = await reader.deployment(service, environment);
  const number = deployment?.live ?? deployment?.incoming ?? null;
  return number === null ? null : reader.release(service, environment, number);
}

/** The bundles of a release, opened. Never rejects for a bundle that is gone or that this version cannot read. */
export async function readProof(
  shelf: BundleShelf,
  reader: StoreReader,
  release: Release,
): Promise<ReleaseProof | UnknownProof> {
  const { service, environment, number, bundles } = release;
  if (bundles === undefined) {
    return { release, unknown: `release ${number} is older than bundles, and does not say what it went out on` };
  }
  const renewed = (await reader.releaseEvidence(service, environment)).get(number);
  try {
    const [contract, evidence] = await Promise.all([
      shelf.open(bundles.contract),
      shelf.open(renewed ?? bundles.evidence),
    ]);
    return { release, contract, evidence, loaded: contract.loaded, locked: lockedIn(evidence, environment) };
  } catch (thrown) {
    return { release, unknown: `the bundle of release ${number} cannot be read: ${asPlimsollError(thrown).message}` };
  }
}

/** The proof of the release that is shown; null before the first release. */
export async function readShownProof(
  shelf: BundleShelf,
  reader: StoreReader,
  service: string,
  environment: string,
): Promise<ReleaseProof | UnknownProof | null> {
  const release = await shownRelease(reader, service, environment);
  return release === null ? null : readProof(shelf, reader, release);
}

/** The evidence of a release, judged by the facts of now; `live` is what the watch says where the release is live. */
export async function judgeProof(
  judging: Judging,
  store: Store,
  clock: Clock,
  proof: ReleaseProof | UnknownProof | null,
  live?: EnvironmentFacts['live'],
): Promise<readonly EvidenceState[]> {
  if (proof === null) return [];
  if ('unknown' in proof) return unknownEvidence(proof.unknown);
  const { release, contract, evidence } = proof;
  const { environment } = release;
  const nowMs = clock.nowMs();
  const nodes = await seeNodes(judging, proof, environment, nowMs);
  const bundles = { contract, evidence, environment, code: release.code.digest, model: release.model.digest };
  const facts = await readFacts(judging, bundles, { reader: store, nodes, nowMs });
  return judgeEnvironment(live === undefined ? facts : { ...facts, live });
}

/** Every kind that this version can measure: what the contract asked for is not known either. */
function unknownEvidence(reason: string): readonly EvidenceState[] {
  return kindsOf(kindTable)
    .filter((kind) => isAvailable(kind))
    .map((kind) => ({
      kind,
      freshness: 'unknown' as const,
      verdict: 'unknown' as const,
      reasons: [reason],
      renew: 'plimsoll release',
      available: true,
    }));
}
