import { readSubjects } from '../judge/judge-checkout.ts';
import type { LoadedContract } from '../../core/contract/contract.ts';
import type { FeatureSources } from '../../core/evidence/features/feature-view.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { SubjectDigests } from '../../core/evidence/subjects.ts';
import type { Project } from '../../ports/project/project.ts';
import type { ProvingPorts } from '../ports.ts';
import { readPlace } from './measured-place.ts';

/** What is measured: the pins, and every subject as it was when the measuring began. Evidence is bound to these. */
export interface Measuring {
  readonly project: Project;
  readonly loaded: LoadedContract;
  readonly environment: string;
  readonly pinned: LockedEnvironment;
  readonly subjects: SubjectDigests;
  /** What computed the features, as the subjects have it. */
  readonly features: FeatureSources;
}

/** Call it before anything is measured: what is edited from then on is not what was measured. */
export async function beginMeasuring(
  project: Project,
  loaded: LoadedContract,
  environment: string,
  pinned: LockedEnvironment,
): Promise<Measuring> {
  return { project, loaded, environment, pinned, ...(await readSubjects(project, environment)) };
}

/** As `beginMeasuring`, for what a replica on this machine shows: evidence for a cluster is of the devices that are here. */
export async function beginMeasuringHere(
  context: Pick<ProvingPorts, 'nodeProbe' | 'signal'>,
  ...asked: Parameters<typeof beginMeasuring>
): Promise<Measuring> {
  const measuring = await beginMeasuring(...asked);
  const { project, loaded, environment, subjects } = measuring;
  const place = await readPlace(context, project, loaded.contract, environment);
  return { ...measuring, subjects: { ...subjects, ...place } };
}
