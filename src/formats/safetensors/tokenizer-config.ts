/** Files with the added tokens of a large vocabulary have a few megabytes. */
export const tokenizerBytesAtMost = 16 * 1024 * 1024;

/**
 * Tokens of one sequence by `model_max_length` of `tokenizer_config.json`; null where it names no limit, which `transformers` writes as
 * 10^30. Undefined where the bytes are no JSON object, or hold something else in that place.
 */
export function parseTokenizerTokens(bytes: Uint8Array): number | null | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const written = (parsed as Readonly<Record<string, unknown>>)['model_max_length'] ?? null;
  if (written === null) return null;
  if (typeof written !== 'number' || !(written > 0)) return undefined;
  if (written > Number.MAX_SAFE_INTEGER) return null;
  return Number.isInteger(written) ? written : undefined;
}
