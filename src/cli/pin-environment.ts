import type { Contract, LoadedContract } from '../core/contract/contract.ts';
import { codeDigest } from '../core/contract/code-digest.ts';
import type { LockedEnvironment, PinnedCode, PinnedData, PinnedModel } from '../core/evidence/lock.ts';
import { dataNames } from '../core/evidence/present-subjects.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { nearest } from '../core/units/nearest.ts';
import type { Project } from '../ports/project.ts';
import type { StoreReader } from '../ports/store.ts';

/** What there is now for one environment of the local platform, with the evidence that was there before. */
export async function pinEnvironment(
  project: Project,
  loaded: LoadedContract,
  environment: string,
  store: () => Promise<StoreReader>,
  evidence: LockedEnvironment['evidence'],
): Promise<LockedEnvironment> {
  const { contract } = loaded;
  refuseWhatIsNotAvailable(contract, environment);
  const code = await pinCode(project, contract);
  const machine = await project.machine();
  return {
    code,
    ...(await pinArtifacts(loaded, environment, await store())),
    deviceClasses: [machine.deviceClass.digest],
    runtime: runsOwnServer(contract) ? machine.runtime : {},
    evidence,
  };
}

/** The model and the data that the contract names, resolved in the store now. */
export async function pinArtifacts(
  loaded: LoadedContract,
  environment: string,
  store: StoreReader,
): Promise<Pick<LockedEnvironment, 'data'> & { readonly model: PinnedModel }> {
  return {
    model: await pinModel(loaded.contract, environment, store),
    data: await pinData(dataNames(loaded), environment, store),
  };
}

/** Only this installation's own model server has runtimes that are known here; another program brings its own. */
const runsOwnServer = ({ code }: Contract): boolean => code.command?.[0] === 'plimsoll';

function refuseWhatIsNotAvailable(contract: Contract, environment: string): void {
  const platform = contract.environments[environment]?.platform;
  if (contract.code.image !== undefined || platform === 'kubernetes')
    throw notYetAvailable('image inspection', 'code.command');
  const accelerator = contract.hardware?.accelerator ?? 'cpu';
  if (accelerator !== 'cpu') throw notYetAvailable('inspection of accelerators', 'hardware.accelerator');
}

function notYetAvailable(what: string, key: string): PlimsollError {
  return new PlimsollError({
    code: 'not-yet-available',
    category: 'unavailable',
    message: `${what} is not yet available in this version`,
    next: `plimsoll explain ${key}`,
  });
}

async function pinCode(project: Project, { code }: Contract): Promise<PinnedCode> {
  const found = await project.codeFiles();
  const files = Object.fromEntries(found.map((file) => [file.path, file.digest]));
  return { digest: codeDigest(code, files), files };
}

async function pinModel({ model }: Contract, environment: string, store: StoreReader): Promise<PinnedModel> {
  const byNumber = /^\d+$/.test(model.version);
  const aliases = byNumber ? {} : await store.aliases(environment, model.name);
  const number = byNumber ? Number(model.version) : aliases[model.version];
  const version = number === undefined ? null : await store.modelVersion(environment, model.name, number);
  if (version === null) throw await modelUnknown(model, environment, store, Object.keys(aliases));
  return {
    name: version.name,
    version: version.version,
    ...(byNumber ? {} : { alias: model.version }),
    digest: version.digest,
    format: version.format,
    signature: version.signature ?? { inputs: [], outputs: [] },
  };
}

async function modelUnknown(
  { name, version }: Contract['model'],
  environment: string,
  store: StoreReader,
  aliases: readonly string[],
): Promise<PlimsollError> {
  const names = await store.modelNames(environment);
  const versions = names.includes(name) ? await store.modelVersions(environment, name) : [];
  const add = `plimsoll model add FILE --name ${name}${/^\d+$/.test(version) ? '' : ` --alias ${version}`}`;
  const meant = nearest(name, names);
  const [message, next] =
    versions.length === 0
      ? [
          `the registry has no model \`${name}\` in ${environment}${meant === null ? '' : `; did you mean \`${meant}\`?`}`,
          add,
        ]
      : /^\d+$/.test(version)
        ? [
            `model ${name} has no version ${version} in ${environment}; it has ${versions.map((one) => one.version).join(', ')}`,
            add,
          ]
        : [
            `model ${name} has no alias \`${version}\` in ${environment}${aliases.length === 0 ? '' : `; it has ${aliases.join(', ')}`}`,
            `plimsoll model alias ${name} ${version} ${versions.at(-1)?.version ?? 1}`,
          ];
  return new PlimsollError({ code: 'model-unknown', category: 'not-found', message, next });
}

/** The newest version of each: the contract names data, not versions of it. */
async function pinData(
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
        next: `plimsoll data add FILE --name ${name}`,
      });
    }
    pinned.push([name, { version: newest.version, digest: newest.digest }]);
  }
  return Object.fromEntries(pinned);
}
