/** One service in one environment: what a page is opened for. */
export interface Subject {
  readonly service: string;
  readonly environment: string;
}

/**
 * | kind | address |
 * |---|---|
 * | start | `/`: the fleet decides, once it is known how many services there are |
 * | fleet | `/services` |
 * | cost | `/cost`: where the device time of all services goes |
 * | service | `/services/NAME/ENVIRONMENT` |
 */
export type Place =
  | { readonly kind: 'start' }
  | { readonly kind: 'fleet' }
  | { readonly kind: 'cost' }
  | { readonly kind: 'service'; readonly subject: Subject };

/**
 * Returns what an address opens.
 *
 * @param root path of the page's own files: `/`, or a prefix that a proxy puts in front.
 */
export function readPlace(pathname: string, root: string): Place {
  const [first, ...names] = pathname
    .slice(root.length)
    .split('/')
    .filter((part) => part !== '');
  if (first === 'cost' && names.length === 0) return { kind: 'cost' };
  if (first !== 'services') return { kind: 'start' };
  const [service = null, environment = null] = names.map(decode);
  if (names.length !== 2 || service === null || environment === null) return { kind: 'fleet' };
  return { kind: 'service', subject: { service, environment } };
}

/** Null where it is no encoding of a text. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Address of a service's own page, from the root. */
export function servicePath({ service, environment }: Subject): string {
  return `services/${encodeURIComponent(service)}/${encodeURIComponent(environment)}`;
}

/** A path of the HTTP interface, asked for one service; as it is where the control plane has no more than one. */
export function withSubject(path: string, subject: Subject | null): string {
  if (subject === null) return path;
  const query = new URLSearchParams({ service: subject.service, environment: subject.environment });
  return `${path}${path.includes('?') ? '&' : '?'}${query.toString()}`;
}
