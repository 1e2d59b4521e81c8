import type { Contract } from '../../core/contract/contract.ts';
import { featurePaths } from '../../core/contract/feature-programs.ts';
import type { FeatureSources, FeatureViews } from '../../core/evidence/features/feature-view.ts';
import type { Project } from '../../ports/project/project.ts';

/**
 * What computes features as the checkout has it: the files where `features` names some, and the views that were read.
 * @throws PlimsollError as `Project.featureFiles`.
 */
export async function checkoutFeatures(
  project: Pick<Project, 'featureFiles'>,
  contract: Contract,
  views: FeatureViews | null,
): Promise<Partial<FeatureSources>> {
  const files = featurePaths(contract).length === 0 ? null : await project.featureFiles();
  return {
    ...(files === null ? {} : { files: Object.fromEntries(files.map(({ path, digest }) => [path, digest])) }),
    ...(views === null ? {} : { views }),
  };
}
