import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const kubernetesVersion = 'v1.36.3';
const modules = path.join(path.dirname(import.meta.dirname), 'modules');
const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll', 'kubernetes');
const buildLimitMs = 3_600_000;

interface GoBuild {
  readonly folder: string;
  readonly packages: readonly string[];
  /** A folder where it ends in a slash. */
  readonly output: string;
  readonly flags?: readonly string[];
}

/** Without these the API server and the kubelet call themselves v0.0.0. */
const [major = '', minor = ''] = kubernetesVersion.slice(1).split('.');
const versionFlags = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
  .flatMap((name) => [
    `${name}.gitVersion=${kubernetesVersion}`,
    `${name}.gitMajor=${major}`,
    `${name}.gitMinor=${minor}`,
  ])
  .map((value) => `-X ${value}`)
  .join(' ');

const containerd = 'github.com/containerd/containerd/v2/cmd';
const builds: readonly GoBuild[] = [
  { folder: 'pause', packages: ['.'], output: 'pause' },
  { folder: 'etcd', packages: ['.'], output: 'etcd' },
  { folder: 'cluster', packages: ['.'], output: 'kubernetes', flags: ['-ldflags', `-s -w ${versionFlags}`] },
  {
    folder: 'containerd',
    packages: [`${containerd}/containerd`, `${containerd}/containerd-shim-runc-v2`],
    output: './',
    flags: ['-tags', 'no_btrfs no_zfs no_devmapper'],
  },
  { folder: 'kwok', packages: ['sigs.k8s.io/kwok/cmd/kwok'], output: 'kwok' },
];

/** The names under which the one binary of `modules/cluster` is each of the programs. */
const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kubectl'];

/** Folder of the programs that these modules make with this Go; null where they are not built yet. */
export function findBinaries(): string | null {
  const folder = binariesFolder();
  return existsSync(folder) ? folder : null;
}

/**
 * Builds what is missing, about ten minutes of processor time, and tells each step. A build that was interrupted goes
 * on from what the Go compiler kept.
 * @returns the folder of the programs.
 * @throws Error when a build fails, with the last words of Go.
 */
export async function buildBinaries(say: (line: string) => void): Promise<string> {
  const folder = binariesFolder();
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const [at, build] of builds.entries()) {
    const beganMs = performance.now();
    say(`building ${build.folder} (${at + 1} of ${builds.length})`);
    await goBuild(build, unfinished, say);
    say(`built ${build.folder} in ${Math.round((performance.now() - beganMs) / 1000)} s`);
  }
  for (const name of programs) symlinkSync('kubernetes', path.join(unfinished, name));
  writeFileSync(path.join(unfinished, 'kwok-stages.yaml'), readKwokStages());
  // Whoever was faster built the same.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
  rmSync(compileCache, { recursive: true, force: true });
  return folder;
}

const compileCache = path.join(cache, 'compile');

/** The digest covers every file of the modules, the flags, and the compiler. */
function binariesFolder(): string {
  const hash = createHash('sha256')
    .update(goVersion())
    .update(JSON.stringify([builds, programs]));
  for (const name of globSync('**/*', { cwd: modules, withFileTypes: false }).sort()) {
    const file = path.join(modules, name);
    if (/\.(go|mod|sum)$/.test(name)) hash.update(`${name}\0`).update(readFileSync(file)).update('\0');
  }
  return path.join(cache, hash.digest('hex').slice(0, 16));
}

export function goVersion(): string {
  return spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env: goEnvironment() }).stdout?.trim() ?? '';
}

function goEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CGO_ENABLED: '0',
    GOCACHE: compileCache,
    GOFLAGS: '-buildvcs=false',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
  };
}

/** At the lowest priority: it may run beside other tests. */
async function goBuild(
  { folder, packages, output, flags = [] }: GoBuild,
  into: string,
  say: (line: string) => void,
): Promise<void> {
  const target = output.endsWith('/') ? `${into}/` : path.join(into, output);
  const linked = flags.includes('-ldflags') ? flags : ['-ldflags', '-s -w', ...flags];
  const args = ['-n', '19', 'go', 'build', '-trimpath', ...linked, '-o', target, ...packages];
  const child = spawn('nice', args, { cwd: path.join(modules, folder), env: goEnvironment(), timeout: buildLimitMs });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4_000)));
  const told = setInterval(() => say(`still building ${folder}`), 60_000);
  const status = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'ended'));
  });
  clearInterval(told);
  if (status !== 0) throw new Error(`go build of ${folder} ended with ${status}: ${words.trim().slice(-1_000)}`);
}

/** How kwok plays nodes and pods: files of its own module. */
function readKwokStages(): string {
  const listed = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], {
    cwd: path.join(modules, 'kwok'),
    env: goEnvironment(),
    encoding: 'utf8',
  });
  if (listed.status !== 0) throw new Error(`go list of kwok failed: ${listed.stderr.trim().slice(-500)}`);
  const stages = path.join(listed.stdout.trim(), 'kustomize', 'stage');
  const names = globSync(['node/fast/*.yaml', 'node/heartbeat-with-lease/*.yaml', 'pod/fast/*.yaml'], { cwd: stages });
  return names
    .filter((name) => !name.endsWith('kustomization.yaml'))
    .sort()
    .map((name) => `---\n${readFileSync(path.join(stages, name), 'utf8')}`)
    .join('');
}
