import { checkoutSubjects } from '../../prove/judge/judge-checkout.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Contract } from '../../core/contract/contract.ts';
import { bindSubjects } from '../../core/evidence/subjects.ts';
import { lockText } from '../../schemas/lock/lock.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { makeMemoryProject, type MemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { readBaseLock } from '../../prove/check/base-lock.ts';
import { checkComment } from './check-comment.ts';
import type { CheckOutcome } from './check-outcome.ts';

const folders: string[] = [];
async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'plimsoll-comment-'));
  folders.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(folders.splice(0).map((one) => rm(one, { recursive: true, force: true })));
});

async function provenProject(): Promise<MemoryProject> {
  const project = makeMemoryProject({ contract: minimalContract });
  const code = { digest: (await project.codeDigest('default')) ?? digest('image'), files: {} };
  const locked = buildLockedEnvironment({ code });
  await project.changeLock(() => buildLock({ default: locked }));
  const subjects = bindSubjects('golden', await checkoutSubjects(project, 'default'));
  await project.changeLock(() =>
    buildLock({ default: { ...locked, evidence: { golden: buildEvidence('golden', subjects) } } }),
  );
  return project;
}

const comment = (project: MemoryProject, cwd: string, ...args: string[]) =>
  runCommandLine(['check', '--format', 'markdown', ...args], { project, cwd });

describe('the comment of a pull request', () => {
  it('begins with a line by which the next run finds it, and says the verdict', async () => {
    const { out, exit } = await comment(await provenProject(), '/memory');
    expect(exit).toBe(0);
    expect(out.split('\n').slice(0, 4)).toEqual([
      '<!-- plimsoll check: digits -->',
      '### plimsoll check: digits — pass',
      '',
      'pass',
    ]);
    expect(out).toContain('| golden | pass | fresh |');
    expect(out).not.toContain('What moves');
  });

  it('says what moves against another lock, on which axis, and what stays', async () => {
    const project = await provenProject();
    const lock = await project.lock();
    const locked = lock?.environments['default'];
    if (locked?.model === undefined) throw new Error('no lock');
    const cwd = await folder();
    const before = buildLock({
      default: { ...locked, model: { ...locked.model, version: 1, digest: digest('one') }, evidence: {} },
    });
    await writeFile(path.join(cwd, 'base.lock'), lockText(before));
    const { out } = await comment(project, cwd, '--against', 'base.lock');
    expect(out).toContain('#### What moves against base.lock\n\nThe model moves, the code stays.');
    expect(out).toMatch(/^\| default \| model \| model \| digits:1 \(candidate\) [0-9a-f]{12} \| digits:2 /m);
    expect(out).toContain('| default | evidence | golden |  | measured |');
    const text = await runCommandLine(['check', '--against', 'base.lock'], { project, cwd });
    expect(text.out).toContain('against base.lock: the model moves, the code stays');
  });

  it('shows the gates and the device classes of evidence that the lock holds', () => {
    const contract = {
      hardware: { allow: ['native'], devices: 1 },
      evaluation: {
        dataset: 'holdout',
        gates: [{ metric: 'accuracy', atLeast: 0.95, confidenceShare: 0.95 }],
        slices: [],
      },
    } as unknown as Contract;
    const evaluation = buildEvidence(
      'evaluation',
      {},
      {
        measurements: {
          evaluationVersion: 1,
          task: 'classification',
          dataset: { name: 'holdout', version: 1, digest: digest('rows'), rows: 1500 },
          predictions: digest('predictions'),
          golden: null,
          metrics: [
            {
              metric: 'accuracy',
              slice: null,
              rows: 1500,
              value: 0.98,
              largerIsBetter: true,
              proportion: { successes: 1470, rows: 1500 },
            },
          ],
          comparisons: [],
          latency: {},
        },
      },
    );
    const hardware = buildEvidence(
      'hardware',
      {},
      {
        measurements: {
          pool: 'h100-eu',
          takenAtMs: 1,
          restsOnDeclared: false,
          classes: {
            [digest('h100')]: {
              description: 'H100 | 80GB',
              facts: {},
              compatibility: 'native',
              nodes: 3,
              because: 'sm_90',
            },
          },
          nodes: [{ count: 3, units: { device: { native: 8 } }, anyDevice: false }],
          objections: [],
        },
      },
    );
    const outcome: CheckOutcome = {
      service: 'digits',
      contractFile: 'plimsoll.yaml',
      lockFile: 'plimsoll.lock',
      problems: [],
      lock: 'present',
      environments: [{ environment: 'prod', mismatches: [], evidence: [] }],
      moves: null,
      failures: [],
    };
    const locked = { prod: buildLockedEnvironment({ evidence: { evaluation, hardware } }) };
    const lines = checkComment({ outcome, contract, locked, nowMs: 0 }).split('\n');
    expect(lines.find((line) => line.startsWith('| accuracy |'))).toMatch(
      /^\| accuracy \| at least \| 0\.95 \| 0\.98 \| 0\.97\d* to 0\.98\d* \| 1500 \| pass \|/,
    );
    expect(lines).toContain('| H100 \\| 80GB | native | 3 | sm_90 |');
    expect(lines).toContain('##### Hardware in prod: pool h100-eu');
    const failing = {
      ...contract,
      evaluation: { ...contract.evaluation, gates: [{ metric: 'accuracy', atLeast: 0.99, confidenceShare: 0.95 }] },
    };
    expect(checkComment({ outcome, contract: failing as Contract, locked, nowMs: 0 })).toMatch(
      /\| accuracy .*\| fail \|/,
    );
  });

  it('never says to write the own lock anew where the one to compare with cannot be read', async () => {
    const project = await provenProject();
    const cwd = await folder();
    await writeFile(path.join(cwd, 'base.lock'), '<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n');
    const { out, exit } = await comment(project, cwd, '--against', 'base.lock');
    expect([exit, out]).toEqual([2, expect.stringContaining('base.lock:1: a merge conflict is left in the lock')]);
    expect(out).toContain('Next: `give --against a git revision or a file whose lock can be read`');
  });

  it('lets no name break out of its table, its heading or its marker', async () => {
    const project = await provenProject();
    const cwd = await folder();
    const { out, exit } = await comment(project, cwd, '--against', 'no|such<b>branch');
    expect(exit).toBe(2);
    expect(out).toContain('no\\|such&lt;b>branch is neither a file nor a revision');
    expect(
      out
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .every((line) => line.endsWith('|')),
    ).toBe(true);
  });
});

describe('the lock to compare with', () => {
  const signal = new AbortController().signal;
  const run = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.email=a@example.org', '-c', 'user.name=a', ...args], { cwd, stdio: 'pipe' });

  it('is read at a revision, in the folder of the contract; null where there was none', async () => {
    const cwd = await folder();
    run(cwd, 'init', '-q');
    run(cwd, 'commit', '-q', '--allow-empty', '-m', 'empty');
    run(cwd, 'branch', 'before');
    const lock = buildLock({ default: buildLockedEnvironment() });
    await writeFile(path.join(cwd, 'plimsoll.lock'), lockText(lock));
    run(cwd, 'add', '.');
    run(cwd, 'commit', '-q', '-m', 'lock');
    expect(await readBaseLock('HEAD', cwd, cwd, signal)).toEqual(lock);
    expect(await readBaseLock('before', cwd, cwd, signal)).toBeNull();
  });

  it('is refused where the revision is unknown, looks like an option, or the folder is no repository', async () => {
    const cwd = await folder();
    await expect(readBaseLock('HEAD', cwd, cwd, signal)).rejects.toMatchObject({ code: 'base-unknown' });
    run(cwd, 'init', '-q');
    for (const given of ['nowhere', '--help', '']) {
      await expect(readBaseLock(given, cwd, cwd, signal)).rejects.toMatchObject({
        code: 'base-unknown',
        category: 'input',
      });
    }
  });
});
