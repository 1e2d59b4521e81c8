import { remoteAnswer } from '../../../core/registry/remote-errors.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { readIndex, type Descriptor } from '../../../schemas/artifact/model-pack.ts';
import { nextPage } from './pages.ts';

/** A list without an end is none. */
const pagesAtMost = 100;

interface ReferrersParts {
  readonly base: URL;
  readonly location: string;
  /** One page; null where the registry has no referrers API. */
  get(url: URL, signal: AbortSignal): Promise<{ readonly bytes: Uint8Array; readonly link: string | undefined } | null>;
  /** The list under the tag that stands for the API. */
  listed(subject: Digest, signal: AbortSignal): Promise<readonly Descriptor[]>;
}

/** What reads all that refers to a manifest: OCI distribution specification 1.1, "Listing referrers". */
export function makeReferrersReader({ base, location, get, listed }: ReferrersParts) {
  return async (subject: Digest, signal: AbortSignal): Promise<readonly Descriptor[]> => {
    const all: Descriptor[] = [];
    let at: URL | null = new URL(`referrers/${subject}`, base);
    for (let page = 0; at !== null && page < pagesAtMost; page += 1) {
      const url: URL = at;
      const found = await get(url, signal);
      all.push(...(found === null ? await listed(subject, signal) : readPage(found.bytes, location)));
      at = found === null ? null : nextPage(found.link, url, { base, location, what: 'referrers' });
    }
    if (at !== null) throw remoteAnswer(location, `more than ${pagesAtMost} pages of referrers`);
    return all;
  };
}

function readPage(bytes: Uint8Array, location: string): readonly Descriptor[] {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw remoteAnswer(location, 'something that is no JSON', cause);
  }
  return readIndex(json, location);
}
