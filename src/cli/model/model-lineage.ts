import { lineageGraph, type LineageGraph, type LineageNode } from '../../core/registry/lineage-graph.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { timeText } from '../terminal/time-text.ts';
import { resolveModel, splitReference } from '../../prove/artifacts/registry-reference.ts';
import { textOfLines } from '../terminal/table.ts';

/** The graph of a model, or of one version with what it came out of. */
export async function runModelLineage(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const given = (args[0] ?? '').replace('@', ':');
  const environment = await context.environment();
  const store = await context.store();
  const found = await resolveModel(store, environment, given);
  const { contract } = await (await context.project()).contract();
  const names = await store.dataNames(environment);
  const graph = lineageGraph({
    versions: await store.modelVersions(environment, found.name),
    only: splitReference(given).which === null ? null : found.version,
    aliases: await store.aliases(environment, found.name),
    data: (await Promise.all(names.map((name) => store.dataVersions(environment, name)))).flat(),
    releases: await store.releases(contract.service, environment),
  });
  return { exit: 0, json: { environment, name: found.name, ...graph }, text: lineageText(graph) };
}

/** Each model version with what it came out of below it, and the releases that used it. */
export function lineageText({ nodes, edges }: LineageGraph): string {
  const named = new Map(nodes.map((node) => [node.id, node]));
  const label = (id: string): string => (named.has(id) ? labelOf(named.get(id) as LineageNode) : id);
  const models = nodes.filter(({ kind }) => kind === 'model');
  return textOfLines(
    models.flatMap(({ id }) => {
      const origins = edges
        .filter(({ from }) => from === id)
        .map(({ to, kind }) => `${kind.replace('-', ' ')} ${label(to)}`);
      const uses = edges
        .filter(({ to, kind }) => to === id && kind === 'releases')
        .map(({ from }) => {
          const code = edges.find((edge) => edge.from === from && edge.kind === 'runs-code');
          return `released as ${label(from)}${code === undefined ? '' : ` with ${label(code.to)}`}`;
        });
      const below = [...origins, ...uses];
      return [label(id), ...below.map((said, at) => `${at === below.length - 1 ? '`-' : '|-'} ${said}`)];
    }),
  );
}

function labelOf(node: LineageNode): string {
  switch (node.kind) {
    case 'model': {
      const aliases = node.aliases.length === 0 ? '' : ` [${node.aliases.join(', ')}]`;
      const source = node.source === null ? '' : ` from ${node.source}`;
      return `model ${node.name}:${node.version} (${shortDigest(node.digest)})${aliases}${source}`;
    }
    case 'data':
      return `data ${node.name}${node.version === null ? '' : `:${node.version}`} (${shortDigest(node.digest)}${node.rows === null ? ', not registered here' : `, ${node.rows.toLocaleString('en-US')} rows`})`;
    case 'code':
      return `code ${shortDigest(node.digest)}`;
    case 'release':
      return `release ${node.number} of ${node.service} (${timeText(node.atMs)} by ${node.by})`;
  }
}
