import { digestOf, type Digest } from '../units/digest.ts';
import type { CodeSection } from './contract.ts';

/**
 * Digest of the code axis: what runs, with what arguments, variables and references to secrets, speaking which protocol,
 * and the content of its files by path. How `code.files` spells a folder does not matter, what is in it does; nor does a
 * tag matter once it is known which image it stands for.
 */
export function codeDigest(code: CodeSection, files: Readonly<Record<string, Digest>>, imageDigest?: Digest): Digest {
  const { image, command, args, env, secrets, tls, protocol } = code;
  return digestOf({ image: imageDigest ?? image, command, args, env, secrets, tls, protocol, files });
}

/**
 * The code axis of an image as it is now, as far as that can be told without a registry: the contract as it stands, with
 * the image that its reference was pinned to. Null when that reference was never pinned.
 */
export function pinnedImageDigest(
  code: CodeSection,
  pinned: { readonly image?: string; readonly facts?: { readonly digest: Digest } } | undefined,
): Digest | null {
  if (code.image === undefined || pinned?.facts === undefined || pinned.image !== code.image) return null;
  return codeDigest(code, {}, pinned.facts.digest);
}

/**
 * The code section with its image by the digest that it was pinned to: `host/name:1` as `host/name:1@sha256:...`. Whoever
 * starts it later, on whatever node, then starts the same.
 */
export function withPinnedImage(
  code: CodeSection,
  pinned: { readonly facts?: { readonly digest: Digest } } | undefined,
): CodeSection {
  if (code.image === undefined || pinned?.facts === undefined) return code;
  return { ...code, image: `${code.image.replace(/@.*$/, '')}@${pinned.facts.digest}` };
}
