/** Most events that one question returns, and what a question without a limit gets. */
export const eventsAtMost = 10_000;

export function eventLimit(query: { readonly last?: number; readonly limit?: number }): number {
  const asked = Math.min(query.last ?? eventsAtMost, query.limit ?? eventsAtMost, eventsAtMost);
  return Number.isFinite(asked) ? Math.max(0, Math.floor(asked)) : eventsAtMost;
}
