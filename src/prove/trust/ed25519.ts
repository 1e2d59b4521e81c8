import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { VerifySignature } from '../../core/trust/evidence-signatures.ts';
import { isPublicKey, type PublicKey } from '../../core/trust/signing-key.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** A private key in memory. It is never printed and never part of an error. */
export interface Signer {
  readonly key: PublicKey;
  /** 64 bytes in base64. */
  sign(message: Uint8Array): string;
}

/** What stands before the 32 bytes of a public key of Ed25519 in its SPKI form (RFC 8410). */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');
const publicBytes = 32;
const signaturePattern = /^[A-Za-z0-9+/]{86}==$/;

/** Verifies Ed25519 and nothing else: neither the key nor the signature can choose an algorithm. Never throws. */
export const verifyEd25519: VerifySignature = (key, message, signature) => {
  if (!isPublicKey(key) || !signaturePattern.test(signature)) return false;
  try {
    const der = Buffer.concat([spkiHead, Buffer.from(key.slice('ed25519:'.length), 'base64')]);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, message, publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

/** Makes a key pair. @returns the signer, and the private key as PKCS #8 in PEM. */
export function createSigner(): { readonly signer: Signer; readonly pem: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { signer: signerOf(privateKey), pem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })) };
}

/**
 * The signer of a private key in PEM.
 * @param shown names the file in an error.
 * @throws PlimsollError `key-invalid` (input) for what is no private key of Ed25519.
 */
export function readSigner(pem: string, shown: string): Signer {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The cause may quote what it read.
    throw keyInvalid(`${shown} holds no private key in PEM without a passphrase`);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw keyInvalid(`${shown} holds a key of ${key.asymmetricKeyType ?? 'no kind'}`);
  return signerOf(key);
}

function signerOf(privateKey: KeyObject): Signer {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const key: PublicKey = `ed25519:${der.subarray(der.length - publicBytes).toString('base64')}`;
  return { key, sign: (message) => sign(null, message, privateKey).toString('base64') };
}

function keyInvalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'key-invalid',
    category: 'input',
    message: `${message}; signing takes Ed25519 alone`,
    next: nextStep(proveSteps, 'key-invalid/key-create'),
  });
}
