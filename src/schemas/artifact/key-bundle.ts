import * as z from 'zod';

/** A Sigstore bundle whose envelope a bare public key verifies, with bytes in base64. Nothing of it is verified. */
export interface KeyBundle {
  readonly payloadType: string;
  readonly payload: string;
  readonly signature: string;
}

const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

/** Source: sigstore/protobuf-specs sigstore_bundle.proto, v0.3. The hint only chooses a key, and every key is tried. */
const form = z.object({
  mediaType: z.string().regex(/^application\/vnd\.dev\.sigstore\.bundle/),
  verificationMaterial: z.object({ publicKey: z.object({}) }),
  dsseEnvelope: z.object({
    payloadType: z.string().min(1).max(200),
    payload: base64,
    signatures: z.array(z.object({ sig: base64 })).length(1),
  }),
});

/** Reads such a bundle; null for a bundle of another form. */
export function readKeyBundle(bundle: unknown): KeyBundle | null {
  const parsed = form.safeParse(bundle).data;
  const [signature] = parsed?.dsseEnvelope.signatures ?? [];
  if (parsed === undefined || signature === undefined) return null;
  const { payloadType, payload } = parsed.dsseEnvelope;
  return { payloadType, payload, signature: signature.sig };
}
