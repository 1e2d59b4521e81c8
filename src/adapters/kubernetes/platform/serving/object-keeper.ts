import { digestOf, type Digest } from '../../../../core/units/digest.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import type { PlatformNotice } from '../../../../ports/serving/platform-notice.ts';
import { objectAt, textOf, textsOf, type JsonObject } from '../../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient, ApiReply } from '../../api/api-client.ts';
import { fieldManager } from '../../manifests/labels.ts';
import type { OwnedObject } from './owned-object.ts';

export interface ObjectKeeperParts {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** Of the collection. */
  readonly path: string;
  /** Labels that every object of ours has. */
  readonly labels: Readonly<Record<string, string>>;
  readonly notice: (notice: Omit<PlatformNotice, 'atMs'>) => void;
}

/** What was applied last, and what the API server made of it. */
interface Applied {
  readonly digest: Digest;
  readonly version: string;
  readonly atMs: number;
  readonly isSeen: boolean;
}

/** The watch shows what was applied within this time, or it was removed. */
const seenWithinMs = 10_000;
/** A name that another has is tried again after this long. */
const takenForMs = 30_000;

/**
 * Brings the objects of one collection to what is wanted: created where they are not there, applied by the server where
 * they moved, removed where nobody wants them. An object of another is never written: a creation fails where the name is
 * taken, and everything else names the uid of the object that it is for.
 */
export class ObjectKeeper {
  readonly #parts: ObjectKeeperParts;
  readonly #applied = new Map<string, Applied>();
  readonly #takenSinceMs = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(parts: ObjectKeeperParts) {
    this.#parts = parts;
  }

  /**
   * @param found ours, as the watch shows them.
   * @throws PlimsollError `service-invalid` (input), and as `ApiClient.call`.
   */
  async keep(wanted: readonly JsonObject[], found: readonly OwnedObject[], signal: AbortSignal): Promise<void> {
    const names = new Set(wanted.map(nameOf));
    for (const object of wanted) {
      await this.#keepOne(
        object,
        found.find(({ name }) => name === nameOf(object)),
        signal,
      );
    }
    for (const { name, uid } of found) if (!names.has(name)) await this.#remove(name, uid, signal);
    for (const kept of [this.#applied, this.#takenSinceMs]) {
      for (const name of kept.keys()) if (!names.has(name)) kept.delete(name);
    }
  }

  async #keepOne(object: JsonObject, found: OwnedObject | undefined, signal: AbortSignal): Promise<void> {
    const name = nameOf(object);
    const digest = digestOf(object);
    const applied = this.#applied.get(name);
    const nowMs = this.#parts.clock.nowMs();
    if (found === undefined) {
      if (applied !== undefined && !applied.isSeen && nowMs - applied.atMs < seenWithinMs) return;
      if (nowMs - (this.#takenSinceMs.get(name) ?? -Infinity) < takenForMs) return;
      if (applied?.isSeen === true)
        this.#tell('service-put-back', name, 'was removed by somebody else: it is made again');
      await this.#create(object, digest, signal);
      return;
    }
    const isSeen = applied !== undefined && BigInt(found.version) >= BigInt(applied.version);
    const isMoved = isSeen && found.version !== applied.version;
    if (applied?.digest === digest && !isMoved && !found.hasSelector) {
      if (isSeen && !applied.isSeen) this.#applied.set(name, { ...applied, isSeen });
      return;
    }
    await this.#apply(object, found, digest, signal);
    const version = this.#applied.get(name)?.version;
    const isPutBack = applied?.digest === digest && version !== undefined && version !== found.version;
    if (isPutBack && isSeen) this.#tell('service-put-back', name, 'was changed by somebody else: it is put back');
  }

  async #create(object: JsonObject, digest: Digest, signal: AbortSignal): Promise<void> {
    const { client, path, clock, labels } = this.#parts;
    const name = nameOf(object);
    const query = { fieldManager };
    const reply = await client.call({ method: 'POST', path, query, body: object, signal });
    if (reply.status === 201) {
      this.#takenSinceMs.delete(name);
      this.#told.delete(name);
      this.#remember(name, digest, reply);
      return;
    }
    if (reply.status !== 409) throw invalid(name, reply);
    const { body } = await client.call({ method: 'GET', path: `${path}/${name}`, signal });
    const present = textsOf(objectAt(body, 'metadata', 'labels'));
    // Ours already: the watch is about to show it.
    if (Object.entries(labels).every(([key, value]) => present[key] === value)) return;
    this.#takenSinceMs.set(name, clock.nowMs());
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#tell(
      'service-taken',
      name,
      'is not of this service, and was not touched: clients inside the cluster are not led to it',
    );
  }

  async #apply(
    object: JsonObject,
    { uid, hasSelector }: OwnedObject,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, path } = this.#parts;
    const name = nameOf(object);
    const at = { method: 'PATCH', path: `${path}/${name}`, signal } as const;
    if (hasSelector) {
      const body = { metadata: { uid }, spec: { selector: null } };
      await client.call({ ...at, query: { fieldManager }, body, contentType: 'application/merge-patch+json' });
    }
    const body = { ...object, metadata: { ...objectAt(object, 'metadata'), uid } };
    const query = { fieldManager, force: 'true' };
    const reply = await client.call({ ...at, query, body, contentType: 'application/apply-patch+yaml' });
    if (reply.status === 200) this.#remember(name, digest, reply);
    // Of another uid: it was removed meanwhile, and the watch is about to show that.
    else if (reply.status === 404 || reply.status === 409 || saysUid(reply)) this.#applied.delete(name);
    else throw invalid(name, reply);
  }

  #remember(name: string, digest: Digest, { body }: ApiReply): void {
    const version = textOf(objectAt(body, 'metadata')['resourceVersion']) ?? '0';
    this.#applied.set(name, { digest, version, atMs: this.#parts.clock.nowMs(), isSeen: false });
  }

  async #remove(name: string, uid: string, signal: AbortSignal): Promise<void> {
    const { client, path } = this.#parts;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    await client.call({ method: 'DELETE', path: `${path}/${name}`, body, signal });
  }

  #tell(kind: PlatformNotice['kind'], name: string, what: string): void {
    const resource = this.#parts.path.endsWith('/services') ? 'Service' : 'EndpointSlice';
    this.#parts.notice({ kind, name, message: `the ${resource} ${name} ${what}` });
  }
}

const saysUid = ({ status, body }: ApiReply): boolean =>
  status === 422 && textOf(body['message'])?.includes('metadata.uid') === true;

const nameOf = (object: JsonObject): string => textOf(objectAt(object, 'metadata')['name']) ?? '';

function invalid(name: string, { status, body }: ApiReply): PlimsollError {
  return new PlimsollError({
    code: 'service-invalid',
    category: 'input',
    message: `the cluster does not take the Service or EndpointSlice ${name} (${status}): ${(textOf(body['message']) ?? '').slice(0, 1_000)}`,
    next: 'kubectl describe resourcequota; kubectl get events',
    details: { name, status },
  });
}
