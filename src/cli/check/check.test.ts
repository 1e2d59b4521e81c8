import { checkoutSubjects } from '../../prove/judge/judge-checkout.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bindSubjects } from '../../core/evidence/subjects.ts';
import type { Waiver } from '../../core/evidence/lock/lock.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { minimalContract, wholeContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { makeMemoryProject, type MemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { painter } from '../terminal/paint.ts';
import { readLock } from '../../schemas/lock/lock.ts';
import { environmentLines } from '../verdict/evidence-lines.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';

/** A project whose lock is in step and whose golden evidence is fresh. */
async function provenProject(contract = minimalContract): Promise<MemoryProject> {
  const project = makeMemoryProject({ contract });
  const code = { digest: (await project.codeDigest('default')) ?? digest('image'), files: {} };
  const locked = buildLockedEnvironment({ code });
  await project.changeLock(() => buildLock({ default: locked }));
  const subjects = bindSubjects('golden', await checkoutSubjects(project, 'default'));
  const evidence = { golden: buildEvidence('golden', subjects) };
  await project.changeLock(() => buildLock({ default: { ...locked, evidence } }));
  return project;
}

const check = (world: CommandLineWorld, ...args: string[]) => runCommandLine(['check', ...args], world);
const world = (project: MemoryProject, more: CommandLineWorld = {}): CommandLineWorld => ({
  project,
  cwd: '/memory',
  ...more,
});

describe('plimsoll check', () => {
  it('passes when the contract is valid, the lock in step and the evidence fresh and passing', async () => {
    const { exit, out, err } = await check(world(await provenProject()));
    expect([exit, err]).toEqual([0, '']);
    expect(out).toBe(
      [
        'contract  plimsoll.yaml  valid',
        'lock      plimsoll.lock  in step',
        '',
        'environment default',
        '  evidence  state  verdict  measured     because',
        '  golden    fresh  pass     16m 40s ago  3 of 3 cases reproduced',
        '  judged on release: runtime, device-classes',
        '  claimed by the lock: golden-set',
        '  not asked for: hardware, evaluation, cold-start, capacity, scaling, monitoring, rollback, cost',
        '',
        'pass',
        '',
      ].join('\n'),
    );
  });

  it('refuses, with its place, what nothing acts on, and a metric of another task than the one that is asked', async () => {
    const unacted = `${minimalContract}coldStart: { p90: 45s, prePull: true }\n`;
    const refused = await check(world(await provenProject(unacted)));
    expect(refused.exit).toBe(2);
    expect(refused.out).toMatch(/plimsoll\.yaml:\d+:\d+: `coldStart\.prePull` does nothing yet/);
    const gates = 'gates: [{ metric: exact-match, atLeast: 0.5 }]';
    const other = `${minimalContract}evaluation: { dataset: digits, task: classification, ${gates} }\n`;
    const unfit = await check(world(await provenProject(other)));
    expect(unfit.exit).toBe(2);
    expect(unfit.out).toMatch(/plimsoll\.yaml:\d+:\d+: `exact-match` is a metric of text, and `evaluation\.task` is/);
  });

  it('names prices that are not there, or are none', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-check-'));
    const project = { ...(await provenProject(`${minimalContract}cost: { prices: prices.yaml }\n`)), folder };
    const missing = await check(world(project));
    expect(missing.exit).toBe(2);
    expect(missing.out).toContain('there is no prices.yaml, which cost.prices names');
    await writeFile(path.join(folder, 'prices.yaml'), 'currency: EUR\naccelerators: { default: cheap }\n');
    const wrong = await check(world(project));
    expect(wrong.exit).toBe(2);
    expect(wrong.out).toContain('expected an amount per time');
    await writeFile(path.join(folder, 'prices.yaml'), 'currency: EUR\naccelerators: { default: 2.50/h }\n');
    const right = await check(world(project));
    expect([right.exit, right.out]).toEqual([0, expect.not.stringContaining('prices')]);
    await rm(folder, { recursive: true });
  });

  it('is 3 without a lock and says what to run', async () => {
    const { exit, out } = await check(world(makeMemoryProject({ contract: minimalContract })));
    expect(exit).toBe(3);
    expect(out).toContain('there is no lock');
    expect(out).toContain('next: plimsoll pin');
  });

  it('is 3 with missing or stale evidence, and names the command that renews it', async () => {
    const project = await provenProject();
    const lock = await project.lock();
    const locked = lock?.environments['default'];
    if (lock === null || locked === undefined) throw new Error('no lock');
    await project.changeLock(() => buildLock({ default: { ...locked, runtime: { onnxruntime: '2.0.0' } } }));
    const stale = await check(world(project));
    expect(stale.exit).toBe(3);
    expect(stale.out).toMatch(/golden {4}stale {2}unknown .*runtime moved: [0-9a-f]{12} -> [0-9a-f]{12}/);
    expect(stale.out).toContain('renew golden: plimsoll golden record');
    await project.changeLock(() => buildLock({ default: { ...locked, evidence: {} } }));
    expect(await check(world(project))).toMatchObject({ exit: 3 });
  });

  it('is 1 when the lock is out of step, and says from what to what', async () => {
    const project = await provenProject();
    project.edit({ contract: minimalContract.replace('serve-model]', 'serve-model], args: [--verbose]') });
    const { exit, out } = await check(world(project));
    expect(exit).toBe(1);
    expect(out).toMatch(/lock: code [0-9a-f]{12} -> [0-9a-f]{12}/);
    expect(out.trimEnd().endsWith('next: plimsoll pin')).toBe(true);
  });

  it('is 1 when fresh evidence fails', async () => {
    const project = await provenProject();
    const locked = (await project.lock())?.environments['default'];
    const golden = locked?.evidence.golden;
    if (locked === undefined || golden === undefined) throw new Error('no evidence');
    const failing = { ...golden, measurements: { ...golden.measurements, reproducedCases: 1 } };
    await project.changeLock(() => buildLock({ default: { ...locked, evidence: { golden: failing } } }));
    const { exit, out } = await check(world(project));
    expect(exit).toBe(1);
    expect(out).toContain('only 1 of 3 cases');
  });

  it('is 2 for a wrong contract, and shows every problem on stdout', async () => {
    const project = makeMemoryProject({ contract: `${minimalContract}ownr: x\nscaling: { signal: cpu }\n` });
    const { exit, out } = await check(world(project));
    expect(exit).toBe(2);
    expect(out).toContain('plimsoll.yaml:6:1: unknown key `ownr` at the top\n  6 | ownr: x\n    | ^^^^');
    expect(out).toContain('did you mean `owner`?');
    expect(out).toContain('plimsoll.yaml:7:20');
    expect(out).toContain('the contract has 2 problems');
  });

  it('is 2 when files of the code are gone, and says so beside the rest', async () => {
    const project = await provenProject();
    project.edit({ contract: minimalContract.replace('serve-model]', 'serve-model], files: [gone.py]') });
    const { exit, out } = await check(world(project));
    expect(exit).toBe(2);
    expect(out).toContain('gone.py');
  });

  it('counts a waived kind as passing, and lists the waiver', async () => {
    const waiver: Waiver = { kind: 'golden', reason: 'first trial', untilMs: 3_000_000, by: 'ann', atMs: 1 };
    const project = await provenProject();
    const locked = (await project.lock())?.environments['default'];
    if (locked === undefined) throw new Error('no lock');
    await project.changeLock(() => buildLock({ default: { ...locked, evidence: {} } }));
    project.edit({ waivers: [waiver] });
    const { exit, out } = await check(world(project));
    expect(exit).toBe(0);
    expect(out).toContain('waived: golden until 1970-01-01 00:50 UTC by ann: first trial');
    expect(out).toContain('pass (1 kind of evidence waived)');
    expect(await check(world(project, { nowMs: 3_000_000 }))).toMatchObject({ exit: 3 });
  });

  it('shows a failure that was let through in red, and one that was not with what does not cover it', () => {
    const waiver: Waiver = { kind: 'golden', reason: 'known', untilMs: 3_000_000, by: 'ann', atMs: 1 };
    const lines = (given: Waiver) => {
      const state = { kind: 'golden', freshness: 'fresh', verdict: 'fail', reasons: [], available: true } as const;
      const shown = { environment: 'default', mismatches: [], evidence: [{ ...state, waiver: given }] };
      return environmentLines(shown, painter(true), 0).join('\n');
    };
    expect(lines({ ...waiver, failing: true })).toContain('\u001b[31m  waived although it fails: golden until');
    expect(lines({ ...waiver, failing: true })).toContain('\u001b[31mfail');
    expect(lines(waiver)).toContain('\u001b[31m  waived, which does not cover a failure: golden until');
  });

  it('looks at one environment, or at each of them', async () => {
    const project = makeMemoryProject({ contract: `${minimalContract}environments: { a: {}, b: {} }\n` });
    const json = async (...args: string[]) =>
      JSON.parse((await check(world(project), '--json', ...args)).out) as { environments: { environment: string }[] };
    expect((await json()).environments.map((one) => one.environment)).toEqual(['a', 'b']);
    expect((await json('--environment', 'all')).environments).toHaveLength(2);
    expect((await json('--environment', 'b')).environments.map((one) => one.environment)).toEqual(['b']);
    const unknown = await check(world(project), '--environment', 'prod');
    expect(unknown.exit).toBe(2);
    expect(unknown.err).toContain('it has `a`, `b`');
  });

  it('says of kinds that are judged live that no release waits for them', async () => {
    const project = await provenProject(`${minimalContract}cost: { prices: prices.yaml }\n`);
    const { out } = await check(world(project));
    expect(out).toContain('judged while the release is live');
    expect(out).not.toContain('waive');
  });
});

describe('plimsoll check --online', () => {
  it('needs the store, and is 3 when that is out of reach', async () => {
    const offline = await check(world(await provenProject()));
    expect(offline.exit).toBe(0);
    const online = await check(world(await provenProject()), '--online');
    expect(online.exit).toBe(3);
    expect(online.out).toContain('the store is out of reach');
  });

  it('is 3 when the registry does not know the model', async () => {
    const { exit, out } = await check(world(await provenProject(), { store: memoryStore() }), '--online');
    expect(exit).toBe(3);
    expect(out).toContain('the registry has no model `digits`');
  });
});

describe('plimsoll check --watch', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  async function watch(body: string, status = 200): Promise<string> {
    server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const view = (environment: string) =>
    JSON.stringify({
      service: 'digits',
      environment,
      somethingNew: true,
      evidence: [
        {
          kind: 'golden',
          freshness: 'stale',
          verdict: 'unknown',
          reasons: ['invalidated by the watch: the driver moved'],
          renew: 'plimsoll golden record',
          available: true,
        },
      ],
    });

  it('counts what the watch has invalidated', async () => {
    const { exit, out } = await check(world(await provenProject()), '--watch', await watch(view('default')));
    expect(exit).toBe(3);
    expect(out).toContain('invalidated by the watch: the driver moved');
  });

  it('shows the waiver that the live release went out on, and leaves aside what is unknown over there', async () => {
    const project = await provenProject();
    const locked = (await project.lock())?.environments['default'];
    if (locked === undefined) throw new Error('no lock');
    const live = {
      kind: 'golden',
      freshness: 'unknown',
      verdict: 'unknown',
      reasons: ['the present runtime is not known: no replica reports'],
      available: true,
      subjects: [
        { subject: 'runtime', knownBy: 'nodes', measured: null, present: null, unknown: 'no replica reports' },
      ],
      waiver: { kind: 'golden', reason: 'first try', untilMs: 9_000_000, by: 'ann', atMs: 1 },
    };
    const said = { service: 'digits', environment: 'default', asks: [], evidenceOf: 3, evidence: [live] };
    const address = await watch(JSON.stringify(said));
    const proven = await check(world(project), '--watch', address);
    expect([proven.exit, proven.out]).toEqual([0, expect.not.stringContaining('no replica reports')]);
    await project.changeLock(() => buildLock({ default: { ...locked, evidence: {} } }));
    const waived = await check(world(project), '--watch', address);
    expect([waived.exit, waived.out]).toEqual([0, expect.stringContaining('waived: golden until')]);
  });

  it('ignores a watch over another environment', async () => {
    expect(await check(world(await provenProject()), '--watch', await watch(view('prod')))).toMatchObject({ exit: 0 });
  });

  it.each([
    ['not JSON', '<html>', 200],
    ['an error', '{}', 500],
    ['another program', '{"hello": 1}', 200],
  ])('is 3 when the answer is %s', async (_name, body, status) => {
    const { exit, out } = await check(world(await provenProject()), '--watch', await watch(body, status));
    expect(exit).toBe(3);
    expect(out).toContain('could not be asked');
  });

  it('is 3 when nobody answers, and 2 when the address is none', async () => {
    const address = await watch('');
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    expect(await check(world(await provenProject()), '--watch', address)).toMatchObject({ exit: 3 });
    expect(await check(world(await provenProject()), '--watch', 'nonsense')).toMatchObject({ exit: 2 });
  });
});

describe('plimsoll check --format', () => {
  const broken = () => makeMemoryProject({ contract: `${minimalContract}ownr: x\n` });

  it('refuses a format that is none', async () => {
    expect(await check(world(broken()), '--format', 'xml')).toMatchObject({ exit: 2 });
  });

  it('sarif places each finding in its file', async () => {
    const { exit, out } = await check(world(broken()), '--format', 'sarif');
    const sarif = JSON.parse(out) as { version: string; runs: { results: unknown[] }[] };
    expect(exit).toBe(2);
    expect(sarif.version).toBe('2.1.0');
    expect(sarif.runs[0]?.results).toMatchObject([
      {
        ruleId: 'unknown-key',
        level: 'error',
        locations: [
          {
            physicalLocation: { artifactLocation: { uri: 'plimsoll.yaml' }, region: { startLine: 6, startColumn: 1 } },
          },
        ],
      },
    ]);
  });

  it('github is annotations', async () => {
    const { out } = await check(world(broken()), '--format', 'github');
    expect(out).toContain('::error file=plimsoll.yaml,line=6,col=1,title=plimsoll check%3A contract::unknown key');
  });

  it('github and junit point at the lock where the lock is wrong', async () => {
    const project = makeMemoryProject({ contract: minimalContract });
    const conflict = '{\n<<<<<<< ours\n';
    project.lock = async () => readLock(new TextEncoder().encode(conflict), 'plimsoll.lock');
    const github = await check(world(project), '--format', 'github');
    expect(github.exit).toBe(2);
    expect(github.out).toContain('::error file=plimsoll.lock,line=2,col=1,title=plimsoll check%3A lock::');
    const { out } = await check(world(project), '--format', 'junit');
    expect(out).toContain('<testcase classname="plimsoll.check" name="lock" file="plimsoll.lock">');
    expect(out).toContain('<failure type="lock-invalid"');
  });

  it('junit counts what does not hold', async () => {
    const { out } = await check(world(makeMemoryProject({ contract: minimalContract })), '--format', 'junit');
    expect(out).toContain('<testsuites name="plimsoll" tests="3" failures="2" skipped="0">');
    expect(out).toContain('<testcase classname="plimsoll.check" name="contract" file="plimsoll.yaml"/>');
  });

  it('markdown is a table that a message cannot break', async () => {
    const { out } = await check(world(makeMemoryProject({ contract: wholeContract })), '--format', 'markdown');
    expect(out).toContain('#### Evidence in prod');
    expect(out).toMatch(/^\| hardware \| \*\*not proven\*\* \| missing \| never \|/m);
    expect(
      out
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .every((line) => line.endsWith('|')),
    ).toBe(true);
  });
});
