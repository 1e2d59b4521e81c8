import { isSigstoreRule, type SigstoreRule } from '../sigstore/sigstore-rule.ts';

/** What is fetched from an OCI registry and may have to be signed there. */
export const artifactKinds = ['image', 'model'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

/** A public key of signatures in registries, as `cosign generate-key-pair` writes it. */
export interface ArtifactKey {
  readonly name: string;
  /** SubjectPublicKeyInfo in PEM: ECDSA on P-256, P-384 or P-521, Ed25519, or RSA. */
  readonly key: string;
}

/** By whom an artifact has to be signed: by one of these keys or identities. */
export interface ArtifactRule {
  /** Names of `artifactKeys`. */
  readonly keys?: readonly string[];
  readonly sigstore?: readonly SigstoreRule[];
}

/** The part of a policy that is about images and models. */
export interface ArtifactPolicy {
  readonly artifactKeys?: readonly ArtifactKey[];
  readonly artifactsFrom?: Readonly<Partial<Record<ArtifactKind, ArtifactRule>>>;
}

const pemPattern = /^-----BEGIN PUBLIC KEY-----\n(?:[A-Za-z0-9+/=]{1,76}\n){1,40}-----END PUBLIC KEY-----\n?$/;

/** Whether a text has the form of a public key in PEM. What kind of key it is shows when it verifies. */
export const isPublicPem = (text: unknown): text is string => typeof text === 'string' && pemPattern.test(text);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '');

/** Returns what is wrong with the rules of a policy about artifacts, as the end of "the policy ..."; null where nothing is. */
export function findArtifactProblem(artifactKeys: unknown, artifactsFrom: unknown): string | null {
  if (artifactKeys !== undefined && !(Array.isArray(artifactKeys) && artifactKeys.every(isArtifactKey)))
    return 'has an artifact key that is no public key in PEM';
  const names = ((artifactKeys ?? []) as readonly ArtifactKey[]).map(({ name }) => name);
  if (new Set(names).size < names.length) return 'has two artifact keys with one name';
  if (artifactsFrom === undefined) return null;
  if (!isRecord(artifactsFrom)) return 'has rules of artifacts that are no object';
  for (const [kind, rule] of Object.entries(artifactsFrom)) {
    if (!artifactKinds.some((known) => known === kind))
      return `has a rule for the artifact \`${kind.slice(0, 50)}\`, which this version does not know`;
    if (!isArtifactRule(rule)) return `has a rule for each ${kind} that cannot be read`;
    const missing = rule.keys?.find((name) => !names.includes(name));
    if (missing !== undefined) return `names the artifact key ${missing.slice(0, 100)}, and does not have it`;
  }
  return null;
}

function isArtifactKey(value: unknown): value is ArtifactKey {
  if (!isRecord(value)) return false;
  const { name, key, ...rest } = value;
  return typeof name === 'string' && name !== '' && isPublicPem(key) && Object.keys(rest).length === 0;
}

/** A rule that names nobody is none. */
function isArtifactRule(value: unknown): value is ArtifactRule {
  if (!isRecord(value)) return false;
  const { keys, sigstore, ...rest } = value;
  if (Object.keys(rest).length > 0 || (keys === undefined && sigstore === undefined)) return false;
  const isList = Array.isArray(sigstore) && sigstore.length > 0 && sigstore.every(isSigstoreRule);
  return (keys === undefined || isNames(keys)) && (sigstore === undefined || isList);
}
