import { checkoutSubjects, judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { describe, expect, it } from 'vitest';
import { goldenFile } from '../../core/rollout/names.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import { bindSubjects } from '../../core/evidence/subjects.ts';
import type { EvidenceState, Waiver } from '../../core/evidence/lock/lock.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { LockUpdate, Project } from '../../ports/project/project.ts';
import { minimalContract, wholeContract } from '../builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../builders/evidence-builders.ts';

export interface ProjectSetup {
  readonly contract: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly waivers?: readonly Waiver[];
}
export interface ProjectUnderTest {
  readonly project: Project;
  /** Writes a file beside the contract; `plimsoll.yaml` is the contract itself. */
  write(path: string, content: string): Promise<void>;
}

const withFiles = (files: string): string => minimalContract.replace('serve-model]', `serve-model], files: ${files}`);

/** What every project does, whatever it keeps its files in. */
export function projectContract(name: string, make: (setup: ProjectSetup) => Promise<ProjectUnderTest>): void {
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'resolved',
      (thrown: unknown) => asPlimsollError(thrown).code,
    );
  const golden = (states: readonly EvidenceState[]): EvidenceState | undefined =>
    states.find(({ kind }) => kind === 'golden');

  describe(`project contract: ${name}`, () => {
    it('reads its contract, and refuses a wrong one with every problem and its place', async () => {
      const { project } = await make({ contract: minimalContract });
      expect((await project.contract()).contract.service).toBe('digits');
      const wrong = await make({ contract: `${minimalContract}hardwear: {}\nscaling: { signal: cpu }\n` });
      const error = asPlimsollError(await wrong.project.contract().catch((thrown: unknown) => thrown));
      expect(error).toMatchObject({ code: 'contract-invalid', category: 'input' });
      expect(error.details['problems']).toMatchObject([
        { line: 6, column: 1, nearest: 'hardware' },
        { line: 7, column: 20 },
      ]);
    });

    it('stays in a snapshot as it was read there, whatever is edited meanwhile', async () => {
      const { project, write } = await make({ contract: withFiles('[a.txt]'), files: { 'a.txt': 'a' } });
      const snapshot = project.snapshot();
      const read = async (of: Project) => [await of.contract(), await of.lock(), await of.codeDigest('default')];
      const before = await read(project);
      expect(await read(snapshot)).toEqual(before);
      await write('plimsoll.yaml', withFiles('[a.txt]').replace('digits', 'letters'));
      await write('a.txt', 'b');
      await project.changeLock(() => buildLock({}));
      expect(await read(snapshot)).toEqual(before);
      for (const now of [project, project.snapshot()]) {
        const [loaded, lock, code] = await read(now);
        expect(loaded).toMatchObject({ contract: { service: 'letters' } });
        expect([lock, code]).toEqual([buildLock({}), expect.not.stringContaining(String(before[2]))]);
      }
    });

    it('has no lock until one is written, and reads back what was written', async () => {
      const { project } = await make({ contract: minimalContract });
      expect(await project.lock()).toBeNull();
      const lock = buildLock({ default: buildLockedEnvironment() });
      await project.changeLock(() => lock);
      expect(await project.lock()).toEqual(lock);
      await project.changeLock(() => buildLock({}));
      expect(await project.lock()).toEqual(buildLock({}));
    });

    it('keeps every one of many changes that are made at once', async () => {
      const { project } = await make({ contract: minimalContract });
      const names = Array.from({ length: 20 }, (_, index) => `environment-${index}`);
      const addOf =
        (name: string): LockUpdate =>
        async (lock) => {
          await Promise.resolve();
          return buildLock({ ...lock?.environments, [name]: buildLockedEnvironment() });
        };
      await Promise.all(names.map((name) => project.changeLock(addOf(name))));
      expect(Object.keys((await project.lock())?.environments ?? {}).sort()).toEqual([...names].sort());
    });

    it('leaves the lock as it was when a change fails, and takes the next one', async () => {
      const { project } = await make({ contract: minimalContract });
      const lock = buildLock({ default: buildLockedEnvironment() });
      await project.changeLock(() => lock);
      const failing = project.changeLock(() => {
        throw new PlimsollError({ code: 'lock-moved', category: 'conflict', message: 'a test refuses' });
      });
      expect(await codeOf(failing)).toBe('lock-moved');
      expect(await project.lock()).toEqual(lock);
      await project.changeLock((before) => buildLock({ ...before?.environments, more: buildLockedEnvironment() }));
      expect(Object.keys((await project.lock())?.environments ?? {}).sort()).toEqual(['default', 'more']);
    });

    it('digests the files of the code, sorted, none twice, and only those', async () => {
      const files = { 'lib/b.py': 'b', 'lib/a.py': 'a', 'server.py': 's', 'notes.md': 'n' };
      const { project, write } = await make({ contract: withFiles('[server.py, lib, lib/a.py]'), files });
      expect((await project.codeFiles()).map(({ path, bytes }) => [path, bytes])).toEqual([
        ['lib/a.py', 1],
        ['lib/b.py', 1],
        ['server.py', 1],
      ]);
      const before = await project.codeDigest('default');
      await write('notes.md', 'edited');
      expect(await project.codeDigest('default')).toBe(before);
      await write('lib/b.py', 'B');
      expect(await project.codeDigest('default')).not.toBe(before);
    });

    it('names the files that metrics are made of, sorted, none twice, as far as they are there', async () => {
      const metrics = [
        'evaluation:',
        '  dataset: digits-holdout',
        '  metrics:',
        '    own: { module: metrics/own.py, files: [tables], largerIsBetter: true }',
        '    other: { command: [python, tools/other.py, gone.py], files: [tables/a.csv], largerIsBetter: true }',
        '  gates: [{ metric: own, atLeast: 0.5 }]',
        '',
      ].join('\n');
      const files = { 'metrics/own.py': 'o', 'tools/other.py': 't', 'tables/a.csv': 'a', 'notes.md': 'n' };
      const { project } = await make({ contract: minimalContract + metrics, files });
      const paths = (await project.metricFiles()).map(({ path, bytes }) => [path, bytes]);
      expect(paths).toEqual([
        ['metrics/own.py', 1],
        ['tables/a.csv', 1],
        ['tools/other.py', 1],
      ]);
      expect(await (await make({ contract: minimalContract })).project.metricFiles()).toEqual([]);
    });

    it('names the files of programs that compute features', async () => {
      const features = 'features: [{ module: f.ts, files: [lib, gone], gives: { a: number } }]';
      const contract = minimalContract.replace('golden: digits-golden', `golden: digits-golden, ${features}`);
      const { project } = await make({ contract, files: { 'f.ts': 'f', 'lib/a.ts': 'a', 'notes.md': 'n' } });
      expect((await project.featureFiles()).map(({ path }) => path)).toEqual(['f.ts', 'lib/a.ts']);
      expect(await (await make({ contract: minimalContract })).project.featureFiles()).toEqual([]);
    });

    it('names the files and folders of `features` with them, and says when one is not there', async () => {
      const programs = 'features: [{ module: f.ts, gives: { a: number } }]';
      const monitoring = minimalContract.replace('golden: digits-golden', `golden: digits-golden, ${programs}`);
      const contract = `${monitoring}features: [{ path: sql }, { path: f.ts }]\n`;
      const files = { 'f.ts': 'f', 'sql/b.sql': 'b', 'sql/a.sql': 'a', 'notes.md': 'n' };
      const { project } = await make({ contract, files });
      const paths = (await project.featureFiles()).map(({ path }) => path);
      expect(paths).toEqual(['f.ts', 'sql/a.sql', 'sql/b.sql']);
      expect(await project.featureViews()).toBeNull();
      const { project: without } = await make({ contract, files: { 'f.ts': 'f' } });
      await expect(without.featureFiles()).rejects.toMatchObject({
        ...{ code: 'code-file-missing', category: 'input' },
        message: expect.stringContaining('features names `sql`') as string,
      });
    });

    it('says when a file of the code is not there', async () => {
      const { project } = await make({ contract: withFiles('[server.py]') });
      expect(await codeOf(project.codeFiles())).toBe('code-file-missing');
      expect(await codeOf(project.codeDigest('default'))).toBe('code-file-missing');
    });

    it('cannot tell the digest of an image', async () => {
      const { project } = await make({ contract: wholeContract });
      expect(await project.codeDigest('default')).toBeNull();
    });

    it('knows the machine that it is on', async () => {
      const { project } = await make({ contract: minimalContract });
      const machine = await project.machine();
      const { deviceClass, runtime } = machine;
      expect(deviceClass.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(deviceClass.description).toContain('cpu');
      expect(runtime['onnxruntime']).toMatch(/^\d+\.\d+\.\d+/);
      expect(await project.machine()).toEqual(machine);
    });

    it('has fresh evidence until what it was measured of moves', async () => {
      const { project, write } = await make({ contract: minimalContract });
      const locked = buildLockedEnvironment();
      const { monitoring } = (await project.contract()).contract;
      await write(goldenFile(monitoring!.golden!, locked.model!.digest), canonicalJson('golden blob'));
      await project.changeLock(() => buildLock({ default: locked }));
      const subjects = bindSubjects('golden', await checkoutSubjects(project, 'default'));
      expect(Object.keys(subjects).sort()).toEqual(['code', 'device-classes', 'golden-set', 'model', 'runtime']);
      const evidence = { golden: buildEvidence('golden', subjects) };
      await project.changeLock(() => buildLock({ default: { ...locked, evidence } }));
      expect(golden(await judgeCheckout(project, 'default', 2_000_000))).toMatchObject({
        freshness: 'fresh',
        verdict: 'pass',
      });
      await project.changeLock(() =>
        buildLock({ default: { ...locked, evidence, runtime: { onnxruntime: '9.0.0' } } }),
      );
      expect(golden(await judgeCheckout(project, 'default', 2_000_000))).toMatchObject({ freshness: 'stale' });
    });

    it('follows the contract as it is edited', async () => {
      const { project, write } = await make({ contract: minimalContract });
      expect((await checkoutSubjects(project, 'default'))['contract.hardware']).toBeUndefined();
      await write('plimsoll.yaml', `${minimalContract}hardware: { accelerator: cpu }\n`);
      expect((await checkoutSubjects(project, 'default'))['contract.hardware']).toBeDefined();
    });

    it('digests the prices that the contract names, when they are there', async () => {
      const { project, write } = await make({ contract: `${minimalContract}cost: { prices: prices.yaml }\n` });
      expect((await checkoutSubjects(project, 'default'))['prices']).toBeUndefined();
      await write('prices.yaml', 'a: 1');
      expect((await checkoutSubjects(project, 'default'))['prices']).toBeDefined();
    });

    it('shows the waivers that were recorded', async () => {
      const waiver: Waiver = { kind: 'golden', reason: 'trial', untilMs: 3_000_000, by: 'ann', atMs: 1 };
      const { project } = await make({ contract: minimalContract, waivers: [waiver] });
      expect(golden(await judgeCheckout(project, 'default', 2_000_000))).toMatchObject({
        freshness: 'missing',
        waiver,
      });
    });

    it('refuses an environment that the contract does not have', async () => {
      const { project } = await make({ contract: minimalContract });
      expect(await codeOf(judgeCheckout(project, 'prod', 0))).toBe('environment-unknown');
    });

    it('is not misled by a lock of another environment', async () => {
      const { project } = await make({ contract: minimalContract });
      await project.changeLock(() => buildLock({ other: buildLockedEnvironment({ deviceClasses: [digest('gpu')] }) }));
      expect((await checkoutSubjects(project, 'default'))['model']).toBeUndefined();
    });
  });
}
