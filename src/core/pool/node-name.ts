import { PlimsollError } from '../units/errors.ts';
import { isVisibleLine, visibleLine } from '../units/visible-text.ts';

const mostCharacters = 253;

/** A name of one line that is what it looks like. */
export const isNodeName = (name: string): boolean =>
  name.length > 0 && name.length <= mostCharacters && isVisibleLine(name);

/**
 * @param where what the name is of: `nodes.json`, `--name`.
 * @throws PlimsollError `node-name-invalid` (input).
 */
export function requireNodeName(name: string, where: string): void {
  if (isNodeName(name)) return;
  throw new PlimsollError({
    code: 'node-name-invalid',
    category: 'input',
    message:
      name === ''
        ? `${where}: the name of the node is empty`
        : `${where}: \`${visibleLine(name.slice(0, 100))}\` is no name of a node: one line of at most ${mostCharacters} characters is needed, none of which controls a terminal`,
    next: 'name the node as the cluster does, such as gpu-07',
  });
}
