import { checkoutSubjects } from '../judge/judge-checkout.ts';
import { describe, expect, it } from 'vitest';
import type { EvidenceKind, Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { asPlimsollError, type PlimsollError } from '../../core/units/errors.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeMemoryProject, type MemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { beginMeasuring, type Measuring } from './measuring.ts';
import { recordEvidence } from './record-evidence.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model], files: [server.py] }
model: { name: digits, version: candidate }
monitoring: { golden: digits-golden }
evaluation: { dataset: digits-holdout, task: classification, gates: [{ metric: accuracy, atLeast: 90% }] }
environments: { staging: {}, prod: {} }
`;
const context = { clock: new FakeClock(5_000_000), user: 'ann', version: '1.2.3' };
const data = {
  'digits-golden': { version: 1, digest: digest('golden data') },
  'digits-holdout': { version: 1, digest: digest('holdout') },
};

async function open(): Promise<{ project: MemoryProject; pinned: LockedEnvironment }> {
  const project = makeMemoryProject({ contract, files: { 'server.py': 'one' } });
  const code = { digest: (await project.codeDigest('staging'))!, files: {} };
  const pinned = buildLockedEnvironment({ code, data });
  project.edit({ lock: buildLock({ staging: pinned, prod: pinned }) });
  return { project, pinned };
}

async function begin(project: MemoryProject, environment = 'staging'): Promise<Measuring> {
  const pinned = (await project.lock())?.environments[environment];
  return beginMeasuring(project, await project.contract(), environment, pinned!);
}

const measured = (kind: EvidenceKind) => ({ kind, measurements: { seen: kind } });
const pin = (lock: Lock, changes: Partial<LockedEnvironment>): Lock =>
  buildLock({ ...lock.environments, staging: { ...lock.environments['staging']!, ...changes } });

async function refusalAfter(kind: EvidenceKind, changes: Partial<LockedEnvironment>): Promise<PlimsollError | null> {
  const { project } = await open();
  const measuring = await begin(project);
  await project.changeLock((lock) => pin(lock!, changes));
  return recordEvidence(context, measuring, measured(kind)).then(
    () => null,
    (thrown: unknown) => asPlimsollError(thrown),
  );
}

describe('recording evidence', () => {
  it('writes what was measured, of what, when and by whom', async () => {
    const { project, pinned } = await open();
    await recordEvidence(context, await begin(project), measured('capacity'));
    const evidence = (await project.lock())?.environments['staging']?.evidence.capacity;
    expect(evidence).toMatchObject({
      kind: 'capacity',
      measurements: { seen: 'capacity' },
      measuredAtMs: 5_000_000,
      by: 'ann',
      plimsollVersion: '1.2.3',
    });
    expect(evidence?.subjects).toMatchObject({ code: pinned.code!.digest, model: pinned.model!.digest });
  });

  it('keeps what was recorded meanwhile, of other kinds and in other environments', async () => {
    const { project } = await open();
    const [staging, prod] = [await begin(project), await begin(project, 'prod')];
    await Promise.all([
      recordEvidence(context, staging, measured('capacity')),
      recordEvidence(context, staging, measured('golden')),
      recordEvidence(context, prod, measured('capacity')),
      recordEvidence(context, prod, measured('cold-start')),
    ]);
    const { environments } = (await project.lock())!;
    expect(Object.keys(environments['staging']!.evidence).sort()).toEqual(['capacity', 'golden']);
    expect(Object.keys(environments['prod']!.evidence).sort()).toEqual(['capacity', 'cold-start']);
  });

  it('replaces its own kind alone', async () => {
    const { project } = await open();
    const old = { capacity: buildEvidence('capacity', {}), golden: buildEvidence('golden', {}) };
    await project.changeLock((lock) => pin(lock!, { evidence: old }));
    await recordEvidence(context, await begin(project), measured('capacity'));
    const evidence = (await project.lock())?.environments['staging']?.evidence;
    expect(evidence?.golden).toEqual(old.golden);
    expect(evidence?.capacity?.measurements).toEqual({ seen: 'capacity' });
  });

  it('refuses when a pin moved that the measurement is of, and names it', async () => {
    const model = { ...buildLockedEnvironment().model!, version: 3, digest: digest('model 3') };
    const error = await refusalAfter('capacity', { model, runtime: { onnxruntime: '9.0.0' } });
    expect(error).toMatchObject({
      code: 'lock-moved',
      category: 'conflict',
      next: 'plimsoll capacity --environment staging',
      details: { environment: 'staging', kind: 'capacity' },
    });
    expect(error?.message).toMatch(
      /^model moved in plimsoll\.lock \(\S+ -> \S+\) while capacity evidence was measured; nothing was recorded$/,
    );
  });

  it('records when only pins moved that the measurement is not of', async () => {
    const moved = { ...data, 'digits-holdout': { version: 2, digest: digest('more rows') } };
    expect(await refusalAfter('capacity', { data: moved, runtime: {} })).toBeNull();
    expect((await refusalAfter('evaluation', { data: moved }))?.message).toContain('dataset moved');
    expect((await refusalAfter('golden', { runtime: {} }))?.message).toContain('runtime moved');
  });

  it('refuses a simulation of a capacity that was measured again meanwhile', async () => {
    const evidence = { capacity: buildEvidence('capacity', {}) };
    expect((await refusalAfter('scaling', { evidence }))?.message).toContain(
      'evidence.capacity moved in plimsoll.lock (not pinned -> ',
    );
  });

  it('leaves a subject alone that only the measurement knows', async () => {
    const { project } = await open();
    const measuring = await begin(project);
    await project.changeLock((lock) => pin(lock!, { deviceClasses: [digest('another cpu')] }));
    const known = { 'device-classes': digest('looked at') };
    await recordEvidence(context, measuring, { ...measured('hardware'), known });
    const subjects = (await project.lock())?.environments['staging']?.evidence.hardware?.subjects;
    expect(subjects?.['device-classes']).toBe(digest('looked at'));
  });

  it('is of the code that was measured, also when that is edited meanwhile', async () => {
    const { project, pinned } = await open();
    const measuring = await begin(project);
    project.edit({ files: { 'server.py': 'two' } });
    await recordEvidence(context, measuring, measured('capacity'));
    const subjects = (await project.lock())?.environments['staging']?.evidence.capacity?.subjects;
    expect(subjects?.['code']).toBe(pinned.code!.digest);
    expect((await checkoutSubjects(project, 'staging'))['code']).not.toBe(pinned.code!.digest);
  });

  it('refuses, and writes no file, when the environment is no longer pinned', async () => {
    const { project, pinned } = await open();
    const measuring = await begin(project);
    await project.changeLock(() => buildLock({ prod: pinned }));
    let written = 0;
    const writeFiles = async (): Promise<void> => void (written += 1);
    const refused = recordEvidence(context, measuring, { ...measured('golden'), writeFiles });
    await expect(refused).rejects.toMatchObject({
      code: 'lock-moved',
      message: 'plimsoll.lock ceased to pin staging while golden evidence was measured; nothing was recorded',
    });
    expect([written, await project.lock()]).toEqual([0, buildLock({ prod: pinned })]);
  });
});
