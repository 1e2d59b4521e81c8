/** Keys, signatures beside the lock, and `check --trust`, as a person uses them. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindSubjects } from '../../core/evidence/subjects.ts';
import type { Project } from '../../ports/project/project.ts';
import { beginMeasuring } from '../../prove/evidence/measuring.ts';
import { recordEvidence } from '../../prove/evidence/record-evidence.ts';
import { checkoutSubjects } from '../../prove/judge/judge-checkout.ts';
import { readFolderSignatures } from '../../prove/trust/sign-evidence.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { contextOf, runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';

const nowMs = Date.UTC(2026, 0, 1);
let root: string;
let folder: string;
let project: Project;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'plimsoll-trust-'));
  folder = path.join(root, 'checkout', 'service');
  await mkdir(path.join(root, 'checkout', '.git'), { recursive: true });
  await mkdir(folder);
  const memory = makeMemoryProject({ contract: minimalContract });
  const code = { digest: (await memory.codeDigest('default')) ?? digest('image'), files: {} };
  const locked = buildLockedEnvironment({ code });
  await memory.changeLock(() => buildLock({ default: locked }));
  const subjects = bindSubjects('golden', await checkoutSubjects(memory, 'default'));
  const evidence = { golden: buildEvidence('golden', subjects) };
  await memory.changeLock(() => buildLock({ default: { ...locked, evidence } }));
  project = { ...memory, folder, snapshot: () => project };
});
afterEach(() => rm(root, { recursive: true }));

const run = (args: readonly string[], more: CommandLineWorld = {}) =>
  runCommandLine(args, { project, cwd: root, nowMs, ...more });
const makeKey = async (name: string): Promise<string> => (await run(['key', 'create', name])).out.trim();
const writePolicy = async (text: string, at = 'policy.yaml'): Promise<void> => writeFile(path.join(root, at), text);
const policyOf = (line: string, names = '[ci]'): string =>
  `keys:\n  ${line}\nevidenceFrom: { any: { keys: ${names} } }\n`;

describe('plimsoll key', () => {
  it('writes the private key for its owner alone, and prints the line for a policy', async () => {
    const line = await makeKey('ci');
    expect(line).toMatch(/^- \{ name: ci, key: "ed25519:[A-Za-z0-9+/]{43}=", expires: 2027-01-01T00:00:00.000Z \}$/);
    expect((await stat(path.join(root, 'ci.key'))).mode & 0o777).toBe(0o600);
    expect(line).not.toContain('PRIVATE');
    const again = await run(['key', 'create', 'ci']);
    expect([again.exit, again.err]).toEqual([2, expect.stringContaining('is there already')]);
  });

  it('lists and revokes the keys of an environment; a revocation moves to earlier only', async () => {
    const world = await openStoreOperations();
    const operations = world.operationsFor('ada');
    const asked = { operations, nowMs };
    await writePolicy(`serial: 1\n${policyOf(await makeKey('ci'))}`);
    expect((await run(['environment', 'set', 'prod', '--policy', 'policy.yaml'], asked)).exit).toBe(0);
    expect((await run(['key', 'list', 'prod'], asked)).out).toMatch(/^ci {2}ed25519:[0-9a-f]{32} {2}expires 2027/);
    const revoked = await run(['key', 'revoke', 'ci', 'prod', '--since', '2025-12-01'], asked);
    expect(revoked.out).toContain('signatures that were received from 2025-12-01T00:00:00.000Z on do not count');
    await run(['key', 'revoke', 'ci', 'prod'], asked);
    expect((await run(['key', 'list', 'prod'], asked)).out).toContain('from 2025-12-01');
    const back = await run(['environment', 'set', 'prod', '--policy', 'policy.yaml'], asked);
    expect([back.exit, back.err]).toEqual([1, expect.stringContaining('has the serial 2')]);
    const unknown = await run(['key', 'revoke', 'cj', 'prod'], asked);
    expect([unknown.exit, unknown.err]).toEqual([2, expect.stringContaining('did you mean ci?')]);
  });

  it('keeps the other keys of the record where a policy is set, and shows a file that sets the same again', async () => {
    const world = await openStoreOperations();
    const asked = { operations: world.operationsFor('ada') };
    await writeFile(path.join(root, 'environment.yaml'), 'platform: local\n');
    await run(['environment', 'set', 'prod', '--file', 'environment.yaml'], asked);
    await writePolicy(`serial: 2\nlongestWaiver: 14d\n${policyOf(await makeKey('ci'))}approvers: [ada]\n`);
    await run(['environment', 'set', 'prod', '--policy', 'policy.yaml'], asked);
    const shown = (await run(['environment', 'show', 'prod'], asked)).out;
    expect(shown).toContain('platform: local');
    await writeFile(path.join(root, 'environment.yaml'), shown);
    expect((await run(['environment', 'set', 'prod', '--file', 'environment.yaml'], asked)).out).toContain('version 2');
  });
});

describe('plimsoll evidence sign, and check --trust', () => {
  it('counts signed evidence by a policy outside of the repository', async () => {
    await writePolicy(policyOf(await makeKey('ci')));
    const before = await run(['check', '--trust', 'policy.yaml']);
    expect([before.exit, before.out]).toEqual([3, expect.stringContaining('a signature by ci: 0 count')]);
    const signed = await run(['evidence', 'sign', '--key', 'ci.key']);
    expect(signed.out).toContain('signed golden (default)');
    const after = await run(['check', '--trust', 'policy.yaml']);
    expect([after.exit, after.err]).toEqual([0, '']);
    expect((await run(['check'])).exit).toBe(0);
  });

  it('keeps signatures of other keys, and writes the same bytes again', async () => {
    await makeKey('ci');
    await makeKey('lab');
    await run(['evidence', 'sign', '--key', 'ci.key']);
    await run(['evidence', 'sign', '--key', 'lab.key']);
    const text = await readFile(path.join(folder, 'plimsoll.lock.sigs'), 'utf8');
    await run(['evidence', 'sign', '--key', 'ci.key']);
    expect(await readFile(path.join(folder, 'plimsoll.lock.sigs'), 'utf8')).toBe(text);
    expect((await readFolderSignatures(folder))?.environments['default']?.golden).toHaveLength(2);
  });

  it.each<readonly [string, () => Promise<string>, string]>([
    ['in the folder of the contract', async () => 'checkout/service/policy.yaml', 'lies in the repository'],
    ['above it in the same repository', async () => 'checkout/policy.yaml', 'lies in the repository'],
    [
      'in the repository by a link from outside',
      async () => {
        await symlink(path.join(root, 'checkout', 'policy.yaml'), path.join(root, 'link.yaml'));
        return 'link.yaml';
      },
      'lies in the repository',
    ],
    [
      'of elsewhere by a link in the repository, which may lead to another one next time',
      async () => {
        await writePolicy('serial: 1\n', 'outside.yaml');
        await symlink(path.join(root, 'outside.yaml'), path.join(root, 'checkout', 'link.yaml'));
        return 'checkout/link.yaml';
      },
      'lies in the repository',
    ],
    ['that is not there', async () => 'none.yaml', 'none.yaml'],
    ['of a newer version', async () => (await writePolicy('threshold: 3\n', 'new.yaml'), 'new.yaml'), 'threshold'],
    ['that is empty', async () => (await writePolicy('# nothing\n', 'empty.yaml'), 'empty.yaml'), 'empty.yaml'],
    [
      'that is huge',
      async () => (await writePolicy(`# ${'x'.repeat(3_000_000)}\n`, 'huge.yaml'), 'huge.yaml'),
      'huge.yaml',
    ],
  ])('judges nothing by a policy %s', async (_what, place, problem) => {
    await writePolicy('serial: 1\n', 'checkout/policy.yaml');
    await writePolicy('serial: 1\n', 'checkout/service/policy.yaml');
    const { exit, err } = await run(['check', '--trust', await place()]);
    expect([exit, err]).toEqual([2, expect.stringContaining(problem)]);
  });

  it('says that signatures of a huge file cannot be read', async () => {
    await writePolicy(policyOf(await makeKey('ci')));
    await writeFile(path.join(folder, 'plimsoll.lock.sigs'), ' '.repeat(5_000_000));
    const { exit, out } = await run(['check', '--trust', 'policy.yaml']);
    expect([exit, out]).toEqual([3, expect.stringContaining('it has 5000000 bytes, of at most 1048576')]);
  });

  it('takes no key that others can read', async () => {
    await makeKey('ci');
    await chmod(path.join(root, 'ci.key'), 0o640);
    const { exit, err } = await run(['evidence', 'sign', '--key', 'ci.key']);
    expect([exit, err]).toEqual([2, expect.stringContaining('chmod 600 ci.key')]);
  });
});

describe('evidence that is measured', () => {
  const measure = async (env: Readonly<Record<string, string>>) => {
    const context = contextOf({ project, nowMs, env });
    const loaded = await project.contract();
    const locked = (await project.lock())?.environments['default'] ?? buildLockedEnvironment();
    const measuring = await beginMeasuring(project, loaded, 'default', locked);
    await recordEvidence(context, measuring, {
      kind: 'golden',
      measurements: { goldenBlob: digest('g'), cases: 3, reproducedCases: 3 },
    });
  };

  it('is signed where the environment names a key', async () => {
    await writePolicy(policyOf(await makeKey('ci')));
    await measure({ PLIMSOLL_SIGNING_KEY: path.join(root, 'ci.key') });
    const { out } = await run(['check', '--trust', 'policy.yaml']);
    expect(out).not.toContain('a signature by ci');
    expect((await readFolderSignatures(folder))?.environments['default']?.golden).toHaveLength(1);
  });

  it('takes the signatures of what it replaces away', async () => {
    await makeKey('ci');
    await run(['evidence', 'sign', '--key', 'ci.key']);
    await measure({});
    expect((await readFolderSignatures(folder))?.environments['default']?.golden).toBeUndefined();
  });

  it('is recorded also where the key cannot be read, and says that it is not signed', async () => {
    await expect(measure({ PLIMSOLL_SIGNING_KEY: path.join(root, 'none.key') })).rejects.toThrow(
      'recorded and not signed',
    );
    expect((await project.lock())?.environments['default']?.evidence.golden?.measuredAtMs).toBe(nowMs);
  });
});
