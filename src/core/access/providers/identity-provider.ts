import type { Grant } from '../requester.ts';

/** CI systems whose claims are known. */
export const providerPresets = ['github', 'gitlab'] as const;
export type ProviderPreset = (typeof providerPresets)[number];

/** What a token says, by claim. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** A public key as JSON (RFC 7517). */
export type PublicKeyJson = Readonly<Record<string, unknown>>;

/** Where the public keys of a provider come from. */
export type ProviderKeys =
  /** From its `/.well-known/openid-configuration`. */
  | { readonly kind: 'discovered' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'set'; readonly keys: readonly PublicKeyJson[] };

/** Gives a role to each token whose claims match all of `when`. */
export interface IdentityRule {
  /** By claim, patterns of which one has to match; see `matchesPattern`. At least one claim. */
  readonly when: Readonly<Record<string, readonly string[]>>;
  readonly grant: Grant;
  /**
   * `own`: the operator states that no pull request of a fork gets a token here. Then jobs of pull requests have the role `measure` by this
   * rule. Left out: nobody states so.
   */
  readonly pullRequests?: 'own';
}

/** Tokens that are not taken although they are signed and have not expired. */
export interface RevokedTokens {
  /** Values of `jti`. */
  readonly tokens: readonly string[];
  /** Values of `sub`. */
  readonly subjects: readonly string[];
  /** Every token that was issued before; null for none. */
  readonly issuedBeforeMs: number | null;
}

/** Whose tokens a control plane takes, and what their holders may do. */
export interface IdentityProvider {
  /** Begins the name of everybody who comes in by it: `github:acme/digits@refs/heads/main`. */
  readonly name: string;
  /** Exactly as `iss` says it. */
  readonly issuer: string;
  /** The only audience of its tokens. */
  readonly audience: string;
  /** Null where its tokens are of people, or of programs whose claims are not known. */
  readonly preset: ProviderPreset | null;
  readonly keys: ProviderKeys;
  /** Whether `email` counts without `email_verified`. */
  readonly trustsEmails: boolean;
  readonly rules: readonly IdentityRule[];
  readonly revoked: RevokedTokens;
  /** How the page sends people to it; left out where it does not. */
  readonly signIn?: ProviderSignIn;
}

/** The authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636). The client id is the audience. */
export interface ProviderSignIn {
  /** Address of the page as browsers see it; ends with a slash. What the provider sends people back to begins with it. */
  readonly page: string;
  readonly scopes: readonly string[];
  /** File that holds the client secret; null for a public client. */
  readonly secretFile: string | null;
}

/** Where the provider sends people back to, and what has to be registered there. */
export const callbackOf = ({ page }: ProviderSignIn): string => `${page}v1/session/callback`;

/** Issuer and keys of the public installations. */
export const presetPlaces: Readonly<Record<ProviderPreset, { readonly issuer: string; readonly keys: string }>> = {
  // https://docs.github.com/en/actions/reference/security/oidc
  github: {
    issuer: 'https://token.actions.githubusercontent.com',
    keys: 'https://token.actions.githubusercontent.com/.well-known/jwks',
  },
  // https://docs.gitlab.com/ci/secrets/id_token_authentication/
  gitlab: { issuer: 'https://gitlab.com', keys: 'https://gitlab.com/oauth/discovery/keys' },
};
