/** `2026-11-24 15:04:05Z` */
export function timeText(atMs: number): string {
  return `${utcText(atMs)}Z`;
}

/** The same below a heading that says UTC. */
export function utcText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}
