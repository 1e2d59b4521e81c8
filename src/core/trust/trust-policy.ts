import { evidenceKinds, type EvidenceKind } from '../evidence/kinds/table.ts';
import { isDigest, type Digest } from '../units/digest.ts';
import { findArtifactProblem, type ArtifactPolicy } from './artifacts/artifact-rule.ts';
import { isJobRule, type JobRule } from './ci/job-rule.ts';
import { isSigstoreRule, type SigstoreRule } from './sigstore/sigstore-rule.ts';
import { isPublicKey, keyIdOf, type TrustedKey } from './signing-key.ts';

/** Whose evidence counts. A kind counts where enough keys signed it, or where a sender or a CI job that is named sent it. */
export interface EvidenceRule {
  /** Names of keys of the policy. */
  readonly keys?: readonly string[];
  /** How many different keys have to have signed; 1 unless written. */
  readonly signatures?: number;
  /** Identities that the control plane authenticated: names of tokens, subjects of service accounts. */
  readonly senders?: readonly string[];
  /** CI jobs by what their identity provider says of them. */
  readonly jobs?: readonly JobRule[];
  /** Who signed without a key; each identity counts as a key does. */
  readonly sigstore?: readonly SigstoreRule[];
}

/** The part of an environment's policy that is about whom to believe. A key that is not written asks for nothing. */
export interface TrustPolicy extends ArtifactPolicy {
  /** Grows with each change of the policy; an older policy does not take the place of a newer one. */
  readonly serial?: number;
  readonly keys?: readonly TrustedKey[];
  /** SHA-256 of the `trusted_root.json` that bundles of Sigstore are verified against. */
  readonly sigstoreRoot?: Digest;
  /** By kind of evidence; `any` is of each kind without a rule of its own. */
  readonly evidenceFrom?: Readonly<Partial<Record<EvidenceKind | 'any', EvidenceRule>>>;
  /** How long after it is given a waiver may last, in milliseconds. */
  readonly longestWaiverMs?: number;
  /** Of these identities one that does not release has to approve each bundle. */
  readonly approvers?: readonly string[];
}

/** The rule of a kind; null where anybody's evidence counts. */
export function evidenceRuleOf({ evidenceFrom = {} }: TrustPolicy, kind: EvidenceKind): EvidenceRule | null {
  return evidenceFrom[kind] ?? evidenceFrom.any ?? null;
}

const trustKeys: readonly string[] = [
  'serial',
  'keys',
  'sigstoreRoot',
  'evidenceFrom',
  'longestWaiverMs',
  'approvers',
  'artifactKeys',
  'artifactsFrom',
];

/**
 * Returns what is wrong with a policy, as the end of "the policy ...", or null. A policy that this version cannot read as
 * a whole is not used in part: what was left out could be what forbids.
 * @param otherKeys keys of a policy that are about something else.
 */
export function findPolicyProblem(policy: unknown, otherKeys: readonly string[]): string | null {
  if (policy === undefined) return null;
  if (!isRecord(policy)) return 'is no object';
  const foreign = Object.keys(policy).find((key) => !trustKeys.includes(key) && !otherKeys.includes(key));
  if (foreign !== undefined) return `has the key \`${foreign.slice(0, 50)}\`, which this version does not know`;
  const { serial, keys, sigstoreRoot, evidenceFrom, longestWaiverMs, approvers, artifactKeys, artifactsFrom } = policy;
  if (serial !== undefined && !isCount(serial)) return 'has a serial that is no whole number';
  if (longestWaiverMs !== undefined && !isCount(longestWaiverMs)) return 'has a longest waiver that is no duration';
  if (approvers !== undefined && !isNames(approvers)) return 'has approvers that are no names';
  if (keys !== undefined && !(Array.isArray(keys) && keys.every(isTrustedKey))) return 'has a key that is no key';
  if (sigstoreRoot !== undefined && !(typeof sigstoreRoot === 'string' && isDigest(sigstoreRoot)))
    return 'has a root of Sigstore that is no digest';
  const artifactProblem = findArtifactProblem(artifactKeys, artifactsFrom);
  if (artifactProblem !== null) return artifactProblem;
  const ruleProblem = findRuleProblem(evidenceFrom, (keys ?? []) as readonly TrustedKey[]);
  if (ruleProblem !== null) return ruleProblem;
  const asksSigstore = [evidenceFrom, artifactsFrom].some((rules) => namesSigstore(rules));
  return asksSigstore && sigstoreRoot === undefined ? 'names identities of Sigstore, and has no `sigstoreRoot`' : null;
}

const namesSigstore = (rules: unknown): boolean =>
  isRecord(rules) && Object.values(rules).some((rule) => isRecord(rule) && rule['sigstore'] !== undefined);

function findRuleProblem(rules: unknown, keys: readonly TrustedKey[]): string | null {
  const names = keys.map(({ name }) => name);
  if (new Set(names).size < names.length) return 'has two keys with one name';
  if (new Set(keys.map(({ key }) => keyIdOf(key))).size < keys.length) return 'has one key under two names';
  if (rules === undefined) return null;
  if (!isRecord(rules)) return 'has rules of evidence that are no object';
  for (const [kind, rule] of Object.entries(rules)) {
    if (kind !== 'any' && !evidenceKinds.some((known) => known === kind))
      return `has a rule for \`${kind.slice(0, 50)}\`, which is no kind`;
    if (!isRule(rule)) return `has a rule for ${kind} that cannot be read`;
    const { keys: named = [], senders, jobs, sigstore, signatures = 1 } = rule;
    const missing = named.find((name) => !names.includes(name));
    if (missing !== undefined) return `names the key ${missing.slice(0, 100)} for ${kind}, and does not have it`;
    const isEmpty = [senders, jobs, sigstore].every((part) => part === undefined);
    if (named.length === 0 && isEmpty) return `counts nobody's ${kind} evidence`;
    if (named.length > 0 && sigstore === undefined && signatures > new Set(named).size)
      return `asks for ${signatures} signatures of ${kind} evidence by ${new Set(named).size} keys`;
  }
  return null;
}

function isRule(value: unknown): value is EvidenceRule {
  if (!isRecord(value)) return false;
  const known = Object.keys(value).every((key) => ['keys', 'signatures', 'senders', 'jobs', 'sigstore'].includes(key));
  const { keys, signatures, senders, jobs, sigstore } = value;
  return (
    known &&
    (keys === undefined || isNames(keys)) &&
    (senders === undefined || isNames(senders)) &&
    (jobs === undefined || (Array.isArray(jobs) && jobs.every(isJobRule))) &&
    (sigstore === undefined || (Array.isArray(sigstore) && sigstore.every(isSigstoreRule))) &&
    (signatures === undefined || (isCount(signatures) && signatures > 0))
  );
}

function isTrustedKey(value: unknown): value is TrustedKey {
  if (!isRecord(value)) return false;
  const { name, key, expiresAtMs, revokedAtMs, ...rest } = value;
  const isTime = (time: unknown): boolean => time === undefined || isCount(time);
  return (
    typeof name === 'string' &&
    name !== '' &&
    isPublicKey(key) &&
    isTime(expiresAtMs) &&
    isTime(revokedAtMs) &&
    Object.keys(rest).length === 0
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
