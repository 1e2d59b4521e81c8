import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { repositoryFolder, runProgram, userEnvironment, UserProject, type Ran } from '../../user-project.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'plimsoll-published-'));
const installed = path.join(scratch, 'prefix', 'bin', 'plimsoll');
const packageFolder = path.join(scratch, 'prefix', 'lib', 'node_modules', 'plimsoll');
const packageJson = JSON.parse(readFileSync(path.join(repositoryFolder, 'package.json'), 'utf8')) as {
  readonly version: string;
};
const model = tinyModel(1);
let tarball: string;
let project: UserProject;

async function npm(cwd: string, ...words: readonly string[]): Promise<Ran> {
  const env = { ...userEnvironment(), ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const ran = await runProgram('npm', words, cwd, env);
  if (ran.status !== 0)
    throw new Error(`npm ${words.join(' ')} exited with ${ran.status}:\n${ran.stdout}${ran.stderr}`);
  return ran;
}

/** Builds, packs and installs as somebody would who publishes, and then somebody who has only npm. */
beforeAll(async () => {
  await npm(repositoryFolder, 'run', 'package', '--', scratch);
  tarball = path.join(scratch, globSync('plimsoll-*.tgz', { cwd: scratch })[0] ?? 'no tarball');
  const startedMs = performance.now();
  await npm(scratch, 'install', '--global', '--prefix', path.join(scratch, 'prefix'), tarball);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`tarball ${(statSync(tarball).size / 1024).toFixed(0)} KiB; installed in ${seconds} s`);
  project = new UserProject({
    command: [installed],
    files: {
      'model.onnx': model.bytes,
      'golden.jsonl': [0, 1, 2].map((index) => `${JSON.stringify({ x: rowOf(index) })}\n`).join(''),
    },
  });
}, 600_000);
afterAll(async () => {
  const stopped = await project?.stop();
  project?.remove();
  rmSync(scratch, { recursive: true, force: true });
  expect(stopped).toEqual({ status: 0, left: 0 });
});

it('packs what runs and its licenses, and neither tests nor sources', () => {
  const listed = spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).stdout.trim().split('\n');
  const outside = listed.filter((name) => !name.startsWith('package/dist/')).sort();
  expect(outside).toEqual(
    ['LICENSE', 'README.md', 'package.json', 'schema/plimsoll.schema.json'].map((name) => `package/${name}`),
  );
  expect(listed.filter((name) => /\.tsx?$|\.test\.|\.map$|\.onnx$|node_modules/.test(name))).toEqual([]);
  expect(listed).toEqual(
    expect.arrayContaining(
      ['plimsoll.mjs', 'cli/licenses.md', 'dashboard/licenses.md'].map((n) => `package/dist/${n}`),
    ),
  );
  expect(statSync(tarball).size).toBeLessThan(1.5 * 1024 * 1024);
  // A worker is bundled on its own: what it shares with the command line it carries a second time.
  const workers = globSync('dist/cli/*-worker.mjs', { cwd: packageFolder });
  expect(workers.length).toBeGreaterThan(3);
  for (const worker of workers) expect(statSync(path.join(packageFolder, worker)).size, worker).toBeLessThan(32_000);
});

it('carries no path of the machine that built it', () => {
  const places = [repositoryFolder, homedir(), tmpdir()].map((folder) => folder + path.sep);
  const files = globSync('dist/**/*.{mjs,js,css,html,md}', { cwd: packageFolder });
  expect(files.length).toBeGreaterThan(20);
  const carrying = files.filter((file) => {
    const text = readFileSync(path.join(packageFolder, file), 'utf8');
    return places.some((place) => text.includes(place));
  });
  expect(carrying).toEqual([]);
});

it('says its version and its commands, as a plugin of kubectl too', async () => {
  const plugin = path.join(path.dirname(installed), 'kubectl-plimsoll');
  expect(spawnSync(plugin, ['--version'], { encoding: 'utf8' }).stdout).toBe(`${packageJson.version}\n`);
  expect(await project.passing('--version')).toBe(`${packageJson.version}\n`);
  expect(await project.passing('--help')).toMatch(/^ +up +run the service on this machine/m);
});

it('takes a folder with a model to a checked contract', async () => {
  expect(await project.passing('init', '--yes', '--service', 'tiny', '--model', 'tiny')).toContain(
    'wrote plimsoll.yaml',
  );
  expect(await project.passing('explain', 'monitoring.golden')).toMatch(/^monitoring\.golden\n/);
  const added = await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  expect(added).toMatch(/inputs +x +FP32 \[n, 4\]/);
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  expect(await project.passing('pin')).toMatch(/runtime onnxruntime +not pinned -> \d/);
  expect(await project.passing('golden', 'record')).toContain('3 of 3 came out again');
  expect(await project.passing('check')).toMatch(/golden +fresh +pass/);
});

it('loads what help and check need, and no more', () => {
  // What costs a start is what is read and compiled. One lazily loaded file that the build does not know of brought 600 kB along.
  const counted = `import { registerHooks } from 'node:module';
    import { statSync } from 'node:fs';
    let bytes = 0;
    registerHooks({
      load(url, context, next) {
        if (url.includes('/dist/cli/')) bytes += statSync(new URL(url)).size;
        return next(url, context);
      },
    });
    process.on('exit', () => process.stderr.write('loaded ' + bytes));`;
  const kilobytesOf = (word: string): number => {
    const program = path.join(packageFolder, 'dist', 'plimsoll.mjs');
    const args = ['--import', `data:text/javascript,${encodeURIComponent(counted)}`, program, word];
    const { stderr } = spawnSync(process.execPath, args, { cwd: project.folder, encoding: 'utf8' });
    return Number(/loaded (\d+)$/.exec(stderr)?.[1]) / 1000;
  };
  const [help, check] = [kilobytesOf('--help'), kilobytesOf('check')];
  expect(help).toBeGreaterThan(10);
  expect(help).toBeLessThan(60);
  expect(check).toBeGreaterThan(300);
  expect(check).toBeLessThan(750);
});

it('serves it: a release that is admitted by its golden set answers through the gateway', async () => {
  await project.up();
  expect(await project.passing('release')).toContain('release 1 is live');
  const answer = await fetch(`${project.gatewayUrl}/v2/models/tiny/infer`, {
    method: 'POST',
    body: inferBody(rowOf(7)),
  });
  const text = await answer.text();
  expect([answer.status, answer.headers.get('plimsoll-release')], text).toEqual([200, '1']);
  const body = JSON.parse(text) as { readonly outputs: readonly { readonly data: readonly number[] }[] };
  expect(body.outputs[0]?.data).toEqual(model.answer(rowOf(7)));
  const { plimsollVersion, replicas } = await project.view();
  expect(plimsollVersion).toBe(packageJson.version);
  expect(readFileSync(`/proc/${replicas[0]?.pid}/cmdline`, 'utf8')).toContain(scratch);
});

it('brings along the thread that parses what others wrote', async () => {
  const worker = new Worker(path.join(packageFolder, 'dist', 'cli', 'parser-worker.mjs'));
  const ask = async (text: string): Promise<unknown> => {
    const answered = once(worker, 'message') as Promise<[unknown]>;
    worker.postMessage({
      kind: 'contract',
      bytes: Buffer.from(text),
      file: '/srv/plimsoll.yaml',
      shownAs: 'plimsoll.yaml',
    });
    return (await answered)[0];
  };
  try {
    const contract = readFileSync(path.join(project.folder, 'plimsoll.yaml'), 'utf8');
    expect(await ask(contract)).toMatchObject({
      ok: true,
      value: { ok: true, loaded: { contract: { service: 'tiny' } } },
    });
    expect(await ask('['.repeat(1_000_000))).toMatchObject({ value: { ok: false, problems: [{ code: 'too-deep' }] } });
  } finally {
    await worker.terminate();
  }
});

it('brings its page along, with everything that it loads', async () => {
  const page = await fetch(`${project.pageUrl}/`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="\.?\/?([^"]+)"/g)].map(([, name]) => name ?? '');
  expect(assets).toEqual(expect.arrayContaining([expect.stringMatching(/\.js$/), expect.stringMatching(/\.css$/)]));
  for (const name of assets) {
    const asset = await fetch(`${project.pageUrl}/${name}`);
    expect([name, asset.status]).toEqual([name, 200]);
    const type = name.endsWith('.js') ? 'javascript' : name.endsWith('.css') ? 'text/css' : 'image/svg';
    expect(asset.headers.get('content-type')).toContain(type);
  }
  expect((await fetch(`${project.pageUrl}/reference`)).status).toBe(200);
});

it('says on an old Node which one it needs, in one line', (context) => {
  const old = oldNode();
  if (old === null) return context.skip('no Node before 24 in PATH');
  const { status, stdout, stderr } = spawnSync(old, [installed, 'check'], { encoding: 'utf8', cwd: project.folder });
  expect(stderr).toMatch(/^plimsoll needs Node 24 or newer; this is Node \d+\.\d+\.\d+\.\n$/);
  expect([status, stdout]).toEqual([2, '']);
});

/** The machine's own Node, where it is older than the one that Plimsoll needs. */
function oldNode(): string | null {
  const folders = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  const found = folders.map((folder) => path.join(folder, 'node')).filter((file) => existsSync(file));
  const isOld = (file: string): boolean =>
    Number(/^v(\d+)/.exec(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? 24) < 24;
  return found.find(isOld) ?? null;
}
