import type { EnvironmentFacts } from '../../core/proof/judge-environment.ts';
import type { ArtifactSignatures } from '../../ports/artifacts/artifact-signatures.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { ModelPlaces } from '../../ports/artifacts/model-places.ts';
import type { OwnNodes } from '../../ports/nodes/own-nodes.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { BundleShelf, OpenedBundle } from './bundle-shelf.ts';
import { lockedIn, readEnvironmentFacts, type JudgedBundles } from './environment-facts.ts';
import type { RequiredPolicies } from '../trust/environment-trust.ts';
import { readNodes, type SeenNodes } from './read-nodes.ts';

/** What judging bundles takes, beside the store. */
export interface Judging {
  readonly shelf: BundleShelf;
  readonly blobs: Blobs;
  readonly nodes: OwnNodes;
  /** Where models may be fetched from; null where nobody fetches. */
  readonly fetching: ModelPlaces | null;
  /** Environments in which nothing is released without a policy, with the least serial of it; none where left out. */
  readonly requiredPolicies?: RequiredPolicies;
  /** Trust roots that bundles of Sigstore are verified against; left out where none is named. */
  readonly sigstore?: OpenSigstore | undefined;
  /** Reads who signed images and models; left out where nobody reads registries. */
  readonly signatures?: ArtifactSignatures | undefined;
}

/** The nodes of an environment as a bundle's service sees them. Before a transaction: it may start a program. */
export function seeNodes(
  { nodes }: Judging,
  { contract, evidence }: { readonly contract: OpenedBundle; readonly evidence: OpenedBundle },
  environment: string,
  nowMs: number,
): Promise<SeenNodes> {
  return readNodes(nodes, contract.loaded.contract, environment, lockedIn(evidence, environment)?.code, nowMs);
}

/** All that is judged by, as the store is in the transaction of `reader`. */
export function readFacts(
  { blobs, requiredPolicies: required, sigstore }: Judging,
  bundles: JudgedBundles,
  at: { readonly reader: StoreReader; readonly nodes: SeenNodes; readonly nowMs: number },
): Promise<EnvironmentFacts> {
  return readEnvironmentFacts(bundles, { blobs, required, sigstore, ...at });
}
