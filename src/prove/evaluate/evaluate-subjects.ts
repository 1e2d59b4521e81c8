import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { EvaluationSection, LoadedContract } from '../../core/contract/contract.ts';
import { released } from '../../core/evaluation/measure/measurements.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { ReleasedModel } from '../../core/rollout/release.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { Pair } from './evaluate-predictions.ts';
import { resolveModel, splitReference } from '../artifacts/registry-reference.ts';

/** The candidate: what the lock pins, or what `--model` names, with the code that the lock pins. */
export async function chosenCandidate(
  store: StoreReader,
  environment: string,
  pinned: ReleasedModel,
  wanted: string | undefined,
): Promise<ReleasedModel> {
  if (wanted === undefined) return pinned;
  const reference = wanted.startsWith('@') ? `${pinned.name}:${wanted.slice(1)}` : wanted.replace(':@', ':');
  const { name } = splitReference(reference);
  if (name !== pinned.name) throw otherModel(name, pinned.name);
  return releasedModel(await resolveModel(store, environment, reference));
}

const releasedModel = ({ name, version, digest, format, files, signature }: ModelVersion): ReleasedModel => ({
  name,
  version,
  digest,
  format,
  files,
  signature,
});

export interface Baseline extends Pair {
  readonly named: string;
}

/** What a gate or `--against` names: the live pair as it was released, or an alias with the pinned code; null where there is none. */
export async function findBaseline(
  store: StoreReader,
  { service, environment, code, model }: Pair & { readonly service: string; readonly environment: string },
  named: string,
): Promise<Baseline | null> {
  if (named === released) {
    const live = (await store.deployment(service, environment))?.live ?? null;
    const release = live === null ? null : await store.release(service, environment, live);
    return release === null ? null : { named, code: release.code, model: release.model };
  }
  const version = (await store.aliases(environment, model.name))[named];
  const found = version === undefined ? null : await store.modelVersion(environment, model.name, version);
  return found === null ? null : { named, code, model: releasedModel(found) };
}

/** Names in the order of the gates, each once, `--against` last. */
export function baselineNames({ gates }: EvaluationSection, against: string | undefined): readonly string[] {
  const named = gates.flatMap(({ noWorseThan }) => (noWorseThan === undefined ? [] : [noWorseThan]));
  return [...new Set([...named, ...(against === undefined ? [] : [against.replace(/^@/, '')])])];
}

/** The data version that the lock pins. @throws PlimsollError `evaluation-not-asked`, `data-version-missing`. */
export async function pinnedDataset(
  store: StoreReader,
  environment: string,
  { contract }: LoadedContract,
  locked: LockedEnvironment,
): Promise<{ readonly section: EvaluationSection; readonly data: DataVersion }> {
  const section = contract.evaluation;
  if (section === undefined) throw notAsked();
  const pinned = locked.data[section.dataset];
  const data = await store.dataVersion(environment, section.dataset, pinned?.version ?? 0);
  if (data === null) throw dataMissing(section.dataset, pinned?.version, environment);
  if (data.digest === pinned?.digest) return { section, data };
  throw new PlimsollError({
    code: 'data-moved',
    category: 'refused',
    message: `${section.dataset} version ${data.version} in the registry is not the one that the lock pins`,
    next: nextStep(proveSteps, 'data-moved'),
    details: { pinned: pinned?.digest, registered: data.digest },
  });
}

function dataMissing(name: string, version: number | undefined, environment: string): PlimsollError {
  return new PlimsollError({
    code: 'data-version-missing',
    category: 'not-found',
    message: `the lock pins data ${name} version ${version ?? '?'}, which the registry of ${environment} does not have`,
    next: nextStep(proveSteps, 'data-version-missing', { name }),
  });
}

function notAsked(): PlimsollError {
  return new PlimsollError({
    code: 'evaluation-not-asked',
    category: 'input',
    message: 'the contract does not write evaluation, so that there is neither a dataset nor a gate',
    next: nextStep(proveSteps, 'evaluation-not-asked'),
  });
}

function otherModel(name: string, pinned: string): PlimsollError {
  return new PlimsollError({
    code: 'model-another',
    category: 'input',
    message: `--model names ${name}, and the contract is of ${pinned}`,
    next: nextStep(proveSteps, 'model-another', { pinned }),
  });
}
