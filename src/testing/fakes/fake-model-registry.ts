import { remoteModelUnknown, remoteVersionUnknown, requireSafePath } from '../../core/registry/remote-errors.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import type { ModelRegistry, RemoteVersion } from '../../ports/artifacts/model-registry.ts';

interface FakeVersion {
  readonly state: RemoteVersion['state'];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A registry in memory that does what a test tells it to. */
export class FakeModelRegistry implements ModelRegistry {
  readonly location: string;
  /** Thrown by every call while it is set. */
  failure: PlimsollError | null = null;
  /** Told of every file that is read. */
  readonly reads: string[] = [];
  /** Calls of setAlias, as they came. */
  readonly writes: { readonly name: string; readonly alias: string; readonly version: string | null }[] = [];
  /** Runs before a file is read: where a test moves an alias under a reader. */
  beforeRead: () => void = () => undefined;
  readonly #models = new Map<string, { versions: Map<string, FakeVersion>; aliases: Map<string, string> }>();

  constructor(location = 'mlflow://fake.example:5000') {
    this.location = location;
  }

  /** The next version of a name. */
  add(name: string, files: Readonly<Record<string, Uint8Array>>, state: RemoteVersion['state'] = 'ready'): string {
    const model = this.#models.get(name) ?? { versions: new Map(), aliases: new Map() };
    this.#models.set(name, model);
    const version = String(model.versions.size + 1);
    model.versions.set(version, { state, files: new Map(Object.entries(files)) });
    return version;
  }

  point(name: string, alias: string, version: string | null): void {
    const model = this.#models.get(name);
    if (version === null) model?.aliases.delete(alias);
    else model?.aliases.set(alias, version);
  }

  async names(signal: AbortSignal): Promise<readonly string[]> {
    this.#check(signal);
    return [...this.#models.keys()].sort();
  }

  async versions(name: string, signal: AbortSignal): Promise<readonly RemoteVersion[]> {
    this.#check(signal);
    return [...this.#model(name).versions].map(([version, { state }]) => ({
      version,
      digest: null,
      state,
      createdAtMs: null,
      note: null,
    }));
  }

  async aliases(name: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    this.#check(signal);
    return Object.fromEntries(this.#model(name).aliases);
  }

  async files(name: string, version: string, signal: AbortSignal) {
    this.#check(signal);
    const found = this.#model(name).versions.get(version);
    if (found === undefined) throw remoteVersionUnknown(this.location, name, version);
    const files = [...found.files].map(([path, bytes]) => ({
      path: requireSafePath(this.location, path),
      bytes: bytes.length,
      digest: null,
    }));
    return {
      files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
      read: (file: { readonly path: string }, reading: AbortSignal) => this.#read(found, file.path, reading),
    };
  }

  async setAlias(name: string, alias: string, version: string | null, signal: AbortSignal): Promise<void> {
    this.writes.push({ name, alias, version });
    this.#check(signal);
    const model = this.#model(name);
    if (version !== null && !model.versions.has(version)) throw remoteVersionUnknown(this.location, name, version);
    this.point(name, alias, version);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *#read({ files }: FakeVersion, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.reads.push(path);
    this.beforeRead();
    const bytes = files.get(path) ?? new Uint8Array();
    for (let at = 0; at < bytes.length; at += 1 << 16) {
      this.#check(signal);
      yield bytes.subarray(at, at + (1 << 16));
    }
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.failure !== null) throw this.failure;
  }

  #model(name: string) {
    const model = this.#models.get(name);
    if (model === undefined) throw remoteModelUnknown(this.location, name);
    return model;
  }
}
