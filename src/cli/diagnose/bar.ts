const barWidth = 24;

/** Returns a bar of a share of 1, in eighths of a block, so that small shares still show. */
export function bar(share: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * barWidth * 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return `${'█'.repeat(Math.floor(eighths / 8))}${rest}`;
}

/** Returns when a ceiling was measured: ` (measured 2026-11-29 15:01 UTC)`; empty where it was not. */
export const measuredWords = (atMs: number | null): string =>
  atMs === null ? '' : ` (measured ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC)`;
