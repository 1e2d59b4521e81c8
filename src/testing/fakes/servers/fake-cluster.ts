import type { ApiCall, ApiClient, ApiReply } from '../../../adapters/kubernetes/api/api-client.ts';
import { answerError } from '../../../adapters/kubernetes/api-errors.ts';
import { objectAt, textOf, textsOf, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly collection: string;
  readonly object: JsonObject;
}

/**
 * The part of an API server that a platform uses, in memory: lists, watches that go on from a version, server-side apply
 * of whole objects, merge patches of metadata, and deletion. Nothing controls what is in it: a test plays the controllers.
 */
export class FakeCluster {
  readonly calls: string[] = [];
  /** Statuses that are answered in the place of an answer, by method and path. */
  readonly failures: { readonly matches: RegExp; readonly status: number; readonly message?: string; times: number }[] =
    [];
  readonly #objects = new Map<string, JsonObject>();
  #changes: Change[] = [];
  #oldest = 0;
  #version = 1;
  #uids = 0;
  #isAway = false;
  #wake: (() => void)[] = [];

  client(): ApiClient {
    return {
      call: (call) => this.#answer(call),
      lines: (call, opened) => this.#watch({ ...call, method: 'GET' }, opened),
    };
  }

  /** Puts an object there as somebody else does. */
  put(collection: string, object: JsonObject): JsonObject {
    const path = `${collection}/${String(objectAt(object, 'metadata')['name'])}`;
    const before = this.#objects.get(path);
    const old = objectAt(before, 'metadata');
    const moved = JSON.stringify(before?.['spec']) !== JSON.stringify(object['spec']);
    const uid = textOf(old['uid']) ?? textOf(objectAt(object, 'metadata')['uid']) ?? `uid-${(this.#uids += 1)}`;
    const generation = Number(old['generation'] ?? 0) + (moved ? 1 : 0);
    const stored = { ...object, metadata: { ...objectAt(object, 'metadata'), uid, generation } };
    this.#store(path, collection, before === undefined ? 'ADDED' : 'MODIFIED', stored);
    return stored;
  }

  get(path: string): JsonObject | undefined {
    return this.#objects.get(path);
  }

  remove(path: string): void {
    const object = this.#objects.get(path);
    if (object === undefined) return;
    this.#store(path, path.slice(0, path.lastIndexOf('/')), 'DELETED', object);
    this.#objects.delete(path);
  }

  /** Versions up to now are not known any more: watches end with 410. */
  compact(): void {
    this.#oldest = this.#version;
    this.#changes = [];
    this.#stir();
  }

  /** Every call fails, and every watch breaks. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
    this.#stir();
  }

  #store(path: string, collection: string, type: Change['type'], object: JsonObject): void {
    this.#version += 1;
    const stored = { ...object, metadata: { ...objectAt(object, 'metadata'), resourceVersion: String(this.#version) } };
    this.#objects.set(path, stored);
    this.#changes.push({ version: this.#version, type, collection, object: stored });
    this.#stir();
  }

  #stir(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  async #answer(call: ApiCall): Promise<ApiReply> {
    call.signal.throwIfAborted();
    const name = `${call.method} ${call.path}`;
    this.calls.push(name);
    this.#failAsTold(name, call.path);
    if (call.method === 'PATCH') return this.#patch(call);
    const found = this.#objects.get(call.path);
    if (call.method === 'DELETE') {
      this.remove(call.path);
      return reply(found === undefined ? 404 : 200, found ?? {});
    }
    if (call.path.endsWith('/log')) return { status: 200, text: textOf(found?.['text']) ?? '', body: {} };
    if (found !== undefined) return reply(200, found);
    return reply(200, { metadata: { resourceVersion: String(this.#version) }, items: this.#itemsOf(call) });
  }

  #failAsTold(name: string, path: string): void {
    const url = new URL(`https://cluster${path}`);
    if (this.#isAway) throw answerError(503, '', url);
    const failure = this.failures.find(({ matches, times }) => times > 0 && matches.test(name));
    if (failure === undefined) return;
    failure.times -= 1;
    throw answerError(failure.status, JSON.stringify({ message: failure.message ?? '' }), url, '0');
  }

  #itemsOf({ path, query }: ApiCall): readonly JsonObject[] {
    const items = [...this.#objects].filter(
      ([at]) => at.startsWith(`${path}/`) && !at.slice(path.length + 1).includes('/'),
    );
    return items.map(([, object]) => object).filter((object) => isSelected(object, query?.['labelSelector']));
  }

  #patch({ path, body = {}, contentType }: ApiCall): ApiReply {
    const before = this.#objects.get(path);
    const collection = path.slice(0, path.lastIndexOf('/'));
    if (contentType !== 'application/apply-patch+yaml') {
      if (before === undefined) return reply(404, {});
      const given = objectAt(body, 'metadata', 'annotations');
      const merged = { ...objectAt(before, 'metadata', 'annotations'), ...given };
      const annotations = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
      return reply(
        200,
        this.put(collection, { ...before, metadata: { ...objectAt(before, 'metadata'), annotations } }),
      );
    }
    const own = JSON.stringify(objectAt(body, 'spec', 'selector'));
    if (before !== undefined && JSON.stringify(objectAt(before, 'spec', 'selector')) !== own) {
      return reply(422, { message: 'spec.selector: Invalid value: field is immutable' });
    }
    return reply(before === undefined ? 201 : 200, this.put(collection, body as JsonObject));
  }

  async *#watch(call: ApiCall, opened: () => void): AsyncGenerator<JsonObject> {
    this.calls.push(`WATCH ${call.path}`);
    this.#failAsTold(`WATCH ${call.path}`, call.path);
    opened();
    for (let version = Number(call.query?.['resourceVersion']); ;) {
      call.signal.throwIfAborted();
      this.#failAsTold('', call.path);
      if (version < this.#oldest) {
        yield { type: 'ERROR', object: { kind: 'Status', code: 410 } };
        return;
      }
      for (const change of this.#changes.filter((each) => each.version > version)) {
        version = change.version;
        const selected = change.collection === call.path && isSelected(change.object, call.query?.['labelSelector']);
        if (selected) yield { type: change.type, object: change.object };
      }
      if (this.#changes.at(-1)?.version === version || this.#changes.length === 0 || version >= this.#version)
        await this.#stirred(call.signal);
    }
  }

  #stirred(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

function isSelected(object: JsonObject, selector: string | undefined): boolean {
  const labels = textsOf(objectAt(object, 'metadata', 'labels'));
  return (selector ?? '')
    .split(',')
    .filter((part) => part !== '')
    .every((part) => labels[part.split('=')[0] ?? ''] === part.split('=')[1]);
}

const reply = (status: number, body: JsonObject): ApiReply => ({ status, text: JSON.stringify(body), body });
