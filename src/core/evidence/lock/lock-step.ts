import type { Contract } from '../../contract/contract.ts';
import { feastSources } from '../../contract/feature-programs.ts';
import { shortDigest, type Digest } from '../../units/digest.ts';
import { fileChanges, viewChanges } from '../features/feature-changes.ts';
import type { FeatureSources } from '../features/feature-view.ts';
import { unpinnedViews } from '../features/pinned-views.ts';
import type { Lock, LockedEnvironment } from './lock.ts';

/** One way in which the lock does not say what the contract and the files beside it say. */
export interface LockMismatch {
  readonly environment: string;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  /** Says it better than `from` and `to` do, where there is more to say. */
  readonly message?: string;
}

/** `model: digits:1 -> digits:2`, or the mismatch's own message. */
export function mismatchText({ subject, from, to, message }: LockMismatch): string {
  return message ?? `${subject}: ${from} -> ${to}`;
}

export interface LockStepFacts {
  readonly contract: Contract;
  readonly environment: string;
  readonly lock: Lock;
  /** Of the code as it is now; null where that is not known without a registry. */
  readonly codeDigest: Digest | null;
  /** What computes features now: files where `features` names some, and views where their registry is read. */
  readonly features?: Partial<FeatureSources>;
  /** Names of the data that the contract speaks of. */
  readonly dataNames: readonly string[];
}

/** Compares what can be compared offline: no alias is resolved, no image is looked up. */
export function lockMismatches(facts: LockStepFacts): readonly LockMismatch[] {
  const { contract, environment, lock } = facts;
  const mismatch = (subject: string, from: string, to: string): LockMismatch => ({ environment, subject, from, to });
  if (lock.service !== contract.service) return [mismatch('service', lock.service, contract.service)];
  const locked = lock.environments[environment];
  if (locked === undefined) return [mismatch('environment', 'not pinned', environment)];
  return [
    ...codeMismatch(locked, contract, facts.codeDigest, mismatch),
    ...modelMismatch(locked, contract, mismatch),
    ...featureMismatches(locked, facts, mismatch),
    ...facts.dataNames
      .filter((name) => locked.data[name] === undefined)
      .map((name) => mismatch('data', 'not pinned', name)),
    ...Object.keys(locked.data)
      .filter((name) => !facts.dataNames.includes(name))
      .map((name) => mismatch('data', name, 'not in the contract')),
  ];
}

type Mismatch = (subject: string, from: string, to: string) => LockMismatch;

function codeMismatch(
  { code }: LockedEnvironment,
  { code: { image } }: Contract,
  now: Digest | null,
  mismatch: Mismatch,
): readonly LockMismatch[] {
  if (code === undefined) return [mismatch('code', 'not pinned', now === null ? 'the contract' : shortDigest(now))];
  if (code.image !== image) return [mismatch('code', code.image ?? 'a command', image ?? 'a command')];
  if (now === null || code.digest === now) return [];
  return [mismatch('code', shortDigest(code.digest), shortDigest(now))];
}

/** What computes features and is not pinned, or is not what the lock pins. */
function featureMismatches(
  { features: pinnedFiles = {}, featureViews: pinned = {} }: LockedEnvironment,
  { contract, features: { files, views } = {} }: LockStepFacts,
  mismatch: Mismatch,
): readonly LockMismatch[] {
  const said = (message: string): LockMismatch => ({ ...mismatch('features', 'the lock', 'now'), message });
  const missing = unpinnedViews(feastSources(contract), pinned);
  return [
    ...(files === undefined ? [] : fileChanges(pinnedFiles, files).map((change) => said(`features: ${change}`))),
    ...missing.map((name) => mismatch(name, 'not pinned', 'in the contract')),
    ...(views === undefined || missing.length > 0 ? [] : viewChanges(pinned, views).map(said)),
  ];
}

function modelMismatch({ model }: LockedEnvironment, contract: Contract, mismatch: Mismatch): readonly LockMismatch[] {
  const { name, version } = contract.model;
  if (model === undefined) return [mismatch('model', 'not pinned', `${name}:${version}`)];
  const pinnedAs = model.alias ?? String(model.version);
  if (model.name === name && pinnedAs === version) return [];
  return [mismatch('model', `${model.name}:${pinnedAs}`, `${name}:${version}`)];
}
