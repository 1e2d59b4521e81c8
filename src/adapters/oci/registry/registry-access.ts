import * as z from 'zod';
import type { Dispatcher } from 'undici';
import { gather } from '../bounded-bytes.ts';
import { readChallenges, type Challenge } from './challenge.ts';
import type { Credentials } from './docker-credentials.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { formatBytes } from '../../../core/units/quantity/quantity-bytes.ts';
import { imageError, registryAtFault } from '../image-errors.ts';
import { discard, headerOf, isLoopback, RetryLater, send, wordsOf, type Answer } from './registry-http.ts';

const tokenForm = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const tokenBytesAtMost = 1024 * 1024;

export interface AccessOptions {
  readonly registry: string;
  /** Where the registry answers. Only what answers there is answered with credentials. */
  readonly base: URL;
  readonly repository: string;
  readonly dispatcher: Dispatcher;
  readonly idleMs: number;
  readonly plainHttp: boolean;
  /** Looked up when the registry asks, and not before: helpers may ask people. */
  readonly credentials: (signal: AbortSignal) => Promise<Credentials | null>;
}

/**
 * Answers the challenges of one registry: https://distribution.github.io/distribution/spec/auth/token/ and basic
 * authentication. Holds the header for as long as the registry takes it.
 */
export class RegistryAccess {
  readonly #options: AccessOptions;
  #header: string | null = null;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** What a request to this address may carry: nothing, where it is not the registry's own. */
  headersFor(url: URL): Readonly<Record<string, string>> {
    return this.#header === null || !this.isOwn(url) ? {} : { authorization: this.#header };
  }

  /** The same scheme, host and port. */
  isOwn(url: URL): boolean {
    return url.origin === this.#options.base.origin;
  }

  /**
   * After a 401 of `from`. A server that the registry redirects to may not ask for the registry's credentials: it would
   * name a token server of its own and be given them.
   * @throws PlimsollError `registry-refused` (unavailable), `registry-credentials` (input).
   */
  async answer(refusal: Answer, from: URL, signal: AbortSignal): Promise<void> {
    if (!this.isOwn(from)) {
      await discard(refusal);
      throw this.atFault(`it redirects to ${from.host}, which asks for a login that only the registry may ask for`);
    }
    const challenges = readChallenges(headerOf(refusal, 'www-authenticate') ?? '');
    await discard(refusal);
    const credentials = await this.#options.credentials(signal);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined) {
      this.#header = `Bearer ${await this.#fetchToken(bearer, credentials, signal)}`;
      return;
    }
    const basic = challenges.some(({ scheme }) => scheme === 'basic');
    if (!basic) throw this.atFault('it asks for a way to log in that is not spoken here');
    if (credentials?.kind !== 'password') throw this.refused('it asks for a name and a password, and none are known');
    this.#header = basicHeader(credentials.username, credentials.password);
  }

  refused(why: string): Error {
    const { registry, repository } = this.#options;
    return imageError(
      'registry-refused',
      `${registry} does not let ${repository} be read: ${why}`,
      registry === 'docker.io' ? 'docker login' : `docker login ${registry}`,
    );
  }

  /** Where logging in cannot help. */
  atFault(why: string): Error {
    return registryAtFault(this.#options.registry, this.#options.repository, why);
  }

  async #fetchToken({ parameters }: Challenge, credentials: Credentials | null, signal: AbortSignal): Promise<string> {
    const realm = this.#realmOf(parameters['realm'] ?? '');
    const scope = parameters['scope'] ?? `repository:${this.#options.repository}:pull`;
    const service = parameters['service'];
    const answer =
      credentials?.kind === 'identity-token'
        ? await this.#send(realm, signal, {}, exchangeBody(credentials.token, scope, service))
        : await this.#send(withQuery(realm, scope, service), signal, passwordHeaders(credentials));
    if (answer.statusCode === 429 || answer.statusCode >= 500) {
      await discard(answer);
      throw new RetryLater(`its token server answers ${answer.statusCode}`, headerOf(answer, 'retry-after'));
    }
    if (answer.statusCode !== 200) {
      await discard(answer);
      const known =
        credentials === null ? 'no credentials are known' : 'with the credentials of the Docker configuration';
      throw this.refused(`its token server answers ${answer.statusCode}, ${known}`);
    }
    return this.#tokenOf(await this.#readToken(answer, realm.host));
  }

  async #readToken(answer: Answer, host: string): Promise<Uint8Array> {
    const tooMany = (): Error =>
      this.atFault(`the answer of its token server ${host} is larger than ${formatBytes(tokenBytesAtMost)}`);
    try {
      return await gather(answer.body, tokenBytesAtMost, `the answer of ${host}`, tooMany);
    } catch (thrown) {
      if (thrown instanceof PlimsollError) throw thrown;
      throw new RetryLater(`its token server ${host}: ${wordsOf(thrown, this.#options.idleMs)}`, undefined, thrown);
    }
  }

  #tokenOf(bytes: Uint8Array): string {
    let found: z.infer<typeof tokenForm> | undefined;
    try {
      found = tokenForm.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
    } catch {
      found = undefined;
    }
    const token = found?.token ?? found?.access_token ?? '';
    // It becomes part of a header.
    if (!/^[\x21-\x7e]+$/.test(token)) throw this.atFault('its token server answers without a token');
    return token;
  }

  /**
   * The registry may name a token server on another host, as Docker Hub does, and credentials go there. It must be https;
   * a registry that is itself asked by http may name an http one on this machine, or anywhere under PLIMSOLL_PLAIN_HTTP.
   */
  #realmOf(text: string): URL {
    const realm = URL.canParse(text) ? new URL(text) : null;
    const { base, plainHttp } = this.#options;
    const mayBePlain = base.protocol === 'http:' && realm !== null && (isLoopback(realm.hostname) || plainHttp);
    const isSafe = realm?.protocol === 'https:' || (realm?.protocol === 'http:' && mayBePlain);
    if (realm === null || !isSafe)
      throw this.atFault(`its token server is \`${text.slice(0, 200)}\`, which is not https`);
    return realm;
  }

  async #send(
    url: URL,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> {
    const { dispatcher, idleMs } = this.#options;
    try {
      return await send(url, {
        dispatcher,
        signal,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
    } catch (thrown) {
      throw new RetryLater(`its token server ${url.host}: ${wordsOf(thrown, idleMs)}`, undefined, thrown);
    }
  }
}

const basicHeader = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

const passwordHeaders = (credentials: Credentials | null): Readonly<Record<string, string>> =>
  credentials?.kind === 'password' ? { authorization: basicHeader(credentials.username, credentials.password) } : {};

function withQuery(realm: URL, scope: string, service: string | undefined): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const each of scope.split(' ')) url.searchParams.append('scope', each);
  return url;
}

/** https://distribution.github.io/distribution/spec/auth/oauth/ */
function exchangeBody(token: string, scope: string, service: string | undefined): string {
  return new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: 'plimsoll',
    scope,
    ...(service === undefined ? {} : { service }),
  }).toString();
}
