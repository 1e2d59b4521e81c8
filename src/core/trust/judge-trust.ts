import type { EvidenceKind, EvidenceState } from '../evidence/lock/lock.ts';
import type { Digest } from '../units/digest.ts';
import type { CiIdentity } from '../access/identity.ts';
import { jobText } from './ci/ci-job.ts';
import { jobRuleText, whyJobNotCounted, type JobRule } from './ci/job-rule.ts';
import type { CheckedBundle } from './sigstore/checked-bundle.ts';
import { countsIdentity, identityText, type SigstoreRule } from './sigstore/sigstore-rule.ts';
import type { CheckedSignature } from './evidence-signatures.ts';
import { keyText, type TrustedKey } from './signing-key.ts';
import { evidenceRuleOf, type EvidenceRule, type TrustPolicy } from './trust-policy.ts';
import { timeText } from './trust-texts.ts';

/** Where one piece of evidence comes from. */
export interface EvidenceOrigin {
  readonly signatures: readonly CheckedSignature[];
  /** Who sent it, as the control plane authenticated them; undefined for a judge without a store. */
  readonly senders?: readonly string[] | undefined;
  /** CI jobs that sent it, as their identity provider told of them. */
  readonly jobs?: readonly CiIdentity[];
  /** Bundles of Sigstore beside the lock. */
  readonly bundles?: readonly CheckedBundle[];
}

/** All that a judge knows of whom to believe. */
export type TrustFacts =
  | {
      readonly policy: TrustPolicy;
      readonly origins: Readonly<Partial<Record<EvidenceKind, EvidenceOrigin>>>;
      /** When a signature was first received, by its digest. One without an entry arrives now. */
      readonly receivedAtMs: ReadonlyMap<Digest, number>;
      readonly nowMs: number;
    }
  /** No policy that counts can be read: nothing is believed. As the end of a sentence. */
  | { readonly problem: string };

/**
 * Lowers the verdict of evidence that nobody signed or sent whom the policy counts. Trust never raises a verdict.
 *
 * | the policy | the evidence | verdict |
 * |---|---|---|
 * | has no rule for the kind | any | as it is |
 * | has a rule | fails | as it is |
 * | has a rule | one signature is bad, or of another environment | unknown |
 * | has a rule with keys | enough of them signed, each before it expired or was revoked | as it is |
 * | has a rule with identities of Sigstore | they signed; each counts as a key does | as it is |
 * | has a rule with identities of Sigstore | one of them signed other facts | unknown |
 * | has a rule with senders | one of them sent it | as it is |
 * | has a rule with jobs | a job sent it that one of them counts (`whyJobNotCounted`) | as it is |
 * | has senders or jobs and no keys | nobody knows the sender here, as in CI | as it is, judged on release |
 * | has a rule | else | unknown |
 * | cannot be read | any but failing | unknown |
 */
export function withTrust(states: readonly EvidenceState[], trust: TrustFacts | undefined): readonly EvidenceState[] {
  if (trust === undefined) return states;
  return states.map((state) => {
    const isJudged = state.freshness === 'fresh' && state.judgedLive !== true;
    if (!isJudged || state.verdict === 'fail' || state.verdict === 'unknown') return state;
    const reason = 'problem' in trust ? trust.problem : whyNotCounted(state.kind, trust);
    if (reason === null) return state;
    return { ...state, verdict: 'unknown', reasons: [reason], renew: 'plimsoll evidence sign' };
  });
}

type ReadTrust = Exclude<TrustFacts, { readonly problem: string }>;

/** Why evidence of a kind does not count; null where it counts. */
export function whyNotCounted(kind: EvidenceKind, trust: ReadTrust): string | null {
  const rule = evidenceRuleOf(trust.policy, kind);
  if (rule === null) return null;
  const { signatures = [], senders: sent, jobs: sentBy = [], bundles = [] } = trust.origins[kind] ?? {};
  const wrong = signatures.find(({ standing }) => standing === 'bad' || standing === 'elsewhere');
  if (wrong !== undefined) return wrongText(kind, wrong);
  const { keys = [], signatures: needed = 1, senders, jobs = [], sigstore = [] } = rule;
  const strange = findOtherFacts(bundles, sigstore);
  if (strange !== null) return `the signature of ${kind} evidence by ${strange} is of other facts`;
  const doubts = signatures.flatMap((one) => doubtOf(one, keys, trust) ?? []);
  const signed = signatures.filter((one) => doubtOf(one, keys, trust) === null);
  const signers = new Set([...signed.map(({ keyId }) => keyId), ...namesOf(bundles, sigstore)]).size;
  const isSignable = keys.length > 0 || sigstore.length > 0;
  if (isSignable && signers >= needed) return null;
  if (sent?.some((sender) => senders?.includes(sender)) === true) return null;
  if (sentBy.some((job) => jobs.some((each) => whyJobNotCounted(each, job) === null))) return null;
  if (!isSignable && sent === undefined) return null;
  const others = [...doubts, ...bundleDoubts(bundles, sigstore), ...jobDoubts(sentBy, jobs)];
  return [missingText(kind, rule, signers, sent), ...others.slice(0, doubtsShown)].join('; ');
}

const doubtsShown = 3;

/** Identities of a rule that signed this evidence. */
function namesOf(bundles: readonly CheckedBundle[], rules: readonly SigstoreRule[]): readonly string[] {
  return bundles.flatMap((bundle) => {
    if (bundle.standing !== 'good') return [];
    const { signer } = bundle;
    return rules.some((rule) => countsIdentity(rule, signer)) ? [identityText(signer)] : [];
  });
}

/** The identity of a rule that signed something else; null where there is none. */
function findOtherFacts(bundles: readonly CheckedBundle[], rules: readonly SigstoreRule[]): string | null {
  for (const bundle of bundles) {
    if (bundle.standing !== 'other') continue;
    if (rules.some((rule) => countsIdentity(rule, bundle.signer))) return identityText(bundle.signer);
  }
  return null;
}

function bundleDoubts(bundles: readonly CheckedBundle[], rules: readonly SigstoreRule[]): readonly string[] {
  if (rules.length === 0) return [];
  return bundles.flatMap((bundle) => {
    if (bundle.standing === 'unverified') return [`a bundle of Sigstore does not verify: ${bundle.why}`];
    const isCounted = rules.some((rule) => countsIdentity(rule, bundle.signer));
    return isCounted ? [] : [`${identityText(bundle.signer)} does not count for this kind`];
  });
}

/** Why each job that sent it counts for nothing, by the rule that comes nearest to it. */
function jobDoubts(sentBy: readonly CiIdentity[], rules: readonly JobRule[]): readonly string[] {
  if (rules.length === 0) return [];
  return sentBy.map((job) => {
    const near = rules.find((rule) => rule.repository === job.repository && rule.issuer === job.issuer);
    const why = near === undefined ? 'it is of another repository' : whyJobNotCounted(near, job);
    return `${jobText(job)} does not count: ${why ?? ''}`;
  });
}

function wrongText(kind: EvidenceKind, { key, keyId, standing, environment }: CheckedSignature): string {
  const by = key === null ? keyId : keyText(key);
  return standing === 'elsewhere'
    ? `the signature of ${kind} evidence by ${by} is for the environment ${environment ?? ''}`
    : `the signature of ${kind} evidence by ${by} is wrong: it is of other facts, or by another key`;
}

/** Why a signature that is not wrong does not count; null where it does. */
function doubtOf(
  { standing, key, keyId, digest }: CheckedSignature,
  names: readonly string[],
  { receivedAtMs, nowMs }: ReadTrust,
): string | null {
  if (standing !== 'good' || key === null) return `${keyId.slice(0, 48)} is no key of the policy`;
  if (!names.includes(key.name)) return `${keyText(key)} does not count for this kind`;
  return closedBefore(key, receivedAtMs.get(digest) ?? nowMs);
}

/** Why a key did not sign in time; null where its signature arrived while the key held. */
export function closedBefore(key: TrustedKey, receivedAtMs: number): string | null {
  const { expiresAtMs, revokedAtMs } = key;
  if (revokedAtMs !== undefined && receivedAtMs >= revokedAtMs)
    return `${keyText(key)} was revoked on ${timeText(revokedAtMs)}, before its signature was received`;
  if (expiresAtMs !== undefined && receivedAtMs >= expiresAtMs)
    return `${keyText(key)} expired on ${timeText(expiresAtMs)}, before its signature was received`;
  return null;
}

function missingText(
  kind: EvidenceKind,
  { keys = [], signatures: needed = 1, senders = [], jobs = [], sigstore = [] }: EvidenceRule,
  signers: number,
  sent: readonly string[] | undefined,
): string {
  const names = [...keys, ...sigstore.map(identityText)];
  const byKeys =
    names.length === 0 ? [] : [`${needed === 1 ? 'a signature' : `${needed} signatures`} by ${names.join(' or ')}`];
  const bySenders = senders.length === 0 ? [] : [`sent by ${senders.join(' or ')}`];
  const byJobs = jobs.length === 0 ? [] : [`sent by a job of ${jobs.map(jobRuleText).join(' or ')}`];
  const found = [
    ...(names.length === 0 ? [] : [`${signers} count${signers === 1 ? 's' : ''}`]),
    ...((senders.length === 0 && jobs.length === 0) || sent === undefined
      ? []
      : [`sent by ${sent.slice(0, 3).join(', ') || 'nobody'}`]),
  ];
  return `the policy asks for ${kind} evidence with ${[...byKeys, ...bySenders, ...byJobs].join(', or ')}: ${found.join(', ')}`;
}
