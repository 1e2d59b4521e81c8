import { bundledFiles } from '../../core/bundle/bundle.ts';
import { codeDigest, pinnedImageDigest } from '../../core/contract/code-digest.ts';
import { hasFeatureFiles } from '../../core/contract/feature-programs.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { released } from '../../core/evaluation/measure/measurements.ts';
import { readRollback } from '../../core/evidence/kinds/rollback/rollback-evidence.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { onPresentPool } from '../../core/hardware/present-pool.ts';
import { isUnreadable } from '../../core/evidence/present-subjects.ts';
import { ruleTablesDigest } from '../../core/hardware/tables/rule-tables.ts';
import { goldenOutputs, type EnvironmentFacts } from '../../core/proof/judge-environment.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { findWaiverRefusal } from '../../core/fleet/environment/waiver-policy.ts';
import type { OpenedBundle } from './bundle-shelf.ts';
import { presentPrices } from './environment-terms.ts';
import { holdsAll } from './find-model.ts';
import { readTrust, type RequiredPolicies } from '../trust/environment-trust.ts';
import { nameSenders } from '../trust/name-senders.ts';
import type { SeenNodes } from './read-nodes.ts';

/** What is judged: the contract of one bundle on the evidence of one, which is another after a rollback. */
export interface JudgedBundles {
  readonly contract: OpenedBundle;
  readonly evidence: OpenedBundle;
  readonly environment: string;
  /** Of the code that runs, or is to run; null where it cannot be told. */
  readonly code: Digest | null;
  /** Of the model's files as they are here; null where they are not. */
  readonly model: Digest | null;
}

/** What the evidence bundle pins for the environment; null where it pins nothing. */
export const lockedIn = ({ lock }: OpenedBundle, environment: string): LockedEnvironment | null =>
  lock.environments[environment] ?? null;

/** Digest of the code axis by the files of a bundle, or by the manifest that its image was pinned to. */
export function codeOfBundle({ bundle, loaded, lock }: OpenedBundle, environment: string): Digest | null {
  const { code } = loaded.contract;
  if (code.image !== undefined) return pinnedImageDigest(code, lock.environments[environment]?.code);
  const files = bundledFiles(bundle, 'code').map(({ path, digest }) => [path, digest] as const);
  return codeDigest(code, Object.fromEntries(files));
}

/** Digests of the files of one role, by path. */
const byPath = ({ bundle }: OpenedBundle, role: 'golden' | 'metric' | 'feature'): Readonly<Record<string, Digest>> =>
  Object.fromEntries(bundledFiles(bundle, role).map(({ path, digest }) => [path, digest]));

/** Beside the bundles: the store in a transaction or not, and the nodes as they were seen before. */
interface FactsAt {
  readonly blobs: Blobs;
  readonly reader: StoreReader;
  readonly nodes: SeenNodes;
  readonly nowMs: number;
  readonly required?: RequiredPolicies | undefined;
  readonly sigstore?: OpenSigstore | undefined;
}

/**
 * Everything that the judge goes by: bundle files, the store as `reader` sees it, and the nodes as they were seen. Nothing
 * in it is anybody's judgement.
 */
export async function readEnvironmentFacts(
  { contract: from, evidence: of, environment, code, model }: JudgedBundles,
  { blobs, reader, nodes, nowMs, required, sigstore }: FactsAt,
): Promise<EnvironmentFacts> {
  const { contract } = from.loaded;
  const { service } = contract;
  const locked = lockedIn(of, environment);
  const golden = goldenOutputs(from.loaded, locked);
  const sightings = await reader.evidenceSightings(service, environment);
  const { snapshot } = nodes;
  const record = await reader.environmentRecord(environment);
  const waivers = await reader.waivers(service, environment);
  return {
    loaded: from.loaded,
    locked,
    environment,
    nowMs,
    codeDigest: code,
    pricesDigest: await presentPrices(record, from, blobs, locked?.evidence.scaling?.subjects['prices']),
    ruleTables: contract.hardware === undefined ? null : ruleTablesDigest,
    metricFiles: contract.evaluation?.metrics === undefined ? undefined : byPath(from, 'metric'),
    featureFiles: hasFeatureFiles(contract) ? byPath(from, 'feature') : undefined,
    deviceClasses: null,
    previousModel: await previousModelOf(locked, reader, blobs, { environment, name: contract.model.name }),
    store: { model },
    nodes: nodes.subjects,
    waivers: waivers.filter((waiver) => findWaiverRefusal(record, environment, waiver) === null),
    invalidations: await reader.invalidations(service, environment),
    goldenFile: golden === null ? null : (byPath(of, 'golden')[golden.path] ?? null),
    firstSeenAtMs: new Map(sightings.map(({ digest, firstSeenAtMs }) => [digest, firstSeenAtMs])),
    baselines: await readBaselines(reader, contract, environment),
    hardware: snapshot === null ? undefined : { snapshot, judge: onOwnNodes(nodes) },
    senders: nameSenders(locked, sightings),
    trust: readTrust({ record, environment, service, evidence: of, locked, sightings, required, sigstore, nowMs }),
  };
}

/**
 * Replicas land on these nodes whatever a selector says of others, as when a replica starts, and with the runtime that
 * they have whatever the lock pins.
 */
const onOwnNodes =
  ({ subjects }: SeenNodes): typeof onPresentPool =>
  (states, at) => {
    const own = at.contract.environments[at.environment];
    if (own === undefined) return onPresentPool(states, at);
    const environments = { ...at.contract.environments, [at.environment]: { ...own, selector: {} } };
    const runtime = isUnreadable(subjects.runtime) ? at.locked?.runtime : subjects.runtime;
    const locked = at.locked === undefined || runtime === undefined ? at.locked : { ...at.locked, runtime };
    return onPresentPool(states, { ...at, contract: { ...at.contract, environments }, locked });
  };

/** The version that was drilled, by the files that the registry says it has: those of the lock are the sender's word. */
async function previousModelOf(
  locked: LockedEnvironment | null,
  reader: StoreReader,
  blobs: Blobs,
  { environment, name }: { readonly environment: string; readonly name: string },
): Promise<Digest | null> {
  const drilled = readRollback(locked?.evidence.rollback?.measurements ?? {});
  if (drilled === null) return null;
  const version = await reader.modelVersionByDigest(environment, name, drilled.to.digest);
  return version !== null && (await holdsAll(blobs, version.files)) ? version.digest : null;
}

/** What each `noWorseThan` of the gates stands for now: the live model, or the version of an alias; null for nothing. */
async function readBaselines(
  reader: StoreReader,
  { service, model, evaluation }: Contract,
  environment: string,
): Promise<Readonly<Record<string, Digest | null>>> {
  const named = new Set((evaluation?.gates ?? []).flatMap(({ noWorseThan }) => noWorseThan ?? []));
  const present: Record<string, Digest | null> = {};
  for (const name of named) {
    present[name] =
      name === released
        ? await liveModel(reader, service, environment)
        : await aliasedModel(reader, environment, model.name, name);
  }
  return present;
}

async function liveModel(reader: StoreReader, service: string, environment: string): Promise<Digest | null> {
  const live = (await reader.deployment(service, environment))?.live ?? null;
  return live === null ? null : ((await reader.release(service, environment, live))?.model.digest ?? null);
}

async function aliasedModel(
  reader: StoreReader,
  environment: string,
  model: string,
  alias: string,
): Promise<Digest | null> {
  const version = (await reader.aliases(environment, model))[alias];
  return version === undefined ? null : ((await reader.modelVersion(environment, model, version))?.digest ?? null);
}
