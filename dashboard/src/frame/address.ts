import { type Place, readPlace, type Subject, withSubject } from './place.ts';

/** Null until it is asked for: tests import what asks for it, and have no document. */
let root: URL | null = null;

/**
 * Where the page's own files lie: `/`, or the prefix of a proxy. The icon's link tells it, which the server made relative to
 * the address that it was asked for; it is written out before the address changes.
 */
function findRoot(): URL {
  if (root !== null) return root;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  root = new URL('.', icon?.href ?? location.href);
  if (icon !== null) icon.href = fromRoot('mark.svg');
  return root;
}

/** Path of something that lies below the root: `services`, `v1/session`, `mark.svg`. */
export function fromRoot(path: string): string {
  const { href, origin } = new URL(path, findRoot());
  return href.slice(origin.length);
}

export const presentPlace = (): Place => readPlace(location.pathname, findRoot().pathname);

/** The opened service; null before one is, and where the control plane has no fleet. */
let opened: Subject | null = null;

export function openSubject(subject: Subject | null): void {
  opened = subject;
}

/** Path of what is asked for the opened service: it names service and environment. */
export function ofService(path: string): string {
  return fromRoot(withSubject(path, opened));
}
