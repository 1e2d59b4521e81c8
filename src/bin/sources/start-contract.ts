import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Project } from '../../ports/project/project.ts';

/**
 * The contract that a node is checked against when a replica starts there: the one that is there now, while it asks for
 * hardware and nobody has waived that. A contract that somebody is just writing holds up no replica that is started again.
 */
export function startContractOf(project: Project, environment: string, clock: Clock): () => Promise<string | null> {
  return async () => {
    const loaded = await project.contract().catch(() => null);
    if (loaded === null || loaded.contract.hardware === undefined) return null;
    const states = await judgeCheckout(project, environment, clock.nowMs()).catch(() => []);
    return states.some(({ kind, waiver }) => kind === 'hardware' && waiver !== undefined) ? null : loaded.file;
  };
}
