import { asPlimsollError, PlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { Random } from '../../../ports/process/random.ts';
import {
  arrayOf,
  isObject,
  objectAt,
  textOf,
  type JsonObject,
} from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from './api-client.ts';
import { GroupedObjects } from './grouped-objects.ts';

export interface ObjectWatchOptions<Kept> {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the collection. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What is kept of an object; null for an object that is not kept. */
  readonly read: (object: JsonObject) => Kept | null;
  /** What objects are asked for by. */
  readonly keyOf: (kept: Kept) => string;
  /** With the object that came, changed or went; null when all may have changed. */
  readonly onChange: (object: JsonObject | null) => void;
}

const pageSize = '500';
const mostObjects = 100_000;
/** A watch is begun anew this often, which shows that the server is still there. */
const watchSeconds = 120;
const firstDelayMs = 250;
const maxDelayMs = 30_000;

/**
 * The objects of a collection, kept as they are: listed once, then watched. A watch that breaks goes on from the last
 * version that it saw. Only when the server does not know that version any more (410) the list is read again, and after
 * each failure in a row the wait doubles, up to 30 s; 429 and its Retry-After are waited out.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class ObjectWatch<Kept> {
  readonly #options: ObjectWatchOptions<Kept>;
  readonly #objects: GroupedObjects<Kept>;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #version: string | null = null;
  #failures = 0;
  #lists = 0;
  #failure: PlimsollError | null = null;
  #failingSinceMs: number | null = null;
  #awaiting: (() => void)[] = [];

  constructor(options: ObjectWatchOptions<Kept>) {
    this.#options = options;
    this.#objects = new GroupedObjects(options.keyOf);
    this.#running = this.#run();
  }

  /** By uid. */
  get objects(): ReadonlyMap<string, Kept> {
    return this.#objects.byUid;
  }

  /** Those of a key. The same array as before while none of them changed. */
  list(key: string): readonly Kept[] {
    return this.#objects.list(key);
  }

  /** Why the objects may be out of date, and since when; null while they are watched. */
  get trouble(): { readonly error: PlimsollError; readonly sinceMs: number } | null {
    return this.#failure === null ? null : { error: this.#failure, sinceMs: this.#failingSinceMs ?? 0 };
  }

  /** Until the list was read once. @throws PlimsollError the failure of the first attempt that failed. */
  async synced(signal: AbortSignal): Promise<void> {
    while (this.#lists === 0) {
      signal.throwIfAborted();
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve, reject) => {
        this.#awaiting.push(resolve);
        signal.addEventListener('abort', () => reject(asPlimsollError(signal.reason)), { once: true });
      });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (this.#version === null) await this.#list(signal);
        await this.#watch(signal);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asPlimsollError(thrown);
        this.#fail(error);
        const waitMs =
          Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(this.#failures - 1, 10)) * (0.5 + random.next() / 2);
        const askedMs = Number(error.details['retryAfterMs'] ?? 0);
        await clock.sleep(Math.max(waitMs, Math.min(askedMs, maxDelayMs)), signal).catch(() => undefined);
      }
    }
  }

  #fail(error: PlimsollError): void {
    this.#failures += 1;
    if (error.details['status'] === 410) this.#version = null;
    else {
      this.#failure = error;
      this.#failingSinceMs ??= this.#options.clock.nowMs();
    }
    this.#wake();
  }

  #succeed(): void {
    const wasFailing = this.#failure !== null;
    this.#failures = 0;
    this.#failure = null;
    this.#failingSinceMs = null;
    if (wasFailing) this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#awaiting.splice(0)) resolve();
    this.#options.onChange(null);
  }

  /** All pages are of one moment: the version of the first. */
  async #list(signal: AbortSignal): Promise<void> {
    const found: JsonObject[] = [];
    let version: string | null = null;
    for (let token: string | null = ''; token !== null;) {
      const query = { ...this.#options.query, limit: pageSize, ...(token === '' ? {} : { continue: token }) };
      const { status, body } = await this.#options.client.call({
        method: 'GET',
        path: this.#options.path,
        query,
        signal,
      });
      if (status !== 200) throw expired(this.#options.path, status);
      found.push(...arrayOf(body['items']).filter(isObject));
      if (found.length > mostObjects) throw tooMany(this.#options.path);
      version ??= textOf(objectAt(body, 'metadata')['resourceVersion']);
      token = textOf(objectAt(body, 'metadata')['continue']);
    }
    this.#objects.clear();
    for (const object of found) this.#keep(object);
    this.#version = version;
    this.#lists += 1;
    this.#wake();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, clock, path } = this.#options;
    const query = {
      ...this.#options.query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(watchSeconds),
      resourceVersion: this.#version ?? '',
    };
    // The server ends a watch in time; a connection that died in silence does not.
    const limit = AbortSignal.any([signal, AbortSignal.timeout((watchSeconds + 15) * 1_000)]);
    const openedMs = clock.monotonicMs();
    const opened = (): void => this.#succeed();
    for await (const line of client.lines({ path, query, signal: limit }, opened)) this.#take(line);
    // A server that ends each watch at once is not asked without a pause.
    if (clock.monotonicMs() - openedMs < 1_000) await clock.sleep(firstDelayMs, signal);
  }

  #take(line: JsonObject): void {
    const object = objectAt(line, 'object');
    const type = line['type'];
    if (type === 'ERROR') throw expired(this.#options.path, Number(object['code'] ?? 500));
    this.#version = textOf(objectAt(object, 'metadata')['resourceVersion']) ?? this.#version;
    if (type === 'DELETED') this.#objects.delete(uidOf(object));
    else if (type === 'ADDED' || type === 'MODIFIED') this.#keep(object);
    else return;
    this.#options.onChange(object);
  }

  #keep(object: JsonObject): void {
    const kept = this.#options.read(object);
    if (kept !== null) this.#objects.set(uidOf(object), kept);
  }
}

const uidOf = (object: JsonObject): string => textOf(objectAt(object, 'metadata')['uid']) ?? '';

function expired(path: string, status: number): PlimsollError {
  return new PlimsollError({
    code: 'cluster-answer-invalid',
    category: 'unavailable',
    message: status === 410 ? `the list ${path} is read again: its version is too old` : `${path} answered ${status}`,
    next: `kubectl get --raw ${path}?limit=1 shows what answers there`,
    details: { status },
  });
}

function tooMany(path: string): PlimsollError {
  return new PlimsollError({
    code: 'cluster-too-large',
    category: 'unavailable',
    message: `the list ${path} has more than ${mostObjects} objects`,
    next: 'give Plimsoll a namespace of its own',
  });
}
