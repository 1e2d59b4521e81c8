import * as z from 'zod';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import type { LockSignatures } from '../../core/trust/evidence-signatures.ts';
import { isKeyId } from '../../core/trust/signing-key.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { findJsonExcess } from '../source/bounded-json.ts';
import { decodeText } from '../source/source-text.ts';

export const signaturesFile = 'plimsoll.lock.sigs';

/** 16 signatures of each kind in a hundred environments take a quarter of it. */
export const signaturesBytesAtMost = 1024 * 1024;
const bounds = { depth: 8, values: 50_000 } as const;
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
});

/** No signatures at all. */
export const noSignatures: LockSignatures = { signaturesVersion: 1, environments: {} };

/**
 * `plimsoll.lock.sigs` as text: keys and signatures sorted, two spaces, a newline at the end. The same signatures give the
 * same bytes.
 */
export function signaturesText({ environments }: LockSignatures): string {
  const sorted = Object.keys(environments)
    .sort()
    .map((environment) => {
      const kinds = evidenceKinds.flatMap((kind) => {
        const list = environments[environment]?.[kind] ?? [];
        const inOrder = list.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1));
        return list.length === 0 ? [] : [[kind, inOrder.map(({ keyId, signature: of }) => ({ keyId, signature: of }))]];
      });
      return [environment, Object.fromEntries(kinds)];
    });
  return `${JSON.stringify({ environments: Object.fromEntries(sorted), signaturesVersion: 1 }, null, 2)}\n`;
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
    next: `remove ${signaturesFile}, then plimsoll evidence sign --key FILE`,
  });
}
