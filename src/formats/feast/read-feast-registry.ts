import type { FeatureViews } from '../../core/evidence/features/feature-view.ts';
import {
  feastInDatabase,
  feastInvalid,
  feastProjectsSeveral,
  feastUnknown,
  feastVersionUnknown,
} from './feast-errors.ts';
import { messageOf, messagesOf, nameIn, readMessage, stringOf, type Message } from './feast-message.ts';
import { readFeatureService, readFeatureView, sourceViews, type SelectedColumns, type ViewForm } from './feast-view.ts';

/** Which views and services of a registry are read. */
export interface FeastSelection {
  /** Left out where the registry holds one project. */
  readonly project?: string;
  readonly featureViews: readonly string[];
  readonly featureServices: readonly string[];
}

/** Largest registry that is read: it holds no data, and those of thousands of views are a few MB. */
export const feastBytesAtMost = 64 * 1024 * 1024;
const viewsAtMost = 256;
const schemaVersion = '1';

/** Fields of `feast.core.Registry` with views, by their form (protos/feast/core/Registry.proto of Feast 0.67). */
const viewFields: readonly (readonly [number, ViewForm])[] = [
  [6, 'batch'],
  [8, 'on-demand'],
  [14, 'stream'],
  [19, 'label'],
];
const entitiesField = 1;
const servicesField = 7;

interface Found {
  readonly form: ViewForm;
  readonly spec: Message;
}

/** One project of a registry: specs by name. */
interface Project {
  readonly name: string;
  readonly entities: ReadonlyMap<string, Message>;
  readonly views: ReadonlyMap<string, Found>;
  readonly services: ReadonlyMap<string, Message>;
}

/**
 * Reads what defines the selected feature views and services, and the views that these build on. Of a view that only a service or an
 * on-demand view names, the features that it selects.
 * @throws PlimsollError `feast-invalid`, `feast-version-unknown`, `feast-projects-several` (input); `feast-unknown` (not-found)
 * names the views that are there.
 */
export async function readFeastRegistry(bytes: Uint8Array, selection: FeastSelection): Promise<FeatureViews> {
  const registry = await readMessage(refuseDatabase(bytes));
  const version = stringOf(registry, 3);
  if (version !== schemaVersion) {
    if (version === '' || !/^[\w.-]{1,40}$/.test(version)) throw feastInvalid('it names no schema version');
    throw feastVersionUnknown(version, schemaVersion);
  }
  const project = await readProject(registry, selection.project);
  const { services, wanted } = await selectColumns(project, selection);
  const views = new Map(Object.entries(services));
  for (const [name, columns] of wanted) {
    const { form, spec } = viewNamed(project, name);
    views.set(`${project.name}/${name}`, await readFeatureView(form, spec, project.entities, columns));
  }
  return Object.fromEntries([...views].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refuseDatabase(bytes: Uint8Array): Uint8Array {
  if (bytes.length > feastBytesAtMost) throw feastInvalid(`it has more than ${feastBytesAtMost / 1024 / 1024} MiB`);
  const head = 'SQLite format 3';
  if (String.fromCharCode(...bytes.subarray(0, head.length)) === head) throw feastInDatabase();
  return bytes;
}

/** The services, and every view that they and the named views need, with the columns of it that count. */
async function selectColumns(project: Project, { featureViews, featureServices }: FeastSelection) {
  const services: Record<string, FeatureViews[string]> = {};
  const wanted = new Map<string, SelectedColumns>();
  const open: (readonly [string, SelectedColumns])[] = featureViews.map((name) => [name, 'all'] as const);
  for (const name of featureServices) {
    const spec = project.services.get(name);
    if (spec === undefined) throw feastUnknown('feature service', name, [...project.services.keys()].sort());
    const { view, selected } = await readFeatureService(spec);
    services[`${project.name}/service/${name}`] = view;
    open.push(...selected);
  }
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [name, columns] = next;
    const before = wanted.get(name);
    wanted.set(name, before === undefined ? columns : joined(before, columns));
    if (before !== undefined) continue;
    if (wanted.size > viewsAtMost) throw feastInvalid(`more than ${viewsAtMost} feature views are selected`);
    const { form, spec } = viewNamed(project, name);
    if (form === 'on-demand') open.push(...(await sourceViews(spec)));
  }
  return { services, wanted };
}

const joined = (a: SelectedColumns, b: SelectedColumns): SelectedColumns =>
  a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b]);

function viewNamed(project: Project, name: string): Found {
  const found = project.views.get(name);
  if (found !== undefined) return found;
  throw feastUnknown('feature view', name, [...project.views.keys()].sort());
}

/** An item of a registry with its project. */
interface Item {
  readonly project: string;
  readonly name: string;
  readonly spec: Message;
}

async function readProject(registry: Message, wanted: string | undefined): Promise<Project> {
  const views: (Item & Found)[] = [];
  for (const [field, form] of viewFields) {
    for (const item of await itemsOf(registry, field, 2)) views.push({ ...item, form });
  }
  const services = await itemsOf(registry, servicesField, 2);
  const projects = [...new Set([...views, ...services].map(({ project }) => project))].sort();
  const name = wanted ?? (projects.length === 1 ? projects[0] : undefined);
  if (name === undefined)
    throw projects.length === 0 ? feastInvalid('it has no feature view') : feastProjectsSeveral(projects);
  if (!projects.includes(name)) throw feastUnknown('project', name, projects);
  const entities = await itemsOf(registry, entitiesField, 9);
  return {
    name,
    entities: byName(entities, name, 'entities', ({ spec }) => spec),
    views: byName(views, name, 'feature views', ({ form, spec }) => ({ form, spec })),
    services: byName(services, name, 'feature services', ({ spec }) => spec),
  };
}

/** Each has its spec in field 1, and there its name in field 1. */
async function itemsOf(registry: Message, field: number, projectField: number): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const message of await messagesOf(registry, field)) {
    const spec = await messageOf(message, 1);
    items.push({ name: nameIn(spec, 1), project: nameIn(spec, projectField), spec });
  }
  return items;
}

function byName<I extends Item, T>(
  items: readonly I[],
  project: string,
  what: string,
  of: (item: I) => T,
): ReadonlyMap<string, T> {
  const named = new Map<string, T>();
  for (const item of items) {
    if (item.project !== project) continue;
    if (named.has(item.name)) throw feastInvalid(`it has two ${what} ${item.name}`);
    named.set(item.name, of(item));
  }
  return named;
}
