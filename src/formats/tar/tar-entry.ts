/** One member of a tar archive, after long names and PAX records were applied to it. */
export interface TarEntry {
  /** As the archive writes it; may be absolute or hold `..`. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hard-link' | 'other';
  /** Bytes of content that follow in the archive; for a sparse file less than the file's size. */
  readonly bytes: number;
  /** Where a link points, as the archive writes it; empty for what is no link. */
  readonly linkTarget: string;
  /** The content is a map and pieces, and not the file's bytes. */
  readonly sparse: boolean;
}

export interface TarLimits {
  readonly entries: number;
  /** Of one long name, one long link target or one set of PAX records. */
  readonly metaBytes: number;
}

/** Far above what images hold (some hundred thousand files), far below what would fill memory. */
export const tarLimits: TarLimits = { entries: 2_000_000, metaBytes: 1024 * 1024 };

export const blockBytes = 512;
