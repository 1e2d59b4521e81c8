import { PlimsollError } from '../../core/units/errors.ts';
import type { ApiGet } from './api-get.ts';
import { slimObject } from './slim-object.ts';

/** Of one list: far more nodes than a cluster may have. */
const mostObjects = 200_000;
const pageSize = 500;
const mostStarts = 3;

export interface ListOptions {
  readonly signal: AbortSignal;
  readonly progress?: ((objects: number) => void) | undefined;
}

/**
 * All objects of a list, page by page. A continue token that has expired (410) means that the pages so far are of a list
 * that is gone: the list is read again from its beginning, so that what is returned is of one moment.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 * @returns null where the server has no such list.
 */
export async function listAll(get: ApiGet, path: string, options: ListOptions): Promise<readonly object[] | null> {
  for (let start = 1; ; start += 1) {
    const listed = await listOnce(get, path, options);
    if (listed !== 'expired') return listed;
    if (start === mostStarts) throw neverWhole(path);
  }
}

async function listOnce(
  get: ApiGet,
  path: string,
  options: ListOptions,
): Promise<readonly object[] | null | 'expired'> {
  const objects: object[] = [];
  const seen = new Set<string>();
  for (let token = ''; ;) {
    const query = { limit: String(pageSize), ...(token === '' ? {} : { continue: token }) };
    const { status, body } = await get(path, query, options.signal);
    if (status === 404) return null;
    if (status === 410) return 'expired';
    const page = pageOf(body, path);
    for (const item of page.items) objects.push(slimObject(item));
    options.progress?.(objects.length);
    if (objects.length > mostObjects) throw tooMany(path);
    if (page.next === '') return objects;
    // A server that gives a token twice would be asked for ever.
    if (seen.has(page.next)) throw invalidPage(path, 'its continue token comes again');
    seen.add(page.next);
    token = page.next;
  }
}

function pageOf(body: unknown, path: string): { readonly items: readonly object[]; readonly next: string } {
  if (typeof body !== 'object' || body === null || !('items' in body) || !Array.isArray(body.items)) {
    throw invalidPage(path, 'it has no items');
  }
  const items: unknown[] = body.items;
  const metadata: unknown = 'metadata' in body ? body.metadata : null;
  const next = typeof metadata === 'object' && metadata !== null && 'continue' in metadata ? metadata.continue : '';
  return {
    items: items.filter((item): item is object => typeof item === 'object' && item !== null),
    next: typeof next === 'string' ? next : '',
  };
}

function invalidPage(path: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'cluster-answer-invalid',
    category: 'unavailable',
    message: `the answer for ${path} is no list of the Kubernetes API: ${why}`,
    next: `kubectl get --raw ${path}?limit=1 shows what answers there`,
  });
}

function neverWhole(path: string): PlimsollError {
  return new PlimsollError({
    code: 'cluster-busy',
    category: 'overloaded',
    message: `the list ${path} expired ${mostStarts} times before it was read to its end`,
    next: 'try again; or kubectl get nodes,resourceslices -o json > nodes.json, and name that file',
  });
}

function tooMany(path: string): PlimsollError {
  return new PlimsollError({
    code: 'cluster-too-large',
    category: 'input',
    message: `the list ${path} has more than ${mostObjects} objects`,
    next: 'kubectl get nodes -l LABEL -o json > nodes.json, and name that file',
  });
}
