import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryFolder, type UserProject } from '../../../user-project.ts';

/** One folder for each version of Plimsoll that made stores, and in it one for each store. */
export const storesFolder = path.join(repositoryFolder, 'test/fixtures/stores');

export type StoreKind = 'sqlite' | 'postgresql';

/** What the version that made a store read of it, in `expected.json`. */
export interface ExpectedStore {
  readonly kind: StoreKind;
  readonly plimsollVersion: string;
  readonly schemaVersion: number;
  /** How its control plane ended. */
  readonly ended: 'killed' | 'stopped';
  /** The release of a rollback that is in the journal only; null where the journal is empty. */
  readonly journaledRelease: number | null;
  readonly recorded: Recorded;
}

export interface Recorded {
  readonly releases: readonly RecordedRelease[];
  readonly deployment: { readonly live: number; readonly phase: string };
  readonly bars: readonly { readonly axis: string; readonly digest: string }[];
  readonly aliases: Readonly<Record<string, number>>;
  readonly aliasMoves: number;
  readonly modelVersions: readonly number[];
  readonly events: number;
  readonly eventsByKind: Readonly<Record<string, number>>;
}

interface RecordedRelease {
  readonly number: number;
  readonly code: object;
  readonly model: object;
}

export interface RecordedEvent {
  readonly seq: number;
  readonly kind: string;
}

/** Of each committed store its folder, as `0.1.0/sqlite-killed`. */
export function findStores(): readonly string[] {
  const foldersOf = (folder: string): readonly string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  return foldersOf(storesFolder).flatMap((version) =>
    foldersOf(path.join(storesFolder, version)).map((store) => `${version}/${store}`),
  );
}

export function readExpected(store: string): ExpectedStore {
  return JSON.parse(readFileSync(path.join(storesFolder, store, 'expected.json'), 'utf8')) as ExpectedStore;
}

/** Asks the command line for what stands in the records. */
export async function readRecorded(project: UserProject): Promise<Recorded> {
  const { releases, events } = await readHistory(project);
  const { deployment, bars } = await readJson<Pick<Recorded, 'deployment' | 'bars'>>(project, 'status');
  const model = await readJson<{
    readonly versions: readonly number[];
    readonly aliases: Readonly<Record<string, number>>;
    readonly history: readonly object[];
  }>(project, 'model', 'show', 'tiny:stable');
  const kinds = events.map(({ kind }) => kind).sort();
  return {
    releases,
    deployment,
    bars,
    aliases: model.aliases,
    aliasMoves: model.history.length,
    modelVersions: model.versions,
    events: events.length,
    eventsByKind: Object.fromEntries([...new Set(kinds)].map((kind) => [kind, kinds.filter((k) => k === kind).length])),
  };
}

/** All releases and all events, oldest first. */
export async function readHistory(
  project: UserProject,
): Promise<{ readonly releases: readonly RecordedRelease[]; readonly events: readonly RecordedEvent[] }> {
  return readJson(project, 'history', '--last', '9999');
}

async function readJson<T>(project: UserProject, ...words: readonly string[]): Promise<T> {
  return JSON.parse(await project.passing(...words, '--json')) as T;
}
