import type { CiIdentity } from '../../access/identity.ts';

/** CI jobs whose evidence counts, by what their identity provider says of them. */
export interface JobRule {
  /** Address of the identity provider, as it stands in its tokens. */
  readonly issuer: string;
  /** `acme/digits`. */
  readonly repository: string;
  /** A whole ref, or its beginning and `*`; left out for any. */
  readonly ref?: string;
  /** Jobs of refs that are not protected count too, where they are known not to be of a fork. */
  readonly unprotected?: true;
}

/**
 * Returns why evidence of a job does not count by a rule; null where it counts.
 *
 * | issuer, repository, ref | of a fork | ref is protected | rule has `unprotected` | counts |
 * |---|---|---|---|---|
 * | another | any | any | either | no |
 * | as in the rule | yes | any | either | no |
 * | as in the rule | no or unknown | yes | either | yes: a protected ref is of the repository itself |
 * | as in the rule | no | no or unknown | yes | yes |
 * | as in the rule | else | else | else | no |
 */
export function whyJobNotCounted(rule: JobRule, job: CiIdentity): string | null {
  const { isFork, isRefProtected, ref } = job;
  if (job.issuer !== rule.issuer || job.repository !== rule.repository) return 'it is of another repository';
  if (!isRefOf(rule, ref)) return `${ref} is not ${rule.ref ?? ''}`;
  if (isFork === true) return 'it is of a fork';
  if (isRefProtected === true) return null;
  if (rule.unprotected !== true)
    return isRefProtected === null ? `nobody knows whether ${ref} is protected` : `${ref} is not protected`;
  return isFork === false ? null : 'nobody knows whether it is of a fork';
}

function isRefOf({ ref }: JobRule, found: string): boolean {
  if (ref === undefined) return true;
  return ref.endsWith('*') ? found.startsWith(ref.slice(0, -1)) : found === ref;
}

/** `acme/digits at refs/heads/main`. */
export function jobRuleText({ repository, ref, unprotected }: JobRule): string {
  const where = ref ?? (unprotected === true ? 'any ref' : 'a protected ref');
  return `${repository} at ${where}`;
}

/** Whether a value of a policy is such a rule, and nothing more. */
export function isJobRule(value: unknown): value is JobRule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { issuer, repository, ref, unprotected, ...rest } = value as Readonly<Record<string, unknown>>;
  const isWritten = (text: unknown): boolean => typeof text === 'string' && text !== '';
  return (
    Object.keys(rest).length === 0 &&
    isWritten(issuer) &&
    isWritten(repository) &&
    (ref === undefined || isWritten(ref)) &&
    (unprotected === undefined || unprotected === true)
  );
}
