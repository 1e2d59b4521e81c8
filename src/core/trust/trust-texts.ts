import { digestOf, shortDigest } from '../units/digest.ts';
import { formatDuration } from '../units/quantity/quantity-duration.ts';
import { ruleText as artifactRuleText } from './artifacts/judge-artifact.ts';
import { jobRuleText } from './ci/job-rule.ts';
import { identityText } from './sigstore/sigstore-rule.ts';
import { keyIdOf, type TrustedKey } from './signing-key.ts';
import type { EvidenceRule, TrustPolicy } from './trust-policy.ts';

/** Returns what a policy says of trust, by key and in text for people. */
export function trustTexts(policy: TrustPolicy): Readonly<Record<string, string>> {
  const { serial, keys, sigstoreRoot, evidenceFrom = {}, longestWaiverMs, approvers } = policy;
  const { artifactKeys, artifactsFrom = {} } = policy;
  return {
    ...(serial === undefined ? {} : { 'policy.serial': String(serial) }),
    ...(longestWaiverMs === undefined ? {} : { 'policy.longestWaiver': formatDuration(longestWaiverMs) }),
    ...(approvers === undefined ? {} : { 'policy.approvers': approvers.join(', ') }),
    ...(keys === undefined ? {} : { 'policy.keys': keys.map(keyLine).join('; ') }),
    ...(sigstoreRoot === undefined ? {} : { 'policy.sigstoreRoot': sigstoreRoot }),
    ...(artifactKeys === undefined
      ? {}
      : {
          'policy.artifactKeys': artifactKeys
            .map(({ name, key }) => `${name} ${shortDigest(digestOf(key))}`)
            .join('; '),
        }),
    ...Object.fromEntries(
      Object.entries(artifactsFrom).map(([kind, rule]) => [`policy.artifactsFrom.${kind}`, artifactRuleText(rule)]),
    ),
    ...Object.fromEntries(
      Object.entries(evidenceFrom).map(([kind, rule]) => [`policy.evidenceFrom.${kind}`, ruleText(rule)]),
    ),
  };
}

/** `ci-2026 ed25519:1f2e... expires 2027-01-01, revoked 2026-12-01`. */
export function keyLine({ name, key, expiresAtMs, revokedAtMs }: TrustedKey): string {
  const times = [
    ...(expiresAtMs === undefined ? [] : [`expires ${timeText(expiresAtMs)}`]),
    ...(revokedAtMs === undefined ? [] : [`revoked ${timeText(revokedAtMs)}`]),
  ];
  return [`${name} ${keyIdOf(key)}`, ...(times.length === 0 ? [] : [times.join(', ')])].join(' ');
}

function ruleText({ keys, signatures = 1, senders, jobs, sigstore }: EvidenceRule): string {
  return [
    ...(keys === undefined ? [] : [`${signatures} of the keys ${keys.join(', ')}`]),
    ...(senders === undefined ? [] : [`sent by ${senders.join(', ')}`]),
    ...(sigstore === undefined ? [] : [`signed by ${sigstore.map(identityText).join(', ')}`]),
    ...(jobs === undefined ? [] : [`sent by a job of ${jobs.map(jobRuleText).join(', ')}`]),
  ].join('; or ');
}

/** A time beyond what a date can hold is shown as its number. */
export const timeText = (ms: number): string => (ms > 8.64e15 ? String(ms) : new Date(ms).toISOString());

/** A key as the file of a policy writes it. */
export function writtenKey({ name, key, expiresAtMs, revokedAtMs }: TrustedKey): Readonly<Record<string, string>> {
  return {
    name,
    key,
    ...(expiresAtMs === undefined ? {} : { expires: timeText(expiresAtMs) }),
    ...(revokedAtMs === undefined ? {} : { revoked: timeText(revokedAtMs) }),
  };
}
