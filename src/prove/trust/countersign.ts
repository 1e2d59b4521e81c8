import { receiptBytes, type Countersign } from '../../core/trust/evidence-receipt.ts';
import { keyIdOf } from '../../core/trust/signing-key.ts';
import type { Signer } from './ed25519.ts';

/** What signs receipts with the key of a control plane. */
export function makeCountersign(signer: Signer): Countersign {
  const keyId = keyIdOf(signer.key);
  return (received) => ({
    key: signer.key,
    keyId,
    receivedAtMs: received.receivedAtMs,
    signature: signer.sign(receiptBytes(received)),
  });
}
