import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import { countsIdentity, identityText, type SigstoreIdentity } from '../sigstore/sigstore-rule.ts';
import { artifactKinds, type ArtifactKind, type ArtifactPolicy, type ArtifactRule } from './artifact-rule.ts';

/** Who signed an artifact, by signatures that verify. A key is known by its PEM, and not by the name that somebody gave it. */
export type ArtifactSigner = { readonly key: string } | { readonly identity: SigstoreIdentity };

/** What a registry told of the signatures of one artifact; `problem` where nobody could tell, as the end of a sentence. */
export type SeenArtifact =
  | {
      /** `registry.example/digits@sha256:1f2e...`. */
      readonly shown: string;
      readonly signers: readonly ArtifactSigner[];
      /** Why each further signature does not verify. */
      readonly doubts: readonly string[];
    }
  | { readonly problem: string };

export type SeenArtifacts = Readonly<Partial<Record<ArtifactKind, SeenArtifact>>>;

export interface ArtifactRefusal {
  readonly code: 'artifact-not-signed' | 'artifact-unknown';
  readonly message: string;
  readonly next: string;
}

/**
 * Returns why artifacts of a release do not count by a policy, one for each.
 *
 * | policy has a rule | release has such an artifact | signatures | answer |
 * |---|---|---|---|
 * | no | either | any | none |
 * | yes | no | | none |
 * | yes | yes | could not be looked at | artifact-unknown |
 * | yes | yes | one of them is by whom the rule names | none |
 * | yes | yes | else | artifact-not-signed |
 *
 * Rollbacks do not ask.
 * @param seen an artifact that the release does not have is left out.
 */
export function findArtifactRefusals(policy: ArtifactPolicy, seen: SeenArtifacts): readonly ArtifactRefusal[] {
  return artifactKinds.flatMap((kind) => {
    const [rule, artifact] = [policy.artifactsFrom?.[kind], seen[kind]];
    if (rule === undefined || artifact === undefined) return [];
    return findRefusal(kind, rule, policy, artifact) ?? [];
  });
}

function findRefusal(
  kind: ArtifactKind,
  rule: ArtifactRule,
  { artifactKeys = [] }: ArtifactPolicy,
  artifact: SeenArtifact,
): ArtifactRefusal | null {
  if ('problem' in artifact)
    return {
      code: 'artifact-unknown',
      message: `nobody can tell who signed the ${kind}: ${artifact.problem}`,
      next: nextStep(coreSteps, 'artifact-unknown'),
    };
  const keys = artifactKeys.filter(({ name }) => rule.keys?.includes(name));
  const counts = (signer: ArtifactSigner): boolean =>
    'key' in signer
      ? keys.some(({ key }) => key === signer.key)
      : (rule.sigstore ?? []).some((each) => countsIdentity(each, signer.identity));
  if (artifact.signers.some(counts)) return null;
  const found = artifact.signers.map((signer) => `signed by ${signerText(signer, artifactKeys)}`);
  const details = [...(found.length === 0 ? ['no signature counts'] : found), ...artifact.doubts].slice(
    0,
    detailsShown,
  );
  return {
    code: 'artifact-not-signed',
    message: `the policy asks for a signature of the ${kind} by ${ruleText(rule)}; ${artifact.shown}: ${details.join('; ')}`,
    next: `cosign sign --key FILE ${artifact.shown}`,
  };
}

const detailsShown = 4;

function signerText(signer: ArtifactSigner, keys: NonNullable<ArtifactPolicy['artifactKeys']>): string {
  if ('identity' in signer) return identityText(signer.identity);
  return keys.find(({ key }) => key === signer.key)?.name ?? 'a key of an earlier policy';
}

/** `cosign-2026 or ada@example.com (https://issuer.example)`. */
export function ruleText({ keys = [], sigstore = [] }: ArtifactRule): string {
  return [...keys, ...sigstore.map(identityText)].join(' or ');
}
