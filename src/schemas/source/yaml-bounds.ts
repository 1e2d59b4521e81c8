/** What one YAML file may hold. Far above any contract, and low enough that the worst file within them is read in a second. */
export const sourceBounds = {
  bytes: 1024 * 1024,
  depth: 32,
  /** Values after aliases are followed. */
  values: 20_000,
  /** Lexical tokens: a value takes about six, a comment three. */
  tokens: 100_000,
  keyCharacters: 1_024,
} as const;
