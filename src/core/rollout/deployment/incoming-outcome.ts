/** What becomes of the replicas of a release that comes in. */
export type IncomingOutcome =
  | { readonly outcome: 'wait'; readonly reason: string }
  | { readonly outcome: 'flip'; readonly reason: string }
  | { readonly outcome: 'fail'; readonly reason: string };
