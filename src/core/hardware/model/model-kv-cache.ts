/** The shape of a decoder's plain attention: every layer keeps keys and values of every token. */
export interface AttentionShape {
  /** Heads that keys and values are kept for, one number per layer; a layer without attention has 0. */
  readonly kvHeads: readonly number[];
  /** Elements of one head's key, and of one head's value. */
  readonly keyLength: number;
  readonly valueLength: number;
  /** Bits of one cached element: 16 for F16 and BF16. */
  readonly bitsPerElement: number;
}

/**
 * Bytes of keys and values that one token of context takes in all layers:
 *
 *     bytes = sum over layers of kvHeads × (keyLength + valueLength) × bitsPerElement / 8
 *
 * which is `2 × layers × kvHeads × headDim × bytes` where keys and values are alike. Llama 3.1 8B has 32 layers with 8 heads
 * of 128, in BF16: 32 × 8 × 256 × 2 = 131,072 bytes, so 16 GiB at its 131,072 tokens.
 *
 * It holds for multi-head, grouped-query and multi-query attention only. Latent attention (MLA) keeps one compressed vector,
 * sliding windows stop growing, and state-space layers keep a state of fixed size: for those it must not be used.
 *
 * Source: Shazeer, "Fast Transformer Decoding", arXiv 1911.02150 (2019); Ainslie et al., "GQA", arXiv 2305.13245 (2023);
 * Kwon et al., "Efficient Memory Management for Large Language Model Serving with PagedAttention", arXiv 2309.06180, 3 (2023).
 *
 * Null where a number is not a whole one, or the sum is beyond 2^53.
 */
export function kvBytesPerToken({ kvHeads, keyLength, valueLength, bitsPerElement }: AttentionShape): number | null {
  if (
    ![...kvHeads, keyLength, valueLength, bitsPerElement].every((count) => Number.isSafeInteger(count) && count >= 0)
  ) {
    return null;
  }
  const bytes = (kvHeads.reduce((sum, heads) => sum + heads, 0) * (keyLength + valueLength) * bitsPerElement) / 8;
  return Number.isSafeInteger(bytes) ? bytes : null;
}
