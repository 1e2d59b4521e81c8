import type { Contract, LoadedContract } from '../../core/contract/contract.ts';
import { chooseEnvironment } from '../../core/contract/choose-environment.ts';
import { feastSources, hasFeatureFiles } from '../../core/contract/feature-programs.ts';
import { readRollback } from '../../core/evidence/kinds/rollback/rollback-evidence.ts';
import { readScaling } from '../../core/evidence/kinds/scaling/scaling-measurements.ts';
import type { EvidenceState, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { presentFeatures, presentSubjects, type PresentFacts } from '../../core/evidence/present-subjects.ts';
import type { FeatureSources } from '../../core/evidence/features/feature-view.ts';
import type { SubjectDigests } from '../../core/evidence/subjects.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { goldenOutputs, judgeEnvironment } from '../../core/proof/judge-environment.ts';
import type { Digest } from '../../core/units/digest.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { EnvironmentPolicy } from '../../core/fleet/environment/environment-record.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { Project } from '../../ports/project/project.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';

/**
 * The evidence of one environment as a checkout tells it. What only a store or nodes know is as the lock pins it, named in
 * `judgedOnRelease`.
 * @param policy whose evidence counts, and what is never waived; anybody's counts where it is left out.
 * @param sigstore trust roots that bundles of Sigstore are verified against; none of them verifies where it is left out.
 * @throws PlimsollError as `Project.contract`, `Project.lock`; `environment-unknown` (input).
 */
export async function judgeCheckout(
  project: Project,
  environment: string,
  nowMs: number,
  policy?: EnvironmentPolicy,
  sigstore?: OpenSigstore,
): Promise<readonly EvidenceState[]> {
  const loaded = await project.contract();
  chooseEnvironment(loaded.contract, environment);
  const locked = (await project.lock())?.environments[environment] ?? null;
  const golden = goldenOutputs(loaded, locked);
  const [present, records, goldenFile, hardware] = await Promise.all([
    readCheckout(project, loaded, locked, environment),
    project.records(environment),
    golden === null ? null : project.fileDigest(golden.path),
    hardwareOf(project, loaded, locked, environment),
  ]);
  const facts = { ...present, ...records, environment, nowMs, goldenFile, hardware };
  if (policy === undefined) return judgeEnvironment(facts);
  const { readCheckoutTrust, allowedWaivers } = await import('../trust/checkout-trust.ts');
  const trust = await readCheckoutTrust(project.folder, { loaded, locked, environment, policy, sigstore, nowMs });
  return judgeEnvironment({ ...facts, trust, waivers: allowedWaivers(records.waivers, environment, policy) });
}

/** What evidence that is measured now is of. @throws as `judgeCheckout`. */
export async function checkoutSubjects(project: Project, environment: string): Promise<SubjectDigests> {
  return (await readSubjects(project, environment)).subjects;
}

/** The same, and what computes the features that are among them. @throws as `judgeCheckout`. */
export async function readSubjects(
  project: Project,
  environment: string,
): Promise<{ readonly subjects: SubjectDigests; readonly features: FeatureSources }> {
  const loaded = await project.contract();
  const locked = (await project.lock())?.environments[environment] ?? null;
  const present = await readCheckout(project, loaded, locked, environment);
  return { subjects: presentSubjects(present), features: presentFeatures(present) };
}

/** Everything beside the contract and the lock is read at once: each file is a wait, and `check` has nothing else to do. */
async function readCheckout(
  project: Project,
  loaded: LoadedContract,
  locked: LockedEnvironment | null,
  environment: string,
): Promise<PresentFacts> {
  const { contract } = loaded;
  const arrivals = readScaling(locked?.evidence.scaling?.measurements ?? {})?.arrivals;
  const [codeDigest, pricesDigest, traceDigest, ruleTables, snapshot, previousModel, programs, features, featureViews] =
    await Promise.all([
      project.codeDigest(environment),
      contract.cost?.prices === undefined ? null : project.fileDigest(contract.cost.prices),
      arrivals?.kind === 'trace' ? project.fileDigest(arrivals.name) : null,
      readRuleTables(loaded),
      poolOf(project, loaded, environment),
      previousModelOf(project, locked),
      contract.evaluation?.metrics === undefined ? [] : project.metricFiles(),
      hasFeatureFiles(contract) ? project.featureFiles() : null,
      readFeatureViews(project, contract),
    ]);
  const deviceClasses = await classesIn(loaded, environment, snapshot);
  return {
    loaded,
    locked,
    codeDigest,
    pricesDigest,
    traceDigest,
    ruleTables,
    deviceClasses,
    previousModel,
    metricFiles: digestsByPath(programs),
    ...(features === null ? {} : { featureFiles: digestsByPath(features) }),
    ...(featureViews === null ? {} : { featureViews }),
  };
}

/** Null where the lock says it: the contract names none, or a registry is elsewhere. What cannot be read is unknown. */
async function readFeatureViews(project: Project, contract: Contract): Promise<PresentFacts['featureViews'] | null> {
  if (feastSources(contract).length === 0) return null;
  try {
    return await project.featureViews();
  } catch (thrown) {
    const error = asPlimsollError(thrown);
    if (error.category === 'bug') throw thrown;
    return { unreadable: error.message };
  }
}

const digestsByPath = (files: readonly ArtifactFile[]): Readonly<Record<string, Digest>> =>
  Object.fromEntries(files.map(({ path, digest }) => [path, digest]));

/** The rules are loaded only for contracts that speak of hardware: `check` runs on every commit. */
async function readRuleTables({ contract }: LoadedContract): Promise<Digest | null> {
  if (contract.hardware === undefined) return null;
  return (await import('../../core/hardware/tables/rule-tables.ts')).ruleTablesDigest;
}

function poolOf(project: Project, { contract }: LoadedContract, environment: string): Promise<PoolSnapshot | null> {
  const pool = contract.environments[environment]?.pool;
  return pool === undefined ? Promise.resolve(null) : project.pool(pool);
}

/** Null where the environment names no pool; none where there is no such snapshot. */
async function classesIn(
  { contract }: LoadedContract,
  environment: string,
  snapshot: PoolSnapshot | null,
): Promise<readonly Digest[] | null> {
  if (contract.environments[environment]?.pool === undefined) return null;
  if (snapshot === null) return [];
  const { classesOf } = await import('../../core/pool/snapshot/pool-snapshot.ts');
  return [...classesOf(snapshot, contract.hardware?.accelerator ?? 'cpu').keys()];
}

/** Loaded only where there is hardware evidence to be judged again on the nodes of the pool. */
async function hardwareOf(
  project: Project,
  loaded: LoadedContract,
  locked: LockedEnvironment | null,
  environment: string,
) {
  if (loaded.contract.hardware === undefined || locked?.evidence.hardware === undefined) return undefined;
  const snapshot = await poolOf(project, loaded, environment);
  if (snapshot === null) return undefined;
  return { snapshot, judge: (await import('../../core/hardware/present-pool.ts')).onPresentPool };
}

/** Believed where there is no state folder to look into, as in CI; else its files must be among the blobs. */
async function previousModelOf(project: Project, locked: LockedEnvironment | null): Promise<Digest | null> {
  const drilled = readRollback(locked?.evidence.rollback?.measurements ?? {});
  if (drilled === null) return null;
  const isHeld = await project.holdsBlobs(drilled.to.files);
  return isHeld === false ? null : drilled.to.digest;
}
