import { isPlainPath, splitAbsolute } from '../admission/request-target.ts';
import type { RefusalCode } from '../admission/refusal.ts';

/** Who is called by which name. */
export interface NamedServices<S> {
  /** False until a first list of services is known. */
  readonly known: boolean;
  readonly byName: ReadonlyMap<string, S>;
  /** Whose requests are those that name nobody: the home of this gateway, or the only service of one without a home. */
  readonly unnamed: S | null;
  /** The home of this gateway was removed. */
  readonly homeGone: boolean;
  /** Names that belonged to services which are gone. */
  readonly gone: ReadonlySet<string>;
}

export interface Chosen<S> {
  readonly service: S;
  /** What is asked of it: the target of the request without `/services/NAME`. */
  readonly target: string;
}

export interface NotChosen {
  readonly refused: RefusalCode;
  readonly detail?: string;
}

const prefix = '/services/';
const shownAtMost = 64;

/**
 * Which service a request is for. The first rule that applies decides:
 *
 * | the request | is for |
 * |---|---|
 * | has the path `/services/NAME/...` | the service of that name; without one it is refused |
 * | has a host whose first label is a name | that service |
 * | has a host whose first label was the name of a service that is gone | nobody |
 * | is anything else, and the gateway has a home, or holds one service | that one |
 * | is anything else | nobody |
 *
 * A name in the path is compared as it is, never decoded: `/services/digit%73/` names nobody. An absolute target speaks for
 * itself, whatever the Host field says (RFC 9112 3.2.2).
 */
export function chooseService<S>(
  target: string,
  host: string | undefined,
  services: NamedServices<S>,
): Chosen<S> | NotChosen {
  const absolute = target.startsWith('/') ? null : splitAbsolute(target);
  const path = absolute === null ? target : absolute.path;
  if (path.startsWith(prefix)) return chooseByPath(path, services);
  const label = hostLabel(absolute === null ? (host ?? '') : absolute.authority);
  const named = services.byName.get(label);
  if (named !== undefined) return { service: named, target };
  if (services.unnamed !== null && !services.gone.has(label)) return { service: services.unnamed, target };
  return notFound(label, services);
}

/** The host alone says whose request this is. */
export function isOfHost(target: string): boolean {
  return target.startsWith('/') && !target.startsWith(prefix);
}

function chooseByPath<S>(path: string, services: NamedServices<S>): Chosen<S> | NotChosen {
  const end = endOfName(path);
  const name = path.slice(prefix.length, end);
  const service = services.byName.get(name);
  if (service === undefined) return isPlainPath(path) ? notFound(name, services) : { refused: 'target-invalid' };
  return { service, target: path[end] === '/' ? path.slice(end) : `/${path.slice(end)}` };
}

function endOfName(path: string): number {
  for (let at = prefix.length; at < path.length; at += 1) {
    const character = path[at];
    if (character === '/' || character === '?') return at;
  }
  return path.length;
}

/** The first label of a host, in lower case; empty for an address or nothing. */
export function hostLabel(host: string): string {
  if (host.startsWith('[')) return '';
  const colon = host.indexOf(':');
  const bare = colon < 0 ? host : host.slice(0, colon);
  const dot = bare.indexOf('.');
  const label = dot < 0 ? bare : bare.slice(0, dot);
  return /^\d*$/.test(label) && /^[\d.]*$/.test(bare) ? '' : label.toLowerCase();
}

function notFound(name: string, services: Omit<NamedServices<unknown>, 'byName' | 'unnamed'>): NotChosen {
  if (!services.known) return { refused: 'services-pending' };
  if (name === '' && services.homeGone) return { refused: 'service-removed' };
  if (name === '') return { refused: 'service-unknown', detail: 'the request names none' };
  const shown = name.length > shownAtMost ? `${name.slice(0, shownAtMost)}...` : name;
  return { refused: services.gone.has(name) ? 'service-removed' : 'service-unknown', detail: shown };
}
