import { chooseEnvironment } from '../../core/contract/choose-environment.ts';
import type { Recomputed } from '../../core/proof/recomputed.ts';
import type { Project } from '../../ports/project/project.ts';
import { recomputeEvaluation, type StoredAnswers } from './recompute-evaluation.ts';
import { recomputeGolden } from './recompute-golden.ts';
import { recomputeHardware } from './recompute-hardware.ts';

/**
 * Measures evidence of a checkout again, as far as what is stored allows: gates from predictions and labels, golden
 * outputs from their file, hardware from pinned facts and the pool's snapshot.
 * @param stored null where neither a registry nor blobs are here.
 * @throws PlimsollError as `Project.contract`, `Project.lock`.
 */
export async function recomputeCheckout(
  project: Project,
  environment: string,
  stored: StoredAnswers | null,
): Promise<readonly Recomputed[]> {
  const loaded = await project.contract();
  chooseEnvironment(loaded.contract, environment);
  const locked = (await project.lock())?.environments[environment];
  if (locked === undefined) return [];
  const found = [
    await recomputeHardware(project, loaded, locked, environment),
    await recomputeGolden(project.folder, loaded, locked),
    await recomputeEvaluation(stored, loaded, locked, environment),
  ];
  return found.filter((one) => one !== null);
}
