import { chooseEnvironment } from '../../../core/contract/choose-environment.ts';
import { codeDigest, pinnedImageDigest } from '../../../core/contract/code-digest.ts';
import type { Contract } from '../../../core/contract/contract.ts';
import { contractInvalid } from '../../../core/contract-keys/contract-invalid.ts';
import { evidenceTable } from '../../../core/evidence/evidence-table.ts';
import type { Invalidation, Lock, Waiver } from '../../../core/evidence/lock/lock.ts';
import { presentSubjects } from '../../../core/evidence/present-subjects.ts';
import { classesOf, type PoolSnapshot } from '../../../core/pool/pool-snapshot.ts';
import { ruleTablesDigest } from '../../../core/hardware/tables/rule-tables.ts';
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
  const codeFiles: Project['codeFiles'] = async () => {
    const { code } = (await contract()).contract;
    const paths = code.files.flatMap((name) => {
      const wanted = name.replace(/\/$/, '');
      const found = Object.keys(facts.files ?? {}).filter((path) => path === wanted || path.startsWith(`${wanted}/`));
      if (found.length > 0) return found;
      const message = `code.files names \`${name}\`, and it is not there`;
      throw new PlimsollError({ code: 'code-file-missing', category: 'input', message });
    });
    return [...new Set(paths)].sort().map((path) => {
      const bytes = Buffer.from(facts.files?.[path] ?? '');
      return { path, digest: digestOfBytes(bytes), bytes: bytes.length };
    });
  };
  const digestOfCode: Project['codeDigest'] = async (environment) => {
    const { code } = (await contract()).contract;
    if (code.image !== undefined) return pinnedImageDigest(code, facts.lock?.environments[environment]?.code);
    const files = await codeFiles();
    return codeDigest(code, Object.fromEntries(files.map((file) => [file.path, file.digest])));
  };
  const poolClasses = (loaded: Contract, environment: string): readonly Digest[] | null => {
    const pool = loaded.environments[environment]?.pool;
    if (pool === undefined) return null;
    const snapshot = facts.pools?.[pool];
    return snapshot === undefined ? [] : [...classesOf(snapshot, loaded.hardware?.accelerator ?? 'cpu').keys()];
  };
  const present: Project['presentSubjects'] = async (environment) => {
    const loaded = await contract();
    const prices = loaded.contract.cost === undefined ? undefined : facts.files?.[loaded.contract.cost.prices];
    return presentSubjects({
      loaded,
      locked: facts.lock?.environments[environment] ?? null,
      codeDigest: await digestOfCode(environment),
      pricesDigest: prices === undefined ? null : digestOfBytes(Buffer.from(prices)),
      deviceClasses: poolClasses(loaded.contract, environment),
      ruleTables: loaded.contract.hardware === undefined ? null : ruleTablesDigest,
    });
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
    codeDigest: digestOfCode,
    machine: async () => ({
      deviceClass: { digest: digestOf('memory cpu'), description: 'cpu of a test' },
      runtime: { onnxruntime: '1.30.0' },
    }),
    presentSubjects: present,
    async evidenceStates(environment, nowMs) {
      const loaded = await contract();
      chooseEnvironment(loaded.contract, environment);
      return evidenceTable({
        contract: loaded.contract,
        environment,
        evidence: facts.lock?.environments[environment]?.evidence ?? {},
        present: await present(environment),
        waivers: facts.waivers ?? [],
        invalidations: facts.invalidations ?? [],
        nowMs,
      });
    },
    edit: (changes) => {
      facts = { ...facts, ...changes };
    },
  };
}
