import { block, integer, joined, word, type Encoded } from './onnx-encoder.ts';

/** Writes registries of Feast in their file form (protos/feast/core of Feast 0.67), to read them in tests. */
export interface FeastRegistryFacts {
  readonly schemaVersion?: string;
  readonly project?: string;
  /** Changes what each writing of a registry changes: times, the version id, the state of a view. */
  readonly writing?: number;
  readonly entities?: readonly string[];
  readonly views?: readonly FeastViewFacts[];
  readonly onDemand?: readonly FeastOnDemandFacts[];
  readonly services?: readonly FeastServiceFacts[];
  /** More fields of the registry. */
  readonly more?: readonly Encoded[];
}

export interface FeastViewFacts {
  readonly name: string;
  readonly entity?: string;
  /** Name to the number of its type: 4 INT64, 5 DOUBLE, 6 FLOAT. */
  readonly features: Readonly<Record<string, number>>;
  readonly path?: string;
  readonly fieldMapping?: readonly (readonly [string, string])[];
  readonly ttlSeconds?: number;
  /** Of a batch transformation. */
  readonly code?: string;
  readonly description?: string;
  readonly more?: readonly Encoded[];
}

export interface FeastOnDemandFacts {
  readonly name: string;
  readonly features: Readonly<Record<string, number>>;
  readonly of: string;
  readonly reads: Readonly<Record<string, number>>;
  readonly code: string;
  /** Bytes of the pickled function. */
  readonly body?: string;
}

export interface FeastServiceFacts {
  readonly name: string;
  readonly selects: readonly { readonly view: string; readonly features: Readonly<Record<string, number>> }[];
}

export function feastRegistry(facts: FeastRegistryFacts): Uint8Array {
  const { schemaVersion = '1', project = 'rides', writing = 1, entities = ['driver'] } = facts;
  const { views = [], onDemand = [], services = [], more = [] } = facts;
  return joined(
    ...entities.map((name) =>
      block(1, block(1, word(1, name), integer(2, 4), word(4, `${name}_id`), word(9, project))),
    ),
    word(3, schemaVersion),
    word(4, `id ${writing}`),
    block(5, integer(1, writing)),
    ...views.map((view) => block(6, block(1, ...viewSpec(view, project, writing)), block(2, time(1, writing)))),
    ...services.map(({ name, selects }) =>
      block(
        7,
        block(1, word(1, name), word(2, project), ...selects.map((each) => block(3, ...projection(each, writing)))),
        block(2, time(1, writing)),
      ),
    ),
    ...onDemand.map((view) => block(8, block(1, ...onDemandSpec(view, project, writing)), block(2, time(1, writing)))),
    ...more,
  );
}

const time = (field: number, seconds: number): Encoded => block(field, integer(1, seconds));

const columns = (field: number, of: Readonly<Record<string, number>>): readonly Encoded[] =>
  Object.entries(of).map(([name, type]) => block(field, word(1, name), integer(2, type), word(4, 'described')));

function viewSpec(view: FeastViewFacts, project: string, writing: number): readonly Encoded[] {
  const { name, entity = 'driver', features, ttlSeconds = 86_400, code, description = 'described', more = [] } = view;
  return [
    ...[word(1, name), word(2, project), word(3, entity), ...columns(4, features), word(10, description)],
    ...[
      block(6, integer(1, ttlSeconds)),
      block(7, ...fileSource(view, writing)),
      block(12, word(1, `${entity}_id`), integer(2, 4)),
    ],
    ...(code === undefined ? [] : [block(15, block(1, word(1, 'f'), word(2, `pickled ${writing}`), word(3, code)))]),
    ...more,
  ];
}

/** The first writing names the class of the source, as Feast does. */
function fileSource({ name, path = 'data/a.parquet', fieldMapping = [] }: FeastViewFacts, writing: number) {
  return [
    ...[integer(1, 1), word(3, 'event_timestamp'), block(11, word(2, path)), word(20, `${name}_source`)],
    ...fieldMapping.map(([from, to]) => block(2, word(1, from), word(2, to))),
    ...(writing === 1 ? [word(17, 'feast.FileSource')] : []),
    block(50, time(3, writing), time(4, writing)),
  ];
}

const projection = ({ view, features }: FeastServiceFacts['selects'][number], writing: number): readonly Encoded[] => [
  word(1, view),
  ...columns(2, features),
  block(8, block(50, time(3, writing))),
];

function onDemandSpec(
  { name, features, of, reads, code, body = '' }: FeastOnDemandFacts,
  project: string,
  writing: number,
): readonly Encoded[] {
  const view = block(2, block(3, ...projection({ view: of, features: reads }, writing)));
  const request = block(2, block(2, integer(1, 7), word(20, 'asked'), block(18, ...columns(3, { distance: 5 }))));
  const sources = [block(4, word(1, of), view), block(4, word(1, 'asked'), request)];
  return [
    ...[word(1, name), word(2, project), ...columns(3, features), word(11, 'pandas'), word(13, '__dummy')],
    // A map: its order is another one each time.
    ...(writing % 2 === 0 ? sources.toReversed() : sources),
    block(10, block(1, word(1, name), word(2, `${body} ${writing}`), word(3, code), word(4, 'pandas'))),
  ];
}
