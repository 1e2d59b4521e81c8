import * as z from 'zod';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { IdentityProvider, PublicKeyJson } from '../../core/access/providers/identity-provider.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { isSafePlace } from '../../schemas/access/identities-file.ts';
import { keySetBytesAtMost, readKeySet } from '../../schemas/access/key-set.ts';
import type { FetchText } from './fetch-text.ts';

/** Keys are read again after this time, beside the requests that use them. */
const freshMs = 600_000;
/** Where the provider does not answer, its keys are used for this long: a key that it took back is not believed for longer. */
const usableMs = 3_600_000;
/** A key that is not known may be new. Whoever invents names of keys makes no more calls than this. */
const lookAgainMs = 10_000;
const [firstWaitMs, longestWaitMs] = [1_000, 60_000];
/** More places than a file has providers: those that were taken out of the file go. */
const placesAtMost = 64;

interface Place {
  keys: readonly PublicKeyJson[] | null;
  readAtMs: number;
  failures: number;
  notBeforeMs: number;
  reading: Promise<void> | null;
}

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.string().refine(isSafePlace) });

/**
 * The keys of providers, kept in memory:
 *
 * | keys | are |
 * |---|---|
 * | younger than 10 minutes | used |
 * | younger than an hour | used, and read again beside it |
 * | older, or not there | waited for |
 *
 * A provider that does not answer is asked again after 1, 2, 4, ... and at most 60 s.
 */
export class ProviderKeySets {
  readonly #fetch: FetchText;
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();

  constructor(fetch: FetchText, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** @throws PlimsollError `token-keys-away` (unavailable). */
  async find(provider: IdentityProvider): Promise<readonly PublicKeyJson[]> {
    if (provider.keys.kind === 'set') return provider.keys.keys;
    const place = this.#placeOf(provider);
    const ageMs = this.#clock.monotonicMs() - place.readAtMs;
    if (place.keys === null || ageMs > usableMs) await this.#read(provider, place);
    else if (ageMs > freshMs) this.#read(provider, place).catch(() => undefined);
    if (place.keys === null) throw keysAway(provider, 'nothing was read yet');
    return place.keys;
  }

  /**
   * Reads them again for a key that is not among them, unless that was done a moment ago.
   * @returns null where they were not read again. @throws PlimsollError `token-keys-away` (unavailable).
   */
  async findNewer(provider: IdentityProvider): Promise<readonly PublicKeyJson[] | null> {
    if (provider.keys.kind === 'set') return null;
    const place = this.#placeOf(provider);
    if (this.#clock.monotonicMs() - place.readAtMs < lookAgainMs) return null;
    await this.#read(provider, place);
    return place.keys;
  }

  #placeOf(provider: IdentityProvider): Place {
    const name = provider.keys.kind === 'url' ? provider.keys.url : `issuer ${provider.issuer}`;
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size >= placesAtMost) this.#places.delete(oldest);
    const made: Place = { keys: null, readAtMs: -Infinity, failures: 0, notBeforeMs: -Infinity, reading: null };
    this.#places.set(name, made);
    return made;
  }

  /** One reading at a time: whoever comes meanwhile waits for it. */
  #read(provider: IdentityProvider, place: Place): Promise<void> {
    if (place.reading !== null) return place.reading;
    const waitMs = place.notBeforeMs - this.#clock.monotonicMs();
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000);
      return Promise.reject(keysAway(provider, `it did not answer, and is asked again in ${seconds} s`));
    }
    place.reading = this.#fetchKeys(provider)
      .then(
        (keys) => {
          place.keys = keys;
          place.readAtMs = this.#clock.monotonicMs();
          place.failures = 0;
        },
        (thrown: unknown) => {
          const waitsMs = Math.min(longestWaitMs, firstWaitMs * 2 ** place.failures);
          place.failures += 1;
          place.notBeforeMs = this.#clock.monotonicMs() + waitsMs;
          throw keysAway(provider, thrown instanceof Error ? thrown.message : String(thrown), thrown);
        },
      )
      .finally(() => (place.reading = null));
    return place.reading;
  }

  async #fetchKeys({ keys, issuer }: IdentityProvider): Promise<readonly PublicKeyJson[]> {
    const url = keys.kind === 'url' ? keys.url : await this.#discover(issuer);
    return readKeySet(await this.#fetch(url, keySetBytesAtMost), url);
  }

  /** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
  async #discover(issuer: string): Promise<string> {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const text = await this.#fetch(url, keySetBytesAtMost);
    const found = discoverySchema.safeParse(parseJson(text));
    if (!found.success) throw new Error(`${url} names no issuer and no jwks_uri with https`);
    if (found.data.issuer !== issuer)
      throw new Error(`${url} is of another issuer: ${found.data.issuer.slice(0, 200)}`);
    return found.data.jwks_uri;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keysAway({ name, issuer }: IdentityProvider, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'token-keys-away',
    category: 'unavailable',
    message: `tokens of ${name} cannot be verified, since its keys cannot be had: ${why}`,
    next: nextStep(adapterSteps, 'token-keys-away', { issuer }),
    cause,
  });
}
