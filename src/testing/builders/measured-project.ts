import { coldStartRecord, type MeasuredStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { checkoutSubjects } from '../../prove/judge/judge-checkout.ts';
import { makeMemoryProject, type MemoryProject } from '../fakes/memory/memory-project.ts';
import { measuredCapacity } from './capacity-builders.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from './evidence-builders.ts';

const starts: readonly MeasuredStart[] = Array.from({ length: 30 }, (_, at) => ({
  totalMs: 900 + 10 * at,
  outcome: 'ready' as const,
  phases: [],
}));

/** A project whose starts and capacity are measured and fresh: starts take 0.9 to 1.2 s, a replica carries 262 requests/s. */
export async function measuredProject(
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<MemoryProject> {
  const project = makeMemoryProject({ contract: text, files });
  const locked = buildLockedEnvironment({
    code: { digest: (await project.codeDigest('default')) ?? digest('image'), files: {} },
  });
  await project.changeLock(() => buildLock({ default: locked }));
  const present = await checkoutSubjects(project, 'default');
  const tiers = { 'node-disk': { prepared: 'page cache dropped', starts } };
  const measured = coldStartRecord({ coldStartVersion: 1, platform: 'local', timeoutMs: 60_000, tiers });
  const evidence = {
    'cold-start': buildEvidence('cold-start', present, { measurements: measured }),
    capacity: buildEvidence('capacity', present, { measurements: { ...measuredCapacity } }),
  };
  await project.changeLock(() => buildLock({ default: { ...locked, evidence } }));
  return project;
}
