import { readControlKey } from '../../../adapters/files/control-key.ts';
import type { Countersign } from '../../../core/trust/evidence-receipt.ts';
import { makeCountersign } from '../../../prove/trust/countersign.ts';
import { createSigner, readSigner } from '../../../prove/trust/ed25519.ts';

/** What signs who sent evidence, with the own key of the control plane of a state folder. */
export async function openCountersign(stateFolder: string): Promise<Countersign> {
  const pem = await readControlKey(stateFolder, () => createSigner().pem);
  return makeCountersign(readSigner(pem, 'keys/control-plane.key'));
}
