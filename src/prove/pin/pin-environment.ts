import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isModelPlace } from '../../core/bundle/model-place.ts';
import type { Contract, LoadedContract } from '../../core/contract/contract.ts';
import { hasFeatureFiles } from '../../core/contract/feature-programs.ts';
import { codeDigest } from '../../core/contract/code-digest.ts';
import type { LockedEnvironment, PinnedCode, PinnedData, PinnedModel } from '../../core/evidence/lock/lock.ts';
import { dataNames } from '../../core/evidence/present-subjects.ts';
import type { ModelVersion } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { Project } from '../../ports/project/project.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { pinFeatureViews } from './pin-feature-views.ts';
import { pinDeviceClasses, pinImage, pinModelFacts, runtimeOfService, type HardwareSources } from './pin-hardware.ts';

/** What the lock says of one environment, without its evidence. */
export type Pins = Omit<LockedEnvironment, 'evidence'>;

export interface PinSources extends HardwareSources {
  readonly store: () => Promise<StoreReader>;
}

/** What there is now for one environment: everything that the lock says of it, but the evidence. */
export async function pinEnvironment(
  project: Project,
  loaded: LoadedContract,
  environment: string,
  sources: PinSources,
): Promise<Pins> {
  const { contract } = loaded;
  const store = await sources.store();
  const { image } = contract.code;
  const code = image === undefined ? await pinCode(project, contract) : await pinImage(contract, image, sources);
  const model = await pinModel(contract, environment, store);
  const features = await project.featureFiles();
  const data = await pinData(dataNames(loaded), environment, store);
  return {
    code,
    model: contract.hardware === undefined ? model : await withHardwareFacts(model, environment, store, sources),
    data,
    ...(hasFeatureFiles(contract)
      ? { features: Object.fromEntries(features.map(({ path, digest }) => [path, digest])) }
      : {}),
    ...(await pinFeatureViews(project, sources)),
    deviceClasses: await pinDeviceClasses(project, contract, environment, sources),
    runtime: runtimeOfService(contract, code.facts, (await project.machine()).runtime),
  };
}

/** A contract that does not speak of hardware pins no facts of it. */
async function withHardwareFacts(
  model: PinnedModel,
  environment: string,
  store: StoreReader,
  sources: PinSources,
): Promise<PinnedModel> {
  const version = await store.modelVersion(environment, model.name, model.version);
  return version === null ? model : { ...model, facts: await pinModelFacts(version, sources) };
}

async function pinCode(project: Project, { code }: Contract): Promise<PinnedCode> {
  const found = await project.codeFiles();
  const files = Object.fromEntries(found.map((file) => [file.path, file.digest]));
  return { digest: codeDigest(code, files), files };
}

const isNumber = (version: string): boolean => /^\d+$/.test(version);

/** The version that the contract names, by its number or by an alias; null where the store has no such version or alias. */
export async function resolveModel(
  { model: { name, version } }: Pick<Contract, 'model'>,
  environment: string,
  store: StoreReader,
): Promise<ModelVersion | null> {
  const number = isNumber(version) ? Number(version) : (await store.aliases(environment, name))[version];
  return number === undefined ? null : store.modelVersion(environment, name, number);
}

async function pinModel(contract: Contract, environment: string, store: StoreReader): Promise<PinnedModel> {
  const { model } = contract;
  const version = await resolveModel(contract, environment, store);
  if (version === null) throw await modelUnknown(model, environment, store);
  return {
    name: version.name,
    version: version.version,
    ...(isNumber(model.version) ? {} : { alias: model.version }),
    digest: version.digest,
    ...(isModelPlace(version.lineage.source) ? { source: version.lineage.source } : {}),
    format: version.format,
    signature: version.signature ?? { inputs: [], outputs: [] },
  };
}

export async function modelUnknown(
  { name, version }: Contract['model'],
  environment: string,
  store: StoreReader,
): Promise<PlimsollError> {
  const aliases = isNumber(version) ? [] : Object.keys(await store.aliases(environment, name));
  const names = await store.modelNames(environment);
  const versions = names.includes(name) ? await store.modelVersions(environment, name) : [];
  const add = `plimsoll model add FILE --name ${name}${isNumber(version) ? '' : ` --alias ${version}`}`;
  const meant = nearest(name, names);
  const [message, next] =
    versions.length === 0
      ? [
          `the registry has no model \`${name}\` in ${environment}${meant === null ? '' : `; did you mean \`${meant}\`?`}`,
          add,
        ]
      : isNumber(version)
        ? [
            `model ${name} has no version ${version} in ${environment}; it has ${versions.map((one) => one.version).join(', ')}`,
            add,
          ]
        : [
            `model ${name} has no alias \`${version}\` in ${environment}${aliases.length === 0 ? '' : `; it has ${aliases.join(', ')}`}`,
            `plimsoll model alias ${name} ${version} ${versions.at(-1)?.version ?? 1} --reason TEXT`,
          ];
  return new PlimsollError({ code: 'model-unknown', category: 'not-found', message, next });
}

/** The newest version of each: the contract names data, not versions of it. */
export async function pinData(
  names: readonly string[],
  environment: string,
  store: StoreReader,
): Promise<Readonly<Record<string, PinnedData>>> {
  const pinned: [string, PinnedData][] = [];
  for (const name of names) {
    const newest = (await store.dataVersions(environment, name)).toSorted((a, b) => b.version - a.version)[0];
    if (newest === undefined) {
      throw new PlimsollError({
        code: 'data-unknown',
        category: 'not-found',
        message: `there is no data \`${name}\` in ${environment}, and the contract names it`,
        next: nextStep(proveSteps, 'data-unknown', { name }),
      });
    }
    pinned.push([name, { version: newest.version, digest: newest.digest }]);
  }
  return Object.fromEntries(pinned);
}
