import type { VerifyBundle } from '../../core/trust/sigstore/checked-bundle.ts';
import type { Digest } from '../../core/units/digest.ts';

/**
 * Opens what verifies bundles of Sigstore against one trust root, without asking anybody.
 * @param root SHA-256 of the file of the root.
 * @returns `problem` as the end of a sentence where that root is not here.
 */
export type OpenSigstore = (root: Digest) => VerifyBundle | { readonly problem: string };
