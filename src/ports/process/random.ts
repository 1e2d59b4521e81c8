export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Lowercase hexadecimal, `bytes` * 2 digits, unguessable where the adapter says so. */
  hex(bytes: number): string;
}
