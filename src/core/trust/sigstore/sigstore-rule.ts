/** Who signed without a key: whom a certificate of Sigstore names, and the identity provider that vouched for it. */
export interface SigstoreIdentity {
  /** Address of the identity provider (extension 1.3.6.1.4.1.57264.1.8, or 1.1 in older certificates). */
  readonly issuer: string;
  /** Subject alternative name: an email address, or the workflow of a CI job. */
  readonly subject: string;
}

/** Identities whose signatures count. */
export interface SigstoreRule {
  readonly issuer: string;
  /** A whole subject, or its beginning and `*`. */
  readonly subject: string;
}

/** Whether a rule counts an identity. */
export function countsIdentity({ issuer, subject }: SigstoreRule, identity: SigstoreIdentity): boolean {
  if (issuer !== identity.issuer) return false;
  return subject.endsWith('*') ? identity.subject.startsWith(subject.slice(0, -1)) : subject === identity.subject;
}

/** Whether a value of a policy is such a rule, and nothing more. A subject of `*` alone would count anybody. */
export function isSigstoreRule(value: unknown): value is SigstoreRule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { issuer, subject, ...rest } = value as Readonly<Record<string, unknown>>;
  const isWritten = (text: unknown): boolean => typeof text === 'string' && text !== '' && text !== '*';
  return Object.keys(rest).length === 0 && isWritten(issuer) && isWritten(subject);
}

/** `https://ci.example/acme/digits (https://issuer.example)`. */
export const identityText = ({ issuer, subject }: SigstoreIdentity): string => `${subject} (${issuer})`;
