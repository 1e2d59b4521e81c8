import type { Project } from '../ports/project.ts';

/**
 * The contract that a node is checked against when a replica starts there: the one that is there now, while it asks for
 * hardware. A contract that somebody is just writing holds up no replica that is started again.
 */
export function startContractOf(project: Project): () => Promise<string | null> {
  return async () => {
    const loaded = await project.contract().catch(() => null);
    return loaded === null || loaded.contract.hardware === undefined ? null : loaded.file;
  };
}
