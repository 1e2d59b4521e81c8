/**
 * Runs a command inside of a throw-away Kubernetes cluster: builds its programs where they are not there yet, starts it in
 * namespaces of its own, and leaves nothing behind. Where it cannot be had, the command runs without a cluster, so that
 * its tests are skipped and counted.
 *
 *   node test/kubernetes/run.ts COMMAND...
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fetchDebianPackages } from '../../scripts/image/debian-packages.ts';
import { buildBinaries } from './build/binaries.ts';
import { missingForCluster } from './build/prerequisites.ts';
import { bubbleCommand, removeCgroups } from './cluster/bubble.ts';
import { buildHelm, helmVariable } from './helm/build-helm.ts';
import { placeVariables, type ClusterPlace } from './cluster/place.ts';

const prefix = 'plimsoll-cluster-';
const command = process.argv.slice(2);
const say = (line: string): void => void process.stderr.write(`cluster: ${line}\n`);

const helm = await buildHelm(say);
if (helm !== null) process.env[helmVariable] = helm;
downloadBase();
const binaries = await findOrBuild();
process.exitCode = await (binaries === null ? run(command, {}) : runInCluster(binaries));

/** The base of the image of Plimsoll, for its test: inside of the cluster there is no network. */
function downloadBase(): void {
  try {
    fetchDebianPackages();
  } catch (thrown) {
    say(`NO IMAGE HERE: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

async function findOrBuild(): Promise<string | null> {
  const missing = missingForCluster();
  try {
    if (missing.length === 0) return await buildBinaries(say);
  } catch (thrown) {
    missing.push(thrown instanceof Error ? thrown.message : String(thrown));
  }
  say('==========================================================');
  say('NO CLUSTER HERE: every test that needs one is skipped');
  for (const reason of missing) say(reason);
  say('==========================================================');
  return null;
}

async function runInCluster(programs: string): Promise<number> {
  removeLeftovers();
  const folder = mkdtempSync(path.join(tmpdir(), `${prefix}${process.pid}-`));
  const place: ClusterPlace = { folder, binaries: programs, cgroup: path.basename(folder) };
  const inside = path.join(import.meta.dirname, 'cluster', 'inside.ts');
  try {
    // Whoever makes namespaces waits for its child through SIGTERM, and takes it along when it is killed.
    return await run(bubbleCommand([process.execPath, inside, ...command]), placeVariables(place), 'SIGKILL');
  } finally {
    remove(place);
  }
}

/** What a run left that was killed: its processes ended with it. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const pid = name.slice(prefix.length).split('-')[0] ?? '';
    if (!existsSync(`/proc/${pid}`)) remove({ folder: path.join(tmpdir(), name), binaries: '', cgroup: name });
  }
}

function remove(place: ClusterPlace): void {
  removeCgroups(place);
  rmSync(place.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function run(
  [file = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  end: NodeJS.Signals = 'SIGTERM',
): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const stop = (): void => void child.kill(end);
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(error.message);
      resolve(127);
    });
    child.once('close', (status) => resolve(status ?? 1));
  });
}
