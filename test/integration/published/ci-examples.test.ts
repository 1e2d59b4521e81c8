/** The jobs in examples/ci: held to the schemas of both systems, to actionlint and to a shell. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { actionlint, checkJsonschema } from '../../peers/ci-linters.ts';

const folder = path.join(import.meta.dirname, '../../../examples/ci');
const workflow = path.join(folder, 'github-actions.yml');
const pipeline = path.join(folder, 'gitlab-ci.yml');
const releaseWorkflow = path.join(folder, 'github-release.yml');
const releasePipeline = path.join(folder, 'gitlab-release.yml');

describe('examples/ci', () => {
  const schemas = checkJsonschema();
  it.skipIf(schemas === null)('fit the schemas of GitHub Actions and GitLab', () => {
    const check = (schema: string, file: string) =>
      spawnSync(schemas ?? '', ['--builtin-schema', schema, file], { encoding: 'utf8' });
    for (const [schema, file] of [
      ['vendor.github-workflows', workflow],
      ['vendor.gitlab-ci', pipeline],
      ['vendor.github-workflows', releaseWorkflow],
      ['vendor.gitlab-ci', releasePipeline],
    ] as const) {
      const { status, stdout, stderr } = check(schema, file);
      expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('ok')]);
    }
    const broken = path.join(mkdtempSync(path.join(tmpdir(), 'plimsoll-ci-')), 'broken.yml');
    writeFileSync(broken, readFileSync(workflow, 'utf8').replace('runs-on:', 'runs-at:'));
    expect(check('vendor.github-workflows', broken).status).not.toBe(0);
  });

  const lint = actionlint();
  it.skipIf(lint === null)('pass actionlint', () => {
    const { status, stdout, stderr } = spawnSync(lint ?? '', ['-no-color', workflow, releaseWorkflow], {
      encoding: 'utf8',
    });
    expect([status, stdout + stderr]).toEqual([0, '']);
  });

  it('have scripts that a shell parses', () => {
    const github = parse(readFileSync(workflow, 'utf8')) as {
      jobs: { check: { steps: readonly { run?: string }[] } };
    };
    const gitlab = parse(readFileSync(pipeline, 'utf8')) as { plimsoll: { script: readonly string[] } };
    const scripts = [...github.jobs.check.steps.flatMap(({ run }) => run ?? []), gitlab.plimsoll.script.join('\n')];
    expect(scripts.length).toBeGreaterThan(3);
    for (const script of scripts)
      expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr).toBe('');
  });

  it('install nothing by a name that anybody can take, and write with nothing that was installed', () => {
    const texts = [workflow, pipeline, releaseWorkflow, releasePipeline].map((file) => readFileSync(file, 'utf8'));
    for (const text of texts) {
      expect(text).toContain('sha256sum --check');
      expect(text.match(/npm install .*/g)).toEqual(['npm install --global ./plimsoll.tgz']);
    }
    const { permissions, jobs } = parse(texts[0] ?? '') as {
      permissions: object;
      jobs: Readonly<Record<string, { permissions?: object; steps: readonly { run?: string; uses?: string }[] }>>;
    };
    expect(permissions).toEqual({ contents: 'read' });
    const writing = Object.values(jobs).filter((job) => JSON.stringify(job.permissions ?? {}).includes('write'));
    expect(writing).toHaveLength(1);
    expect(JSON.stringify(writing)).not.toMatch(/npm |plimsoll check|checkout/);
  });

  it('give the status of the check to whoever holds the merge', () => {
    const { plimsoll } = parse(readFileSync(pipeline, 'utf8')) as { plimsoll: { script: readonly string[] } };
    const bin = mkdtempSync(path.join(tmpdir(), 'plimsoll-ci-'));
    writeFileSync(path.join(bin, 'plimsoll'), '#!/bin/sh\necho "<!-- plimsoll check: digits -->"\nexit 3\n', {
      mode: 0o755,
    });
    const run = spawnSync('bash', ['--norc', '-eo', 'pipefail', '-c', plimsoll.script.join('\n')], {
      cwd: bin,
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(3);
    expect(readFileSync(path.join(bin, 'comment.md'), 'utf8')).toContain('plimsoll check: digits');
    expect(() => execFileSync('test', ['-s', path.join(bin, 'plimsoll.xml')])).not.toThrow();
  });

  it('release by the same command in both systems, and end with its status', () => {
    const github = parse(readFileSync(releaseWorkflow, 'utf8')) as {
      jobs: { release: { steps: readonly { run?: string; env?: Readonly<Record<string, string>> }[] } };
    };
    const gitlab = parse(readFileSync(releasePipeline, 'utf8')) as {
      'plimsoll-release': { script: readonly string[] };
    };
    const { run, env } = github.jobs.release.steps.at(-1)!;
    expect([run]).toEqual(gitlab['plimsoll-release'].script);
    expect(Object.keys(env!)).toEqual(['PLIMSOLL_SERVER', 'PLIMSOLL_TOKEN']);
    const page = readFileSync(path.join(folder, '../../docs/ci-release.md'), 'utf8');
    expect(page.split(run!)).toHaveLength(3);
    const bin = mkdtempSync(path.join(tmpdir(), 'plimsoll-ci-'));
    writeFileSync(path.join(bin, 'plimsoll'), '#!/bin/sh\necho "$@"\nexit 1\n', { mode: 0o755 });
    const ran = spawnSync('bash', ['--norc', '-eo', 'pipefail', '-c', run!], {
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, PLIMSOLL_SERVER: 'https://plimsoll.example:7070' },
    });
    expect([ran.status, ran.stdout]).toEqual([1, 'release --server https://plimsoll.example:7070\n']);
  });
});
