import * as z from 'zod';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { evidenceKinds, type EvidenceKind } from '../../core/evidence/kinds/table.ts';
import type { LockSignatures } from '../../core/trust/evidence-signatures.ts';
import { isKeyId } from '../../core/trust/signing-key.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { findJsonExcess } from '../source/bounded-json.ts';
import { decodeText } from '../source/source-text.ts';

export const signaturesFile = 'plimsoll.lock.sigs';

/** 16 signatures of each kind in a hundred environments take a quarter of it. */
export const signaturesBytesAtMost = 1024 * 1024;
/** A bundle of Sigstore has 10 levels below the file. */
const bounds = { depth: 24, values: 50_000 } as const;
const signaturesAtMost = 16;

const signature = z.strictObject({
  keyId: z.string().refine(isKeyId, 'expected `ed25519:` and 32 hexadecimal digits'),
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/, 'expected 64 bytes in base64'),
});

const signaturesSchema: z.ZodType<LockSignatures> = z.strictObject({
  signaturesVersion: z.literal(1),
  environments: z.record(
    z.string().min(1).max(200),
    z.partialRecord(z.enum(evidenceKinds), z.array(signature).max(signaturesAtMost)),
  ),
  bundles: z
    .record(
      z.string().min(1).max(200),
      z.partialRecord(z.enum(evidenceKinds), z.array(z.looseObject({})).max(signaturesAtMost)),
    )
    .exactOptional(),
});

/** No signatures at all. */
export const noSignatures: LockSignatures = { signaturesVersion: 1, environments: {} };

/**
 * `plimsoll.lock.sigs` as text: keys and signatures sorted, two spaces, a newline at the end. The same signatures give the
 * same bytes.
 */
export function signaturesText({ environments, bundles = {} }: LockSignatures): string {
  const signatures = sortByKind(environments, (list) =>
    list.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1)).map(({ keyId, signature: of }) => ({ keyId, signature: of })),
  );
  const sorted = sortByKind(bundles, (list) =>
    list
      .map((bundle) => canonicalJson(bundle))
      .sort()
      .map((text) => JSON.parse(text) as unknown),
  );
  const isNone = Object.keys(bundles).length === 0;
  const all = { ...(isNone ? {} : { bundles: sorted }), environments: signatures, signaturesVersion: 1 };
  return `${JSON.stringify(all, null, 2)}\n`;
}

/** Environments by name, kinds in the order of the table; kinds with an empty list are left out. */
function sortByKind<Entry>(
  all: Readonly<Record<string, Readonly<Partial<Record<EvidenceKind, readonly Entry[]>>>>>,
  inOrder: (list: readonly Entry[]) => readonly unknown[],
): object {
  const names = Object.keys(all).sort();
  return Object.fromEntries(
    names.map((name) => {
      const kinds = evidenceKinds.flatMap((kind) => {
        const list = all[name]?.[kind] ?? [];
        return list.length === 0 ? [] : [[kind, inOrder(list)]];
      });
      return [name, Object.fromEntries(kinds) as object];
    }),
  );
}

/**
 * Reads signatures, under bounds.
 * @throws PlimsollError `signatures-invalid` (input), which says where.
 */
export function readSignatures(bytes: Uint8Array): LockSignatures {
  const decoded = decodeText(bytes, signaturesBytesAtMost);
  if (!decoded.ok) throw invalid(`line ${decoded.line}: ${decoded.message}`);
  const excess = findJsonExcess(decoded.text, bounds);
  if (excess !== null) throw invalid(`line ${excess.line}: ${excess.message}`);
  const result = signaturesSchema.safeParse(parseJson(decoded.text), { jitless: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`\`${issue?.path.map(String).join('.') ?? ''}\`: ${issue?.message ?? ''}`);
}

const bundleBytesAtMost = 256 * 1024;

/**
 * Reads the file of a Sigstore bundle, under bounds. Whether it verifies is judged by whoever has the trust root.
 * @throws PlimsollError `bundle-file-invalid` (input).
 */
export function readBundleFile(bytes: Uint8Array, shown: string): object {
  const decoded = decodeText(bytes, bundleBytesAtMost);
  const excess = decoded.ok ? findJsonExcess(decoded.text, bounds) : null;
  const value = decoded.ok && excess === null ? parsedOrNull(decoded.text) : null;
  const isBundle =
    typeof value === 'object' && value !== null && 'mediaType' in value && 'verificationMaterial' in value;
  if (isBundle) return value;
  throw new PlimsollError({
    code: 'bundle-file-invalid',
    category: 'input',
    message: `${shown} is no Sigstore bundle of at most ${bundleBytesAtMost} bytes`,
    next: 'cosign sign-blob --new-bundle-format --bundle FILE writes one',
  });
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('it is no JSON');
  }
}

export const signaturesTooLarge = (bytes: number): PlimsollError =>
  invalid(`it has ${bytes} bytes, of at most ${signaturesBytesAtMost}`);

function invalid(what: string): PlimsollError {
  return new PlimsollError({
    code: 'signatures-invalid',
    category: 'input',
    message: `${signaturesFile} cannot be read: ${what.slice(0, 300)}`,
    next: nextStep(coreSteps, 'signatures-invalid', { signaturesFile }),
  });
}
