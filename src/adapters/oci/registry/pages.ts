import { remoteAnswer } from '../../../core/registry/remote-errors.ts';

/**
 * The next page of a list: RFC 8288, as the distribution specification has it for tags and for referrers.
 * @param link the header; null where it names no further page.
 * @throws PlimsollError `remote-answer` for a page on another server.
 */
export function nextPage(
  link: string | undefined,
  from: URL,
  { base, location, what }: { readonly base: URL; readonly location: string; readonly what: string },
): URL | null {
  const [, named] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '') ?? [];
  if (named === undefined) return null;
  if (URL.canParse(named, from.href) && new URL(named, from).origin === base.origin) return new URL(named, from);
  throw remoteAnswer(location, `\`${named.slice(0, 200)}\` as the next page of ${what}`);
}
