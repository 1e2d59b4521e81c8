import { digestOf, type Digest } from '../units/digest.ts';
import type { CodeSection } from './contract.ts';

/**
 * Digest of the code axis: what runs, with what arguments, variables and references to secrets, speaking which protocol,
 * and the content of its files by path. How `code.files` spells a folder does not matter, what is in it does.
 */
export function codeDigest(code: CodeSection, files: Readonly<Record<string, Digest>>): Digest {
  const { image, command, args, env, secrets, protocol } = code;
  return digestOf({ image, command, args, env, secrets, protocol, files });
}
