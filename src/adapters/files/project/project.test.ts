import { checkoutSubjects, judgeCheckout } from '../../../prove/judge/judge-checkout.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lock } from '../../../core/evidence/lock/lock.ts';
import { asPlimsollError, type PlimsollError } from '../../../core/units/errors.ts';
import { lockText } from '../../../schemas/lock/lock.ts';
import { minimalContract } from '../../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment } from '../../../testing/builders/evidence-builders.ts';
import { bindSubjects } from '../../../core/evidence/subjects.ts';
import { goldenFile } from '../../../core/rollout/names.ts';
import { canonicalJson } from '../../../core/units/digest.ts';
import { bundleProgram } from '../../../testing/rigs/bundled-program.ts';
import { projectContract, type ProjectSetup } from '../../../testing/contracts/project-contract.ts';
import { machineFacts } from '../../system/node/machine.ts';
import { parseInPlace } from '../../../schemas/parse-in-place.ts';
import { makeFileProject } from './project.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function make({ contract, files = {}, waivers }: ProjectSetup) {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-project-'));
  folders.push(folder);
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  };
  for (const [name, content] of Object.entries({ ...files, 'plimsoll.yaml': contract })) await write(name, content);
  const project = makeFileProject({
    parser: parseInPlace,
    contractFile: path.join(folder, 'plimsoll.yaml'),
    stateFolder: path.join(folder, '.plimsoll'),
    machine: machineFacts,
    ...(waivers === undefined ? {} : { records: async () => ({ waivers, invalidations: [] }) }),
  });
  return { project, write, folder };
}

const refusal = async (work: Promise<unknown>): Promise<PlimsollError> =>
  asPlimsollError(
    await work.then(
      () => new Error('it was not refused'),
      (thrown: unknown) => thrown,
    ),
  );
const withFiles = (files: string): string => minimalContract.replace('serve-model]', `serve-model], files: ${files}`);

projectContract('a folder', make);

describe('a folder as a project', () => {
  it('has no fresh golden evidence where the file with the outputs is gone or edited', async () => {
    const { project, write } = await make({ contract: minimalContract });
    const locked = buildLockedEnvironment();
    await project.changeLock(() => buildLock({ default: locked }));
    const subjects = bindSubjects('golden', await checkoutSubjects(project, 'default'));
    const evidence = { golden: buildEvidence('golden', subjects) };
    await project.changeLock(() => buildLock({ default: { ...locked, evidence } }));
    const state = async () =>
      (await judgeCheckout(project, 'default', 2_000_000)).find(({ kind }) => kind === 'golden');
    expect(await state()).toMatchObject({ freshness: 'stale', reasons: [expect.stringContaining('is missing')] });
    const { monitoring } = (await project.contract()).contract;
    const file = goldenFile(monitoring!.golden!, locked.model!.digest);
    await write(file, canonicalJson('edited'));
    expect(await state()).toMatchObject({
      freshness: 'stale',
      reasons: [expect.stringMatching(/^golden\/.* is sha256:.*, recorded was sha256:/)],
    });
    await write(file, canonicalJson('golden blob'));
    expect(await state()).toMatchObject({ freshness: 'fresh', verdict: 'pass' });
  });

  it('without a contract says how to write one', async () => {
    const { project, folder } = await make({ contract: minimalContract });
    await rm(path.join(folder, 'plimsoll.yaml'));
    expect(await refusal(project.contract())).toMatchObject({ code: 'contract-missing', category: 'input' });
    await mkdir(path.join(folder, 'plimsoll.yaml'));
    expect(await refusal(project.contract())).toMatchObject({ code: 'contract-missing' });
  });

  it('reads no more than a mebibyte of whatever the contract is', async () => {
    const { project, write } = await make({ contract: minimalContract });
    await write('plimsoll.yaml', `${minimalContract}# ${'x'.repeat(2 * 1024 * 1024)}\n`);
    expect((await refusal(project.contract())).message).toContain('too large');
  });

  it('writes the lock whole, and leaves nothing beside it', async () => {
    const { project, folder } = await make({ contract: minimalContract });
    const lock = buildLock({ default: buildLockedEnvironment() });
    await Promise.all([project.changeLock(() => lock), project.changeLock(() => lock), project.changeLock(() => lock)]);
    expect(await readFile(path.join(folder, 'plimsoll.lock'), 'utf8')).toBe(lockText(lock));
    expect((await readdir(folder)).sort()).toEqual(['.plimsoll', 'plimsoll.lock', 'plimsoll.yaml']);
  });

  it('leaves the old lock when the new one cannot be written', async () => {
    const { project, folder } = await make({ contract: minimalContract });
    await mkdir(path.join(folder, 'plimsoll.lock'));
    expect((await refusal(project.changeLock(() => buildLock({})))).category).not.toBe('bug');
    expect((await refusal(project.lock())).category).not.toBe('bug');
    expect((await readdir(folder)).sort()).toEqual(['.plimsoll', 'plimsoll.lock', 'plimsoll.yaml']);
  });

  it('keeps every change that several processes make at once', async () => {
    const { project, folder } = await make({ contract: minimalContract });
    const adding = bundleProgram(path.join(import.meta.dirname, '../../../testing/rigs/programs/change-lock.ts'));
    const names = ['a', 'b', 'c'];
    const exits = names.map(async (name) => {
      const child = spawn(process.execPath, [adding, folder, name, '6'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return (await once(child, 'exit'))[0] as number;
    });
    expect(await Promise.all(exits)).toEqual([0, 0, 0]);
    const wanted = names.flatMap((name) => Array.from({ length: 6 }, (_, index) => `${name}-${index}`));
    expect(Object.keys((await project.lock())?.environments ?? {}).sort()).toEqual(wanted.sort());
  });

  it('keeps out of git what it locks with', async () => {
    const { project, folder } = await make({ contract: minimalContract });
    await project.changeLock(() => buildLock({}));
    expect(await readFile(path.join(folder, '.plimsoll', '.gitignore'), 'utf8')).toBe('*\n');
    expect(await readdir(path.join(folder, '.plimsoll', 'run'))).toEqual(['recording.lock']);
  });

  it('says which folder is in the way of locking', async () => {
    const { project, write } = await make({ contract: minimalContract });
    await write('.plimsoll', 'a file');
    const error = await refusal(project.changeLock(() => buildLock({})));
    expect(error).toMatchObject({ code: 'storage-misplaced', category: 'input' });
    expect(error.message).toContain('.plimsoll');
  });

  it('replaces a lock that cannot be read only where it is told to', async () => {
    const { project, write } = await make({ contract: minimalContract });
    await write('plimsoll.lock', '{\n<<<<<<< HEAD\n');
    expect(await refusal(project.changeLock(() => buildLock({})))).toMatchObject({ code: 'lock-invalid' });
    const given: unknown[] = [];
    const update = (lock: Lock | null): Lock => {
      given.push(lock);
      return buildLock({});
    };
    await project.changeLock(update, { replaceUnreadable: true });
    expect([given, await project.lock()]).toEqual([[null], buildLock({})]);
  });

  it('refuses a lock that a merge left broken', async () => {
    const { project, write } = await make({ contract: minimalContract });
    await write('plimsoll.lock', '{\n<<<<<<< HEAD\n');
    expect(await refusal(project.lock())).toMatchObject({ code: 'lock-invalid' });
    expect(await refusal(judgeCheckout(project, 'default', 0))).toMatchObject({ code: 'lock-invalid' });
  });

  it('follows links inside the folder and refuses those that lead out of it', async () => {
    const { project, folder, write } = await make({
      contract: withFiles('[lib]'),
      files: { 'lib/a.py': 'a', 'b.py': 'b' },
    });
    await symlink('../b.py', path.join(folder, 'lib', 'b.py'));
    expect((await project.codeFiles()).map((file) => file.path)).toEqual(['lib/a.py', 'lib/b.py']);
    await symlink('/etc', path.join(folder, 'lib', 'etc'));
    expect(await refusal(project.codeFiles())).toMatchObject({ code: 'code-file-escapes', category: 'input' });
    await rm(path.join(folder, 'lib', 'etc'));
    await symlink('nowhere', path.join(folder, 'lib', 'dangling'));
    expect(await refusal(project.codeFiles())).toMatchObject({ code: 'code-file-missing' });
    await rm(path.join(folder, 'lib', 'dangling'));
    await symlink('.', path.join(folder, 'lib', 'loop'));
    await write('lib/a.py', 'changed');
    expect((await project.codeFiles()).map((file) => file.path)).toContain('lib/a.py');
  });

  it('never counts its own state, its lock and git as code', async () => {
    const { project, write } = await make({ contract: withFiles('[.]'), files: { 'a.py': 'a' } });
    const before = await project.codeDigest('default');
    await write('.plimsoll/store.sqlite', 'x');
    await write('.git/HEAD', 'x');
    await project.changeLock(() => buildLock({}));
    expect(await project.codeDigest('default')).toBe(before);
    expect((await project.codeFiles()).map((file) => file.path)).toEqual(['a.py']);
  });

  it('refuses what is neither a file nor a folder', async () => {
    const { project, folder } = await make({ contract: withFiles('[lib]'), files: { 'lib/a.py': 'a' } });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path.join(folder, 'lib', 'socket'), resolve));
    const error = await refusal(project.codeFiles());
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject({ code: 'code-file-missing' });
    expect(error.message).toContain('a socket');
  });
});
