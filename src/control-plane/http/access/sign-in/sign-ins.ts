import type { IdentityProvider, ProviderSignIn } from '../../../../core/access/providers/identity-provider.ts';
import { makeSignInRefusal } from '../../../../core/access/providers/refused-sign-in.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import type { CodeFlow } from '../../../../ports/access/code-flow.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import { type IdentityTokens } from '../identity/identity-tokens.ts';
import { writeIdentity } from '../identity/session-identity.ts';
import type { PageSessions } from '../page-sessions.ts';
import { BegunSignIns } from './begun-sign-ins.ts';
import { type BegunSignIn, SignInCookie } from './sign-in-cookie.ts';

/** For so long a person may take at the provider. */
export const signInTtlMs = 600_000;

export interface SignInParts {
  /** As the file names them at this moment. */
  readonly providers: () => readonly IdentityProvider[];
  readonly flow: CodeFlow;
  readonly identities: Pick<IdentityTokens, 'identifySession'>;
  readonly sessions: Pick<PageSessions, 'makeCode'>;
  /** Key of the pages' sessions. */
  readonly key: Uint8Array;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
}

interface SigningProvider extends IdentityProvider {
  readonly signIn: ProviderSignIn;
}

/** How a browser becomes a person that a provider knows: to the provider, back with a code, and on to the page with a session. */
export class SignIns {
  readonly #parts: SignInParts;
  readonly #cookie: SignInCookie;
  readonly #begun: BegunSignIns;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#begun = new BegunSignIns(signInTtlMs, () => parts.clock.monotonicMs());
    this.#cookie = new SignInCookie(parts.key);
  }

  /** Names of the providers that the page may send people to. */
  names(): readonly string[] {
    return this.#signing().map(({ name }) => name);
  }

  /**
   * @param to where the page is, below its own address.
   * @param address of the browser.
   * @returns where to send the browser, and the cookie that it brings back.
   * @throws PlimsollError `provider-unknown` (not-found), `invalid-request` (input), `sign-ins-busy` (overloaded), and as
   *   `CodeFlow.begin`.
   */
  async begin(
    name: string,
    to: string,
    address: string | undefined,
  ): Promise<{ readonly url: string; readonly cookie: string }> {
    const provider = this.#find(name);
    requireBelow(to, provider.signIn);
    this.#begun.count(address);
    const { url, flow } = await this.#parts.flow.begin(provider);
    const untilMs = this.#parts.clock.nowMs() + signInTtlMs;
    return { url, cookie: this.#cookie.seal({ provider: name, flow, to, untilMs }) };
  }

  /**
   * Asks the provider once for each begun sign-in, whatever comes of it.
   * @returns who came back, and a one-time code by which the page gets its session.
   * @throws PlimsollError as `CodeFlow.finish` and `IdentityTokens.identifySession`; `sign-in-refused` (unauthorized).
   */
  async finish(begun: BegunSignIn, query: URLSearchParams): Promise<{ readonly name: string; readonly code: string }> {
    const provider = this.#find(begun.provider);
    this.#begun.use(begun.flow.state);
    const token = await this.#parts.flow.finish(provider, begun.flow, query);
    const { name, identity, endsAtMs } = await this.#parts.identities.identifySession(token, provider);
    const from = writeIdentity(identity);
    if (from === null) {
      throw makeSignInRefusal('refused', 'the claims that the rules ask for are longer than a cookie holds');
    }
    const { code } = this.#parts.sessions.makeCode(from, endsAtMs);
    return { name, code };
  }

  /** What a browser brought back; null where it began nothing here, or too long ago. */
  open(cookie: string | null): BegunSignIn | null {
    return cookie === null ? null : this.#cookie.open(cookie, this.#parts.clock.nowMs());
  }

  #find(name: string): SigningProvider {
    const found = this.#signing().find((each) => each.name === name);
    if (found !== undefined) return found;
    throw new PlimsollError({
      code: 'provider-unknown',
      category: 'not-found',
      message: `no identity provider ${name.slice(0, 100)} lets people sign in here`,
      next: 'name it in the identities file, with `signIn`; docs/security.md has an example',
    });
  }

  #signing(): readonly SigningProvider[] {
    return this.#parts
      .providers()
      .flatMap(({ signIn, ...provider }) => (signIn === undefined ? [] : [{ ...provider, signIn }]));
  }
}

/** Nobody is sent to another site by a link to us. */
function requireBelow(to: string, { page }: ProviderSignIn): void {
  const isBelow =
    !/[\\#]/.test(to) && !to.startsWith('/') && URL.canParse(to, page) && new URL(to, page).href.startsWith(page);
  if (isBelow && !/^[a-z][a-z0-9+.-]*:/i.test(to)) return;
  throw new PlimsollError({
    code: 'invalid-request',
    category: 'input',
    message: 'to: it is no address below that of the page',
    next: 'see /reference for what is expected',
  });
}
