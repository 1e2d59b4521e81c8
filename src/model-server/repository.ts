import { asPlimsollError, PlimsollError } from '../core/units/errors.ts';
import type { ModelSource } from '../ports/artifacts/model-source.ts';
import type { RepositoryEntry } from '../protocols/open-inference/metadata.ts';
import type { ServedModel } from './served-model.ts';

type State = RepositoryEntry['state'];

interface Entry {
  readonly state: State;
  readonly reason: string;
  readonly served: ServedModel | null;
}

/** Fetches, loads and wraps one version. */
export type LoadVersion = (name: string, version: number, signal: AbortSignal) => Promise<ServedModel>;

/**
 * What this process has loaded: every version of every model is a replica of its own. The unversioned path means the
 * highest loaded version. Loading and unloading go one at a time, because each takes memory that the other may free.
 */
export class Repository {
  readonly #source: ModelSource;
  readonly #loadVersion: LoadVersion;
  readonly #models = new Map<string, Map<number, Entry>>();
  /** Names whose version is not known yet: found out first, then loaded. */
  readonly #beingLoaded = new Set<string>();
  #change: Promise<unknown> = Promise.resolve();
  #changesWaiting = 0;

  constructor(source: ModelSource, loadVersion: LoadVersion) {
    this.#source = source;
    this.#loadVersion = loadVersion;
  }

  /** @throws PlimsollError `model-unknown`, `model-version-unknown` (not-found), `model-not-ready` (unavailable). */
  find(name: string, version: string | null): ServedModel {
    const versions = this.#models.get(name);
    if (versions === undefined) throw this.#beingLoaded.has(name) ? notReady(name, loading) : this.#unknown(name);
    const number = version === null ? highestReady(versions) : versionNumber(version);
    const entry = number === null ? undefined : versions.get(number);
    const served = entry?.served ?? null;
    if (served !== null && entry?.state !== 'UNLOADING') return served;
    if (entry === undefined && version !== null) throw unknownVersion(name, version, versions);
    throw notReady(name, entry ?? [...versions.values()][0]);
  }

  served(): readonly ServedModel[] {
    return [...this.#models.values()].flatMap((versions) =>
      [...versions.values()].flatMap((entry) => (entry.served === null ? [] : [entry.served])),
    );
  }

  /** Loaded versions of a model, ascending. */
  versionsOf(name: string): readonly string[] {
    const loaded = [...(this.#models.get(name) ?? [])].filter(([, entry]) => entry.served !== null);
    return loaded
      .map(([version]) => version)
      .sort((a, b) => a - b)
      .map(String);
  }

  async index(signal: AbortSignal): Promise<readonly RepositoryEntry[]> {
    const known = new Map(
      [...this.#models].flatMap(([name, versions]) =>
        [...versions].map(([version, { state, reason }]) => [`${name}\n${version}`, { name, version, state, reason }]),
      ),
    );
    for (const { name, version } of await this.#source.list(signal)) {
      const key = `${name}\n${version}`;
      if (!known.has(key)) known.set(key, { name, version, state: 'UNAVAILABLE', reason: 'not loaded' });
    }
    return [...known.values()]
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version))
      .map((entry) => ({ ...entry, version: String(entry.version) }));
  }

  /** Loads a version, or loads it again; requests go to the old one until the new one stands. */
  load(name: string, version: number | null, signal: AbortSignal): Promise<ServedModel> {
    return this.#inTurn(async () => {
      const wanted = await this.#resolve(name, version, signal);
      const before = this.#models.get(name)?.get(wanted);
      const replaced = before?.served ?? null;
      this.#set(name, wanted, { ...loading, served: replaced });
      try {
        const served = await this.#loadVersion(name, wanted, signal);
        this.#set(name, wanted, { state: 'READY', reason: '', served });
        void served.loaded.ended.then(() => this.#afterEnd(name, wanted, served));
        if (replaced !== null) await retire(replaced);
        return served;
      } catch (thrown) {
        const error = asPlimsollError(thrown);
        const failed: Entry = { state: 'UNAVAILABLE', reason: error.message, served: null };
        this.#set(name, wanted, before === undefined || replaced === null ? failed : before);
        throw error;
      }
    });
  }

  async #resolve(name: string, version: number | null, signal: AbortSignal): Promise<number> {
    this.#beingLoaded.add(name);
    try {
      return await this.#source.resolve(name, version, signal);
    } finally {
      this.#beingLoaded.delete(name);
    }
  }

  /** Refuses new requests at once, answers the accepted ones, then frees the memory. Null unloads every version. */
  unload(name: string, version: number | null): Promise<void> {
    return this.#inTurn(async () => {
      const versions = this.#models.get(name);
      if (versions === undefined) throw this.#unknown(name);
      const wanted = version === null ? [...versions.keys()] : [version];
      if (version !== null && !versions.has(version)) throw unknownVersion(name, String(version), versions);
      await Promise.all(wanted.map((each) => unloadOne(each, versions)));
    });
  }

  async unloadAll(): Promise<void> {
    await Promise.all([...this.#models.keys()].map((name) => this.unload(name, null)));
  }

  /** An engine that died by itself serves nothing more: the server says so, and whoever watches it starts another. */
  #afterEnd(name: string, version: number, served: ServedModel): void {
    const entry = this.#models.get(name)?.get(version);
    if (entry?.served !== served || entry.state === 'UNLOADING') return;
    this.#set(name, version, { state: 'UNAVAILABLE', reason: 'its inference thread ended', served: null });
  }

  #set(name: string, version: number, entry: Entry): void {
    const versions = this.#models.get(name) ?? new Map<number, Entry>();
    versions.set(version, entry);
    this.#models.set(name, versions);
  }

  async #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.#changesWaiting >= maxChangesWaiting) throw tooManyChanges();
    this.#changesWaiting += 1;
    const turn = this.#change.then(act, act);
    this.#change = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#changesWaiting -= 1;
    }
  }

  #unknown(name: string): PlimsollError {
    const [first] = this.#models.keys();
    const known = [...this.#models.keys()].map((each) => `"${each}"`);
    return new PlimsollError({
      code: 'model-unknown',
      category: 'not-found',
      message: `unknown model "${name}"; ${known.length === 0 ? 'none is loaded' : `loaded: ${known.join(', ')}`}`,
      next:
        first === undefined
          ? 'GET /v2/health/ready says when one is'
          : `GET /v2/models/${encodeURIComponent(first)} says what it takes and answers`,
    });
  }
}

const maxChangesWaiting = 16;
const loading: Entry = { state: 'LOADING', reason: '', served: null };

async function unloadOne(version: number, versions: Map<number, Entry>): Promise<void> {
  const entry = versions.get(version);
  if (entry === undefined || entry.served === null) return;
  versions.set(version, { ...entry, state: 'UNLOADING', reason: 'unload asked for' });
  await retire(entry.served);
  versions.set(version, { state: 'UNAVAILABLE', reason: 'unloaded', served: null });
}

async function retire(served: ServedModel): Promise<void> {
  await served.batcher.close(
    notReady(served.name, { state: 'UNLOADING', reason: 'it is being unloaded', served: null }),
  );
  await served.loaded.unload();
}

/** Runs for every unversioned request: no lists are made. */
function highestReady(versions: ReadonlyMap<number, Entry>): number | null {
  let highest: number | null = null;
  for (const [version, entry] of versions) {
    const ready = entry.served !== null && entry.state !== 'UNLOADING';
    if (ready && (highest === null || version > highest)) highest = version;
  }
  return highest;
}

/** A version in a path; null for what is no version number, which no loaded version has. */
function versionNumber(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function unknownVersion(name: string, version: string, versions: ReadonlyMap<number, Entry>): PlimsollError {
  return new PlimsollError({
    code: 'model-version-unknown',
    category: 'not-found',
    message: `model "${name}" has no version "${version}" here; it has ${[...versions.keys()].join(', ')}`,
    next: `GET /v2/models/${encodeURIComponent(name)} lists the versions that are served`,
  });
}

function notReady(name: string, entry: Entry | undefined): PlimsollError {
  return new PlimsollError({
    code: 'model-not-ready',
    category: 'unavailable',
    message: `model "${name}" is ${entry?.state ?? 'UNAVAILABLE'}${entry?.reason ? `: ${entry.reason}` : ''}`,
    next: `GET /v2/models/${encodeURIComponent(name)}/ready answers 200 once it serves`,
  });
}

function tooManyChanges(): PlimsollError {
  return new PlimsollError({
    code: 'repository-busy',
    category: 'overloaded',
    message: `${maxChangesWaiting} loads and unloads wait already`,
    next: 'wait for them; POST /v2/repository/index shows their states',
  });
}
