import * as z from 'zod';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import { isPublicKey, type PublicKey, type TrustedKey } from '../../core/trust/signing-key.ts';
import { artifactKinds, isPublicPem, type ArtifactRule } from '../../core/trust/artifacts/artifact-rule.ts';
import { isSigstoreRule, type SigstoreRule } from '../../core/trust/sigstore/sigstore-rule.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import type { EvidenceRule } from '../../core/trust/trust-policy.ts';
import { defined, positiveDurationMs } from '../contract/contract-forms.ts';

/** Keys are rotated a few times a year, and people change. */
const [keysAtMost, namesAtMost] = [100, 1_000];
/** A bound that a time in milliseconds stays below: the year 9999. */
const latestMs = 253_402_300_799_999;

const name = z.string().min(1).max(200);
const names = z.array(name).max(namesAtMost);
const publicKey = z.custom<PublicKey>(isPublicKey, 'expected `ed25519:` and a public key in base64');
const claim = z.string().min(1).max(500);
const jobRule = z.strictObject({
  issuer: claim,
  repository: claim,
  ref: claim.optional(),
  unprotected: z.literal(true).optional(),
});
const sigstoreRule = z.custom<SigstoreRule>(isSigstoreRule, 'expected `{ issuer: URL, subject: NAME }`, not `*` alone');
const rule = z
  .strictObject({
    keys: names.optional(),
    signatures: z.int().min(1).max(keysAtMost).optional(),
    senders: names.optional(),
    jobs: z.array(jobRule).min(1).max(namesAtMost).optional(),
    sigstore: z.array(sigstoreRule).min(1).max(namesAtMost).optional(),
  })
  .transform(defined) as unknown as z.ZodType<EvidenceRule>;
const rules = z.partialRecord(z.enum([...evidenceKinds, 'any']), rule);
const keyName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/);

const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/, 'expected 2027-01-31 or 2027-01-31T12:00:00Z')
  .transform((text, context) => {
    const ms = Date.parse(text);
    if (Number.isFinite(ms)) return ms;
    context.issues.push({ code: 'custom', input: text, message: 'no such day' });
    return z.NEVER;
  });

const fileKey = z
  .strictObject({ name: keyName, key: publicKey, expires: time.optional(), revoked: time.optional() })
  .transform(({ expires, revoked, ...of }): TrustedKey => ({
    ...of,
    ...(expires === undefined ? {} : { expiresAtMs: expires }),
    ...(revoked === undefined ? {} : { revokedAtMs: revoked }),
  }));
const ms = z.int().min(0).max(latestMs);
const wireKey = z
  .strictObject({ name: keyName, key: publicKey, expiresAtMs: ms.optional(), revokedAtMs: ms.optional() })
  .transform(defined) as unknown as z.ZodType<TrustedKey>;

const artifactKey = z.strictObject({
  name: keyName,
  key: z.string().refine(isPublicPem, 'expected a public key in PEM, as cosign generate-key-pair writes it'),
});
const artifactRule = z
  .strictObject({
    keys: names.min(1).optional(),
    sigstore: z.array(sigstoreRule).min(1).max(namesAtMost).optional(),
  })
  .transform(defined) as unknown as z.ZodType<ArtifactRule>;
const digest = z.custom<Digest>(
  (value) => typeof value === 'string' && isDigest(value),
  'expected `sha256:` and what `sha256sum trusted_root.json` prints',
);

const shared = {
  serial: z.int().min(1).max(1_000_000_000).optional(),
  evidenceFrom: rules.optional(),
  approvers: names.optional(),
  sigstoreRoot: digest.optional(),
  artifactKeys: z.array(artifactKey).max(keysAtMost).optional(),
  artifactsFrom: z.partialRecord(z.enum(artifactKinds), artifactRule).optional(),
};

/** Trust as the file of a policy writes it: durations and times are text. */
export const fileTrustShape = {
  ...shared,
  keys: z.array(fileKey).max(keysAtMost).optional(),
  longestWaiver: positiveDurationMs().optional(),
};

/** Trust on the wire: durations and times are milliseconds. */
export const wireTrustShape = {
  ...shared,
  keys: z.array(wireKey).max(keysAtMost).optional(),
  longestWaiverMs: ms.optional(),
};

const answeredJob = z.object({
  issuer: z.string(),
  repository: z.string(),
  ref: z.string().exactOptional(),
  unprotected: z.literal(true).exactOptional(),
});

const answeredIdentity = z.object({ issuer: z.string(), subject: z.string() });

/** In an answer of a control plane, which may be newer. */
export const answeredTrustShape = {
  serial: z.number().exactOptional(),
  keys: z
    .array(
      z.object({
        name: z.string(),
        key: publicKey,
        expiresAtMs: z.number().exactOptional(),
        revokedAtMs: z.number().exactOptional(),
      }),
    )
    .exactOptional(),
  evidenceFrom: z
    .partialRecord(
      z.enum([...evidenceKinds, 'any']),
      z.object({
        keys: z.array(z.string()).exactOptional(),
        signatures: z.number().exactOptional(),
        senders: z.array(z.string()).exactOptional(),
        jobs: z.array(answeredJob).exactOptional(),
        sigstore: z.array(answeredIdentity).exactOptional(),
      }),
    )
    .exactOptional(),
  longestWaiverMs: z.number().exactOptional(),
  approvers: z.array(z.string()).exactOptional(),
  sigstoreRoot: digest.exactOptional(),
  artifactKeys: z.array(z.object({ name: z.string(), key: z.string() })).exactOptional(),
  artifactsFrom: z
    .partialRecord(
      z.enum(artifactKinds),
      z.object({ keys: z.array(z.string()).exactOptional(), sigstore: z.array(answeredIdentity).exactOptional() }),
    )
    .exactOptional(),
};

/** Keys of a policy about trust, as its file writes them. */
export const fileTrustKeys = Object.keys(fileTrustShape);
