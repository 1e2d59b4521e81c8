import type { IdentityProvider } from '../../core/access/providers/identity-provider.ts';

/** What the end of a flow is compared with. Nobody but the browser that began it may know it. */
export interface SignInFlow {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
}

/** The authorization code flow with PKCE, at a provider with `signIn`. */
export interface CodeFlow {
  /**
   * @returns the address of the provider that the browser is sent to.
   * @throws PlimsollError `provider-away` (unavailable) where the provider does not tell its addresses.
   */
  begin(provider: IdentityProvider): Promise<{ readonly url: string; readonly flow: SignInFlow }>;
  /**
   * Trades the code for an ID token, whose signature nobody has verified yet.
   * @param query what the provider sent the browser back with.
   * @throws PlimsollError `sign-in-refused` (unauthorized) with a reason; `provider-away` (unavailable).
   */
  finish(provider: IdentityProvider, flow: SignInFlow, query: URLSearchParams): Promise<string>;
}
