import type { ApiCall, ApiClient, ApiReply } from '../../../adapters/kubernetes/api/api-client.ts';
import { answerError } from '../../../adapters/kubernetes/api-errors.ts';
import {
  arrayOf,
  isObject,
  objectAt,
  textOf,
  textsOf,
  type JsonObject,
} from '../../../protocols/kubernetes-objects/json-object.ts';

interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly collection: string;
  readonly object: JsonObject;
}

/**
 * The part of an API server that a platform uses, in memory: lists, watches that go on from a version, server-side apply
 * of whole objects, creation, merge patches of metadata and of conditions, and deletion. Nothing controls what is in it: a test plays the controllers.
 */
export class FakeCluster {
  readonly calls: string[] = [];
  /** Statuses that are answered in the place of an answer, by method and path. */
  readonly failures: { readonly matches: RegExp; readonly status: number; readonly message?: string; times: number }[] =
    [];
  /** What the server itself writes into a Deployment: defaults, and what admission adds. */
  admit: (object: JsonObject) => JsonObject = (object) => object;
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
    if (call.method === 'POST') return this.#create(call);
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

  #create({ path, body = {} }: ApiCall): ApiReply {
    const name = String(objectAt(body, 'metadata')['name']);
    if (this.#objects.has(`${path}/${name}`)) return reply(409, { reason: 'AlreadyExists' });
    this.put(path, body as JsonObject);
    return reply(201, this.#objects.get(`${path}/${name}`) ?? {});
  }

  /** As the API server merges conditions: by their type. */
  #patchStatus(path: string, body: object): ApiReply {
    const before = this.#objects.get(path);
    if (before === undefined) return reply(404, {});
    if (objectAt(before, 'metadata')['uid'] !== objectAt(body, 'metadata')['uid']) {
      return reply(422, { message: 'metadata.uid: field is immutable' });
    }
    const given = arrayOf(objectAt(body, 'status')['conditions']).filter(isObject);
    const kept = arrayOf(objectAt(before, 'status')['conditions'])
      .filter(isObject)
      .filter(({ type }) => given.every((each) => each['type'] !== type));
    const status = { ...objectAt(before, 'status'), conditions: [...kept, ...given] };
    return reply(200, this.put(path.slice(0, path.lastIndexOf('/')), { ...before, status }));
  }

  #patch({ path, body = {}, contentType }: ApiCall): ApiReply {
    if (path.endsWith('/status')) return this.#patchStatus(path.slice(0, -'/status'.length), body);
    const before = this.#objects.get(path);
    const collection = path.slice(0, path.lastIndexOf('/'));
    const uid = objectAt(body, 'metadata')['uid'];
    if (uid !== undefined && uid !== objectAt(before, 'metadata')['uid']) {
      return reply(before === undefined ? 409 : 422, { message: 'metadata.uid: field is immutable' });
    }
    if (contentType === 'application/json-patch+json') return this.#replaceSpec(collection, before, arrayOf(body));
    if (contentType !== 'application/apply-patch+yaml') {
      if (before === undefined) return reply(404, {});
      if (objectAt(body, 'spec')['selector'] === null) {
        const { selector: _removed, ...spec } = objectAt(before, 'spec');
        return reply(200, this.put(collection, { ...before, spec }));
      }
      const merged = (field: 'annotations' | 'labels'): JsonObject => {
        const all = { ...objectAt(before, 'metadata', field), ...objectAt(body, 'metadata', field) };
        return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
      };
      const texts = { annotations: merged('annotations'), labels: merged('labels') };
      return reply(200, this.put(collection, { ...before, metadata: { ...objectAt(before, 'metadata'), ...texts } }));
    }
    const own = JSON.stringify(objectAt(body, 'spec', 'selector'));
    const isDeployment = path.includes('/deployments/');
    // A manager that applies the number alone leaves the rest to its owner.
    if (isDeployment && before !== undefined && own === '{}') {
      return reply(200, this.put(collection, { ...before, ...specOf(before, body) }));
    }
    if (isDeployment && before !== undefined && JSON.stringify(objectAt(before, 'spec', 'selector')) !== own) {
      return reply(422, { message: 'spec.selector: Invalid value: field is immutable' });
    }
    const made = this.admit({ ...before, ...body, ...specOf(before, body) });
    if (before !== undefined && isSame(made, before)) return reply(200, before);
    this.put(collection, made);
    return reply(before === undefined ? 201 : 200, this.#objects.get(path) ?? {});
  }

  #replaceSpec(collection: string, before: JsonObject | undefined, operations: readonly unknown[]): ApiReply {
    if (before === undefined) return reply(404, {});
    const { uid, generation } = objectAt(before, 'metadata');
    const tested: JsonObject = { '/metadata/uid': uid, '/metadata/generation': generation };
    let made = before;
    for (const { op, path, value } of operations.filter(isObject)) {
      if (op === 'test' && tested[String(path)] !== value) return reply(422, { message: 'testing value failed' });
      if (op === 'replace') made = { ...made, spec: value };
    }
    made = this.admit(made);
    return reply(200, isSame(made, before) ? before : this.put(collection, made));
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

/** Fields of others stay where the one who applies says nothing of them. */
function specOf(before: JsonObject | undefined, body: object): JsonObject {
  return 'spec' in body ? { spec: merge(before?.['spec'], body.spec) } : {};
}

/** As server-side apply merges: objects by field, lists of named objects by name; other lists are replaced. */
function merge(before: unknown, given: unknown): unknown {
  if (isObject(before) && isObject(given)) {
    const fields = Object.entries(given).map(([key, value]): [string, unknown] => [key, merge(before[key], value)]);
    return { ...before, ...Object.fromEntries(fields) };
  }
  const [old, fresh] = [arrayOf(before), arrayOf(given)];
  const isNamed = (each: unknown): each is JsonObject => isObject(each) && typeof each['name'] === 'string';
  if (fresh.length === 0 || !old.every(isNamed) || !fresh.every(isNamed)) return given;
  const kept = old.map((each) => merge(each, fresh.find(({ name }) => name === each['name']) ?? each));
  return [...kept, ...fresh.filter(({ name }) => !old.some((each) => each['name'] === name))];
}

/** But for what the server itself writes. */
function isSame(one: JsonObject, other: JsonObject): boolean {
  const written = (object: JsonObject): string => {
    const { uid: _uid, generation: _generation, resourceVersion: _version, ...metadata } = objectAt(object, 'metadata');
    return JSON.stringify({ ...object, metadata });
  };
  return written(one) === written(other);
}

function isSelected(object: JsonObject, selector: string | undefined): boolean {
  const labels = textsOf(objectAt(object, 'metadata', 'labels'));
  return (selector ?? '')
    .split(',')
    .filter((part) => part !== '')
    .every((part) => labels[part.split('=')[0] ?? ''] === part.split('=')[1]);
}

const reply = (status: number, body: JsonObject): ApiReply => ({ status, text: JSON.stringify(body), body });
