import { readFile, stat } from 'node:fs/promises';
import * as oauth from 'oauth4webapi';
import {
  callbackOf,
  type IdentityProvider,
  type ProviderSignIn,
} from '../../core/access/providers/identity-provider.ts';
import { makeProviderAway, makeSignInRefusal } from '../../core/access/providers/refused-sign-in.ts';
import { clockLeewayMs } from '../../core/access/providers/token-times.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CodeFlow, SignInFlow } from '../../ports/access/code-flow.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { isSafePlace } from '../../schemas/access/identities-file.ts';
import { type AskProvider, makeAskProvider } from './fetch-text.ts';

const bytesAtMost = 256 * 1_024;
/** Not the group: volumes of Kubernetes give their files to one. */
const everybody = 0o007;
const addressesHoldMs = 600_000;
/** Whoever opens sign-ins while the provider is away makes no more calls than this. */
const lookAgainMs = 5_000;

export interface CodeFlowParts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly ask?: AskProvider;
}

interface Told {
  readonly server: Promise<oauth.AuthorizationServer>;
  untilMs: number;
}

/** The flow at providers that tell their addresses by discovery. What it was told holds for ten minutes. */
export function makeCodeFlow({ clock, ask = makeAskProvider() }: CodeFlowParts): CodeFlow {
  const told = new Map<string, Told>();
  const options = { [oauth.customFetch]: fetchBy(ask), [oauth.allowInsecureRequests]: true };

  const discover = async ({ name, issuer }: IdentityProvider): Promise<oauth.AuthorizationServer> => {
    try {
      const url = new URL(issuer);
      const answer = await oauth.discoveryRequest(url, options);
      const server = await oauth.processDiscoveryResponse(url, answer);
      for (const place of [server.authorization_endpoint, server.token_endpoint]) {
        if (place === undefined || !isEncrypted(place)) throw new Error('it names no addresses with https to sign in');
      }
      return server;
    } catch (thrown) {
      throw makeProviderAway(name, reasonOf(thrown));
    }
  };
  const find = (provider: IdentityProvider): Promise<oauth.AuthorizationServer> => {
    const known = told.get(provider.issuer);
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.server;
    const next: Told = { server: discover(provider), untilMs: clock.monotonicMs() + addressesHoldMs };
    next.server.catch(() => (next.untilMs = clock.monotonicMs() + lookAgainMs));
    told.set(provider.issuer, next);
    return next.server;
  };

  return {
    begin: async (provider) => {
      const signIn = signInOf(provider);
      const { authorization_endpoint: place = '' } = await find(provider);
      const flow: SignInFlow = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        verifier: oauth.generateRandomCodeVerifier(),
      };
      const url = new URL(place);
      const asked = {
        client_id: provider.audience,
        redirect_uri: callbackOf(signIn),
        response_type: 'code',
        scope: signIn.scopes.join(' '),
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return { url: url.href, flow };
    },

    finish: async (provider, flow, query) => {
      const signIn = signInOf(provider);
      const server = await find(provider);
      const client = { client_id: provider.audience, [oauth.clockTolerance]: clockLeewayMs / 1_000 };
      const secret = await readSecret(provider, signIn);
      const proof = secret === null ? oauth.None() : authenticate(server, secret);
      try {
        const given = oauth.validateAuthResponse(server, client, query, flow.state);
        const answer = await oauth.authorizationCodeGrantRequest(
          ...([server, client, proof, given, callbackOf(signIn), flow.verifier] as const),
          options,
        );
        const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
          expectedNonce: flow.nonce,
          requireIdToken: true,
        });
        return tokens.id_token ?? '';
      } catch (thrown) {
        throw refuse(provider, thrown);
      }
    },
  };
}

function signInOf({ name, signIn }: IdentityProvider): ProviderSignIn {
  if (signIn !== undefined) return signIn;
  throw makeSignInRefusal('refused', `the identities file lets nobody sign in by ${name}`);
}

/** In the body where the server takes it: in the header RFC 6749 (2.3.1) has `-` and `.` encoded, which some servers do not decode. */
function authenticate(server: oauth.AuthorizationServer, secret: string): oauth.ClientAuth {
  const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return ways.includes('client_secret_post') ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret);
}

/** Read at each sign-in, so that a secret that was changed counts at once. */
async function readSecret({ name }: IdentityProvider, { secretFile }: ProviderSignIn): Promise<string | null> {
  if (secretFile === null) return null;
  const away = (why: string): PlimsollError => makeProviderAway(name, why);
  try {
    const { mode } = await stat(secretFile);
    if ((mode & everybody) !== 0)
      throw away(`every user of the machine may open ${secretFile}; chmod o= ${secretFile}`);
    return (await readFile(secretFile, 'utf8')).trim();
  } catch (thrown) {
    throw thrown instanceof PlimsollError ? thrown : away(`its client secret cannot be read: ${reasonOf(thrown)}`);
  }
}

function refuse(provider: IdentityProvider, thrown: unknown): PlimsollError {
  if (thrown instanceof PlimsollError) return thrown;
  if (thrown instanceof oauth.AuthorizationResponseError) {
    const end = thrown.error === 'access_denied' ? 'denied' : 'refused';
    return makeSignInRefusal(end, `${provider.name} answered ${thrown.error.slice(0, 100)}`);
  }
  if (thrown instanceof oauth.ResponseBodyError) {
    return makeSignInRefusal('refused', `${provider.name} answered ${thrown.error.slice(0, 100)}`);
  }
  if (thrown instanceof oauth.OperationProcessingError || thrown instanceof oauth.UnsupportedOperationError) {
    return makeSignInRefusal('refused', `what ${provider.name} gave is not taken: ${thrown.message}`);
  }
  return makeProviderAway(provider.name, reasonOf(thrown));
}

/** Some providers tell places with a query. */
const isEncrypted = (place: string): boolean => isSafePlace(place.split('?')[0] ?? '');

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 300);

type Fetch = (
  url: string,
  asking: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: URLSearchParams | null | undefined;
  },
) => Promise<Response>;

/** Over plain HTTP to this machine alone: the places of a provider are checked before they are asked. */
function fetchBy(ask: AskProvider): Fetch {
  return async (url, { method, headers, body }) => {
    if (!isEncrypted(url)) throw new Error(`${url.slice(0, 200)} is not encrypted`);
    const {
      status,
      text,
      headers: told,
    } = await ask(url, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      bytesAtMost,
      ...(body === undefined || body === null ? {} : { body: body.toString() }),
    });
    const type = told['content-type'];
    return new Response(text === '' || status === 204 ? null : text, {
      status,
      headers: typeof type === 'string' ? { 'content-type': type } : {},
    });
  };
}
