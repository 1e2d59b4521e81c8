import { PlimsollError } from '../../units/errors.ts';
import { nearest } from '../../units/nearest.ts';
import type { NamedNode } from './named-task.ts';

const nodesMoreAtMost = 10_000;

/**
 * Returns the nodes after a change that somebody considers.
 *
 * | change | means |
 * |---|---|
 * | `add=2xNODE` | two more nodes like NODE; `add=NODE` is one |
 * | `drain=NODE` | without NODE |
 *
 * @throws PlimsollError `what-if-invalid` (input), with the form or the nearest name.
 */
export function changeNodes(nodes: readonly NamedNode[], change: string): readonly NamedNode[] {
  const [, kind, count, name = ''] = /^(add|drain)=(?:(\d{1,5})x)?(.+)$/.exec(change) ?? [];
  if (kind === undefined || (kind === 'drain' && count !== undefined)) {
    throw invalid(`"${change.slice(0, 80)}" is no change`, 'add=2xNODE or drain=NODE');
  }
  const found = nodes.find((node) => node.name === name);
  if (found === undefined) {
    const meant = nearest(
      name,
      nodes.map((node) => node.name),
    );
    throw invalid(
      `there is no node ${name.slice(0, 80)}`,
      meant === null ? 'name a node of the list' : `is it ${meant}?`,
    );
  }
  if (kind === 'drain') return nodes.filter((node) => node !== found);
  const more = Number(count ?? 1);
  if (more === 0 || more > nodesMoreAtMost) throw invalid(`${more} nodes cannot be added`, `1 to ${nodesMoreAtMost}`);
  const taken = new Set(nodes.map((node) => node.name));
  const added = Array.from({ length: more }, (_, at) => {
    let number = at + 1;
    while (taken.has(`${name}+${number}`)) number += 1;
    taken.add(`${name}+${number}`);
    return { name: `${name}+${number}`, shape: found.shape };
  });
  return [...nodes, ...added];
}

const invalid = (message: string, next: string): PlimsollError =>
  new PlimsollError({ code: 'what-if-invalid', category: 'input', message: `--what-if: ${message}`, next });
