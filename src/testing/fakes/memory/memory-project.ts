import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import type { PoolSnapshot } from '../../../core/pool/snapshot/pool-snapshot.ts';
import type { Contract, UserMetric } from '../../../core/contract/contract.ts';
import { codeDigest, pinnedImageDigest } from '../../../core/contract/code-digest.ts';
import { featurePaths } from '../../../core/contract/feature-programs.ts';
import { contractInvalid } from '../../../core/contract-keys/contract-invalid.ts';
import type { FeatureViews } from '../../../core/evidence/features/feature-view.ts';
import type { Invalidation, Lock, Waiver } from '../../../core/evidence/lock/lock.ts';
import { digestOf, digestOfBytes, type Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Project } from '../../../ports/project/project.ts';
import { readContract } from '../../../schemas/contract/contract.ts';
import { lockText, readLock } from '../../../schemas/lock/lock.ts';

export interface MemoryProjectFacts {
  readonly contract: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly lock?: Lock | null;
  readonly waivers?: readonly Waiver[];
  readonly invalidations?: readonly Invalidation[];
  readonly featureViews?: FeatureViews;
  readonly pools?: Readonly<Record<string, PoolSnapshot>>;
}

/** A project without a disk. `edit` changes what is there, as a person would between two commands. */
export interface MemoryProject extends Project {
  edit(changes: Partial<MemoryProjectFacts>): void;
}

export function makeMemoryProject(initial: MemoryProjectFacts): MemoryProject {
  let facts = initial;
  const folder = '/memory';
  let changing: Promise<void> = Promise.resolve();

  const contract: Project['contract'] = async () => {
    const reading = readContract(Buffer.from(facts.contract), `${folder}/plimsoll.yaml`, 'plimsoll.yaml');
    if (!reading.ok) throw contractInvalid(reading.problems);
    return reading.loaded;
  };
  const pathsAt = (name: string): readonly string[] => {
    const wanted = name.replace(/\/$/, '');
    return Object.keys(facts.files ?? {}).filter((path) => path === wanted || path.startsWith(`${wanted}/`));
  };
  const filesOf = (paths: readonly string[]): readonly ArtifactFile[] =>
    [...new Set(paths)].sort().map((path) => {
      const bytes = Buffer.from(facts.files?.[path] ?? '');
      return { path, digest: digestOfBytes(bytes), bytes: bytes.length };
    });
  const requiredPaths = (names: readonly string[], key: string): readonly string[] =>
    names.flatMap((name) => {
      const found = pathsAt(name);
      if (found.length > 0) return found;
      const message = `${key} names \`${name}\`, and it is not there`;
      throw new PlimsollError({ code: 'code-file-missing', category: 'input', message });
    });
  const codeFiles: Project['codeFiles'] = async () =>
    filesOf(requiredPaths((await contract()).contract.code.files, 'code.files'));
  const metricFiles: Project['metricFiles'] = async () => {
    return programFiles(Object.values((await contract()).contract.evaluation?.metrics ?? {}));
  };
  const programFiles = (programs: readonly Pick<UserMetric, 'module' | 'command' | 'files'>[]) => {
    const named = programs.flatMap(({ module, command = [], files }) => [
      ...(module === undefined ? [] : [module]),
      ...command,
      ...files,
    ]);
    return filesOf(named.flatMap(pathsAt));
  };
  const featureFilesOf = (of: Contract) =>
    filesOf([
      ...requiredPaths(featurePaths(of), 'features'),
      ...programFiles(of.monitoring?.features ?? []).map(({ path }) => path),
    ]);
  const digestOfCode: Project['codeDigest'] = async (environment) => {
    const { code } = (await contract()).contract;
    if (code.image !== undefined) return pinnedImageDigest(code, facts.lock?.environments[environment]?.code);
    const files = await codeFiles();
    return codeDigest(code, Object.fromEntries(files.map((file) => [file.path, file.digest])));
  };
  return {
    folder,
    stateFolder: `${folder}/.plimsoll`,
    contract,
    lock: async () => facts.lock ?? null,
    changeLock(update) {
      const changed = changing.then(async () => {
        const lock = await update(facts.lock ?? null);
        facts = { ...facts, lock: readLock(Buffer.from(lockText(lock)), 'plimsoll.lock') };
      });
      changing = changed.catch(() => undefined);
      return changed;
    },
    codeFiles,
    metricFiles,
    featureFiles: async () => featureFilesOf((await contract()).contract),
    featureViews: async () => facts.featureViews ?? null,
    codeDigest: digestOfCode,
    machine: async () => ({
      deviceClass: { digest: digestOf('memory cpu'), description: 'cpu of a test' },
      runtime: { onnxruntime: '1.30.0' },
    }),
    fileDigest: async (path) => {
      const text = facts.files?.[path];
      if (text !== undefined) return digestOfBytes(Buffer.from(text));
      // What it does not hold of golden outputs is as it was recorded: a test that damages them says so by a file.
      return path.startsWith('golden/') ? recordedGolden(facts.lock ?? null) : null;
    },
    pool: async (name) => facts.pools?.[name] ?? null,
    records: async () => ({ waivers: facts.waivers ?? [], invalidations: facts.invalidations ?? [] }),
    holdsBlobs: async () => null,
    // Of this object as a test may have changed it.
    snapshot() {
      return { ...this, ...readOnce(this) };
    },
    edit: (changes) => {
      facts = { ...facts, ...changes };
    },
  };
}

function readOnce(project: Project): Pick<Project, 'contract' | 'lock' | 'codeDigest'> {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(what: string, read: () => Promise<T>): Promise<T> => {
    if (!answers.has(what)) answers.set(what, read());
    return answers.get(what) as Promise<T>;
  };
  return {
    contract: () => once('contract', () => project.contract()),
    lock: () => once('lock', () => project.lock()),
    codeDigest: (environment) => once(`code ${environment}`, () => project.codeDigest(environment)),
  };
}

function recordedGolden(lock: Lock | null): Digest | null {
  const recorded = Object.values(lock?.environments ?? {}).flatMap(({ evidence }) => evidence.golden ?? []);
  const blob = recorded[0]?.measurements['goldenBlob'];
  return typeof blob === 'string' ? (blob as Digest) : null;
}
