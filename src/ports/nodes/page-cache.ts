/** How files were brought where they should be, or why that cannot be done or shown here: then nothing is measured by it. */
export type CacheOutcome = { readonly how: string } | { readonly refused: string };

/** The page cache of this machine, for files whose first read is to be measured. Both verify what they did. */
export interface PageCache {
  /** Makes the machine forget the content of these files, so that the next read comes from the disk. */
  drop(files: readonly string[], signal: AbortSignal): Promise<CacheOutcome>;
  /** Reads these files whole, so that the next read comes from memory. */
  fill(files: readonly string[], signal: AbortSignal): Promise<CacheOutcome>;
}
