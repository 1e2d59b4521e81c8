import type { FeatureView } from '../../core/evidence/features/feature-view.ts';
import { digestOf, digestOfBytes, type Digest } from '../../core/units/digest.ts';
import { feastInvalid } from './feast-errors.ts';
import {
  bytesOf,
  digestOfMessage,
  messageOf,
  messagesOf,
  nameIn,
  nameOf,
  numberOf,
  stringOf,
  type Message,
  type Shape,
} from './feast-message.ts';
import { typeName } from './feast-types.ts';

export type ViewForm = Exclude<FeatureView['kind'], 'service'>;

/** Which features of a view count. */
export type SelectedColumns = 'all' | ReadonlySet<string>;

/** Field numbers of one form of view (protos/feast/core of Feast 0.67); 0 where it has no such field. */
interface ViewFields {
  readonly entities: number;
  readonly entityColumns: number;
  readonly features: number;
  readonly ttl: number;
  readonly dataSources: readonly number[];
  /** `feature_transformation`, and `user_defined_function` of earlier versions. */
  readonly transformation: number;
  readonly function: number;
  /** Besides these: tags, descriptions, owners, and whether and where the view is served. */
  readonly uncounted: readonly number[];
}

const fieldsOf: Readonly<Record<ViewForm, ViewFields>> = {
  batch: {
    ...{ entities: 3, entityColumns: 12, features: 4, ttl: 6, dataSources: [7, 9], transformation: 15, function: 0 },
    uncounted: [1, 2, 5, 8, 10, 11, 13, 14, 17, 18, 19, 20],
  },
  stream: {
    ...{ entities: 3, entityColumns: 5, features: 4, ttl: 9, dataSources: [10, 11], transformation: 17, function: 13 },
    uncounted: [1, 2, 6, 7, 8, 12, 20, 21, 22, 23],
  },
  'on-demand': {
    ...{ entities: 13, entityColumns: 14, features: 3, ttl: 0, dataSources: [], transformation: 10, function: 5 },
    uncounted: [1, 2, 4, 6, 7, 8, 12, 17, 18, 19],
  },
  label: {
    ...{ entities: 3, entityColumns: 11, features: 4, ttl: 6, dataSources: [7], transformation: 0, function: 0 },
    uncounted: [1, 2, 5, 8, 9, 10],
  },
};

const featuresAtMost = 5_000;

/** A view without entities has this one. */
const noEntity = '__dummy';

/**
 * What defines a view.
 * @param columns features that count.
 * @throws PlimsollError `feast-invalid`.
 */
export async function readFeatureView(
  form: ViewForm,
  spec: Message,
  entities: ReadonlyMap<string, Message>,
  columns: SelectedColumns,
): Promise<FeatureView> {
  const fields = fieldsOf[form];
  const transformation = await readTransformation(spec, fields);
  const skipped = Object.values(fields).flat();
  const features = (await readColumns(spec, fields.features)).filter(
    ([name]) => columns === 'all' || columns.has(name),
  );
  return {
    kind: form,
    entities: await readEntities(spec, fields, entities),
    features: Object.fromEntries(features),
    sources: Object.fromEntries(await readSources(form, spec, fields)),
    ...(transformation === null ? {} : { transformation }),
    ttlSeconds: fields.ttl === 0 ? 0 : numberOf(await messageOf(spec, fields.ttl), 1),
    rest: await digestOfMessage(spec, skippedShape(skipped)),
  };
}

function skippedShape(fields: readonly number[]): Shape {
  return Object.fromEntries(fields.map((field) => [field, 'skip'] as const));
}

/** Name and type of each column, in order. A feature of a vector index has its metric and length beside its type. */
async function readColumns(message: Message, field: number): Promise<readonly (readonly [string, string])[]> {
  const columns = new Map<string, string>();
  for (const column of await messagesOf(message, field)) {
    const name = nameIn(column, 1);
    const vector = numberOf(column, 5) === 0 ? '' : ` vector ${stringOf(column, 6)} ${numberOf(column, 7)}`;
    if (columns.has(name)) throw feastInvalid(`a feature view has two columns ${name}`);
    columns.set(name, `${typeName(numberOf(column, 2))}${vector}`.slice(0, 200));
    if (columns.size > featuresAtMost) throw feastInvalid(`a feature view has more than ${featuresAtMost} columns`);
  }
  return [...columns];
}

/** Earlier versions of Feast leave the columns of entities out: the type is that of the entity then. */
async function readEntities(
  spec: Message,
  fields: ViewFields,
  entities: ReadonlyMap<string, Message>,
): Promise<FeatureView['entities']> {
  const columns = new Map(await readColumns(spec, fields.entityColumns));
  const keys = bytesOf(spec, fields.entities)
    .map(nameOf)
    .filter((name) => name !== noEntity)
    .map((name): readonly [string, string] => {
      const entity = entities.get(name);
      if (entity === undefined) throw feastInvalid(`a feature view names the entity ${name}, which is not there`);
      const key = nameIn(entity, 4);
      return [key, columns.get(key) ?? typeName(numberOf(entity, 2))];
    });
  return Object.fromEntries(keys);
}

/** The source text; of a function without any its pickled bytes, which also change when Python does. */
async function readTransformation(spec: Message, fields: ViewFields): Promise<Digest | null> {
  const transformation = await messageOf(spec, fields.transformation);
  const substrait = await messageOf(transformation, 2);
  if (substrait.size > 0)
    return digestOf({ substrait: digestOfBytes(bytesOf(substrait, 1).at(-1) ?? new Uint8Array()) });
  const own = await messageOf(transformation, 1);
  const written = own.size > 0 ? own : await messageOf(spec, fields.function);
  if (written.size === 0) return null;
  const text = stringOf(written, 3);
  const body = text === '' ? digestOfBytes(bytesOf(written, 2).at(-1) ?? new Uint8Array()) : text;
  return digestOf({ name: stringOf(written, 1), mode: stringOf(written, 4), body });
}

async function readSources(
  form: ViewForm,
  spec: Message,
  { dataSources }: ViewFields,
): Promise<readonly (readonly [string, Digest])[]> {
  const sources: (readonly [string, Digest])[] = [];
  for (const field of dataSources) {
    for (const source of await messagesOf(spec, field)) sources.push(await readDataSource(source));
  }
  if (form === 'batch') {
    for (const source of await messagesOf(spec, 14)) {
      sources.push([`view ${nameIn(source, 1)}`, await digestOfMessage(source, sourceViewShape)]);
    }
  }
  if (form !== 'on-demand') return sources;
  for (const source of await onDemandSources(spec)) {
    if (source.kind === 'request') sources.push(await readDataSource(source.message));
    else sources.push([`view ${source.name}`, await digestOfProjection(source.message)]);
  }
  return sources;
}

const table: Shape = { 1: { 3: 'sorted' }, 2: { 2: 'sorted' }, 3: { 4: 'sorted' }, 4: { 5: 'sorted' } };

/**
 * `DataSource`: the class, which some writings of Feast 0.67 leave out, counts for a custom source alone. Project, name, description, tags, owner and times do not count; maps have no order.
 */
const dataSourceShape: Shape = {
  ...{ 20: 'skip', 21: 'skip', 23: 'skip', 24: 'skip', 25: 'skip', 26: 'skip', 50: 'skip', 17: 'skip', 2: 'sorted' },
  11: { 1: { 2: { 2: 'sorted' } } },
  18: { 2: 'sorted', 3: { 3: 'skip', 4: 'skip' } },
  27: { 6: table },
};

/** `FeatureViewSpec` of a view that another one reads: what is skipped is as in `fieldsOf`. */
const sourceViewShape: Record<number, 'skip' | Shape> = {
  ...skippedShape([2, ...fieldsOf.batch.uncounted].filter((field) => field !== 1 && field !== 14)),
  ...{ 7: dataSourceShape, 9: dataSourceShape, 4: { 3: 'skip', 4: 'skip' }, 12: { 3: 'skip', 4: 'skip' } },
  15: { 1: { 2: 'skip' } },
};
sourceViewShape[14] = sourceViewShape;

async function readDataSource(source: Message): Promise<readonly [string, Digest]> {
  const batch = await messageOf(source, 26);
  const digests = [await digestOfDataSource(source)];
  if (batch.size > 0) digests.push(await digestOfDataSource(batch));
  return [stringOf(source, 20) === '' ? 'unnamed' : nameIn(source, 20), digestOf(digests)];
}

const customSource = 6;

async function digestOfDataSource(source: Message): Promise<Digest> {
  const fields = await digestOfMessage(source, dataSourceShape);
  return numberOf(source, 1) === customSource ? digestOf([fields, stringOf(source, 17)]) : fields;
}

type OnDemandSource =
  | { readonly kind: 'request'; readonly message: Message }
  | { readonly kind: 'view'; readonly name: string; readonly message: Message };

/** `OnDemandSource`: a projection, a request, or in earlier versions a whole view. */
async function onDemandSources(spec: Message): Promise<readonly OnDemandSource[]> {
  const sources: OnDemandSource[] = [];
  for (const entry of await messagesOf(spec, 4)) {
    const source = await messageOf(entry, 2);
    if (source.has(2)) sources.push({ kind: 'request', message: await messageOf(source, 2) });
    const whole = await messageOf(await messageOf(source, 1), 1);
    if (whole.size > 0) sources.push({ kind: 'view', name: nameIn(whole, 1), message: new Map() });
    const projection = await messageOf(source, 3);
    if (projection.size > 0) sources.push({ kind: 'view', name: nameIn(projection, 1), message: projection });
  }
  return sources;
}

/** The views that an on-demand view computes from, with the features of them that it reads. */
export async function sourceViews(spec: Message): Promise<readonly (readonly [string, SelectedColumns])[]> {
  const views: (readonly [string, SelectedColumns])[] = [];
  for (const source of await onDemandSources(spec)) {
    if (source.kind === 'view') views.push([source.name, selected(await readColumns(source.message, 2))]);
  }
  return views;
}

const selected = (columns: readonly (readonly [string, string])[]): SelectedColumns =>
  columns.length === 0 ? 'all' : new Set(columns.map(([name]) => name));

/** What a projection changes: its alias, the order of its columns, renamed join keys, and the version that it names. */
const projectionShape: Shape = {
  5: 'skip',
  6: 'skip',
  7: 'skip',
  8: 'skip',
  9: 'skip',
  4: 'sorted',
  2: { 3: 'skip', 4: 'skip' },
};

const digestOfProjection = (projection: Message): Promise<Digest> => digestOfMessage(projection, projectionShape);

/** A feature service with the views that it names. */
export async function readFeatureService(spec: Message): Promise<{
  readonly view: FeatureView;
  readonly selected: readonly (readonly [string, SelectedColumns])[];
}> {
  const features: (readonly [string, string])[] = [];
  const projections: Digest[] = [];
  const views: (readonly [string, SelectedColumns])[] = [];
  for (const projection of await messagesOf(spec, 3)) {
    const name = nameIn(projection, 1);
    const columns = await readColumns(projection, 2);
    const alias = stringOf(projection, 3) === '' ? name : nameIn(projection, 3);
    features.push(...columns.map(([column, type]) => [nameOfColumn(alias, column), type] as const));
    projections.push(await digestOfProjection(projection));
    views.push([name, selected(columns)]);
  }
  const view: FeatureView = {
    ...{ kind: 'service', entities: {}, sources: {}, ttlSeconds: 0 },
    features: Object.fromEntries(features),
    rest: digestOf(projections),
  };
  return { view, selected: views };
}

const nameOfColumn = (view: string, column: string): string => `${view}:${column}`.slice(0, 200);
