import type { Digest } from '../units/digest.ts';
import { shortDigest } from '../units/digest.ts';
import type { DataVersion, ModelVersion } from './model-version.ts';

export type LineageNode =
  | { readonly id: string; readonly kind: 'model'; readonly name: string; readonly version: number; readonly digest: Digest; readonly aliases: readonly string[]; readonly source: string | null; readonly atMs: number; readonly by: string }
  | { readonly id: string; readonly kind: 'data'; readonly name: string; readonly version: number | null; readonly digest: Digest; readonly rows: number | null }
  | { readonly id: string; readonly kind: 'code'; readonly digest: Digest }
  | { readonly id: string; readonly kind: 'release'; readonly service: string; readonly number: number; readonly atMs: number; readonly by: string }; // prettier-ignore

/** `from` came out of, or runs with, `to`. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'trained-on' | 'preprocessing' | 'parent' | 'releases' | 'runs-code';
}

/** Stable JSON: the command line prints it, and the page draws it. Nodes come before what came out of them. */
export interface LineageGraph {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

export interface LineageFacts {
  readonly versions: readonly ModelVersion[];
  /** The one version that is asked for, with what it came out of; null for all of the model. */
  readonly only: number | null;
  readonly aliases: Readonly<Record<string, number>>;
  readonly data: readonly Pick<DataVersion, 'name' | 'version' | 'digest' | 'rows'>[];
  /** Of the service; those with another model are left out. */
  readonly releases: readonly ReleaseFacts[];
}

export interface ReleaseFacts {
  readonly service: string;
  readonly number: number;
  readonly code: { readonly digest: Digest };
  readonly model: { readonly name: string; readonly version: number };
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** Where model versions came from and which releases used them. Names that nothing is registered under stay in the graph. */
export function lineageGraph(facts: LineageFacts): LineageGraph {
  const versions = chosen(facts);
  const releases = facts.releases.filter(({ model }) =>
    versions.some(({ name, version }) => name === model.name && version === model.version),
  );
  const data = new Map<string, LineageNode>();
  const code = new Map<string, LineageNode>();
  const edges: LineageEdge[] = [];
  const codeNode = (digest: Digest): string => {
    const id = `code:${shortDigest(digest)}`;
    code.set(id, { id, kind: 'code', digest });
    return id;
  };
  for (const version of versions) {
    const from = modelId(version);
    const { trainedOn, preprocessing, parent } = version.lineage;
    if (trainedOn !== undefined) {
      const node = dataNode(trainedOn, facts.data);
      data.set(node.id, node);
      edges.push({ from, to: node.id, kind: 'trained-on' });
    }
    if (preprocessing !== undefined) edges.push({ from, to: codeNode(preprocessing), kind: 'preprocessing' });
    if (parent !== undefined)
      edges.push({ from, to: modelId({ name: version.name, version: parent }), kind: 'parent' });
  }
  for (const release of releases) {
    const from = releaseId(release);
    edges.push({ from, to: modelId(release.model), kind: 'releases' });
    edges.push({ from, to: codeNode(release.code.digest), kind: 'runs-code' });
  }
  const models = versions.map((version) => modelNode(version, facts.aliases));
  const released = releases.map((release): LineageNode => ({
    id: releaseId(release),
    kind: 'release',
    service: release.service,
    number: release.number,
    atMs: release.createdAtMs,
    by: release.createdBy,
  }));
  const nodes = [...data.values(), ...code.values(), ...models, ...released];
  return { nodes, edges: edges.filter(({ to }) => nodes.some(({ id }) => id === to)) };
}

/** With the parents of the version asked for. A parent is always older, so that no circle can be walked. */
function chosen({ versions, only }: LineageFacts): readonly ModelVersion[] {
  if (only === null) return versions;
  const taken: ModelVersion[] = [];
  for (let next: number | undefined = only; next !== undefined;) {
    const found: ModelVersion | undefined = versions.find(({ version }) => version === next);
    if (found === undefined) break;
    taken.unshift(found);
    const { parent } = found.lineage;
    next = parent !== undefined && parent < found.version ? parent : undefined;
  }
  return taken;
}

const modelId = ({ name, version }: { readonly name: string; readonly version: number }): string =>
  `model:${name}:${version}`;
const releaseId = ({ service, number }: ReleaseFacts): string => `release:${service}:${number}`;

function modelNode(version: ModelVersion, aliases: LineageFacts['aliases']): LineageNode {
  const { name, digest, lineage, createdAtMs, createdBy } = version;
  return {
    id: modelId(version),
    kind: 'model',
    name,
    version: version.version,
    digest,
    aliases: Object.keys(aliases)
      .filter((alias) => aliases[alias] === version.version)
      .sort(),
    source: lineage.source ?? null,
    atMs: createdAtMs,
    by: createdBy,
  };
}

function dataNode(
  trainedOn: { readonly data: string; readonly digest: Digest },
  known: LineageFacts['data'],
): LineageNode {
  const found = known.find(({ name, version }) => `${name}:${version}` === trainedOn.data);
  const [name = trainedOn.data, version] = trainedOn.data.split(':');
  return {
    id: `data:${trainedOn.data}`,
    kind: 'data',
    name,
    version: version === undefined || !/^\d+$/.test(version) ? null : Number(version),
    digest: trainedOn.digest,
    rows: found?.rows ?? null,
  };
}
