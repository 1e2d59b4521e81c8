/**
 * Makes the stores of test/fixtures/stores/VERSION with the programs of this checkout, once for each version, before it
 * is released: `node test/integration/stores/old-stores/make.ts [sqlite|postgresql]`. Needs GNU tar, PostgreSQL and six minutes.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { programsOf } from '../../../../src/adapters/processes/process-table/programs-of.ts';
import { makeProcessTable } from '../../../../src/adapters/processes/process-table/this-machine.ts';
import { schemaVersion } from '../../../../src/adapters/sql/schema-version.ts';
import packageJson from '../../../../package.json' with { type: 'json' };
import { missingPostgres, PostgresServer } from '../../../peers/postgres-server.ts';
import { UserProject } from '../../../user-project.ts';
import { readRecorded, storesFolder, type ExpectedStore } from './fixture.ts';
import { filesOfProject, liveThroughHistory, untilLive } from './history.ts';

const plimsollVersion: string = packageJson.version;
const versionFolder = path.join(storesFolder, plimsollVersion);
/** Processes and ports of the machine that made the store say nothing to another one. */
const leftOut = ['./run', './logs', './.gitignore'];

const [wanted] = process.argv.slice(2);
if (wanted !== 'postgresql') await makeSqliteStores();
if (wanted !== 'sqlite') await makePostgresStore();

async function makeSqliteStores(): Promise<void> {
  refuseTwice('sqlite-killed', 'sqlite-stopped');
  const project = new UserProject({ files: filesOfProject() });
  try {
    await liveThroughHistory(project);
    await kill(project);
    await save(project, { store: 'sqlite-killed', kind: 'sqlite', ended: 'killed', journaledRelease: null });
    await project.up();
    await untilLive(project);
    await project.stop();
    await save(project, { store: 'sqlite-stopped', kind: 'sqlite', ended: 'stopped', journaledRelease: null });
  } finally {
    await project.stop();
    project.remove();
  }
}

/** Its last act is a rollback while the database is away, so that the journal has an entry that the records lack. */
async function makePostgresStore(): Promise<void> {
  if (missingPostgres !== null) throw new Error(missingPostgres);
  refuseTwice('postgresql-journaled');
  const server = await PostgresServer.start();
  const database = await server.newDatabase();
  const project = new UserProject({ files: filesOfProject(), env: { DATABASE_URL: server.url(database) } });
  try {
    await liveThroughHistory(project);
    server.halt('immediate');
    const rollback = await project.passing('rollback', '--model', '--reason', 'the database was away', '--json');
    const { release } = JSON.parse(rollback) as { readonly release: { readonly number: number } };
    await kill(project);
    server.begin();
    const store = 'postgresql-journaled';
    await save(project, { store, kind: 'postgresql', ended: 'killed', journaledRelease: release.number });
    dump(server, database, path.join(versionFolder, store, 'postgres.sql'));
  } finally {
    await project.stop();
    project.remove();
    server.remove();
  }
}

function refuseTwice(...names: readonly string[]): void {
  const present = names.map((name) => path.join(versionFolder, name)).find((folder) => existsSync(folder));
  if (present !== undefined) throw new Error(`${present} is there: a store of a version is made once`);
}

/** `up` first, since it would start the control plane again. */
async function kill(project: UserProject): Promise<void> {
  process.kill(project.upPid, 'SIGKILL');
  const [controlPlane] = programsOf(project.stateFolder, 'control-plane', makeProcessTable());
  if (controlPlane === undefined) throw new Error('no control plane runs');
  process.kill(controlPlane.pid, 'SIGKILL');
  await project.stop();
}

/** The archive comes first: whoever reads an SQLite store tidies up what a killed program left. */
async function save(
  project: UserProject,
  { store, ...how }: Pick<ExpectedStore, 'kind' | 'ended' | 'journaledRelease'> & { readonly store: string },
): Promise<void> {
  const folder = path.join(versionFolder, store);
  mkdirSync(path.join(folder, 'project'), { recursive: true });
  const exclude = leftOut.map((name) => `--exclude=${name}`);
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  const archive = path.join(folder, 'state.tar.gz');
  run('tar', '--sort=name', ...owner, ...exclude, '-czf', archive, '-C', project.stateFolder, '.');
  for (const name of ['plimsoll.yaml', 'plimsoll.lock', 'golden']) {
    cpSync(path.join(project.folder, name), path.join(folder, 'project', name), { recursive: true });
  }
  const recorded = await readRecorded(project);
  const expected: ExpectedStore = { plimsollVersion, schemaVersion, ...how, recorded };
  writeFileSync(path.join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
}

/** As statements that any client can send: without COPY, and without the commands of psql. */
function dump(server: PostgresServer, database: string, file: string): void {
  const options = ['--no-owner', '--no-privileges', '--rows-per-insert=20'];
  const text = run('pg_dump', ...options, '--dbname', server.url(database));
  const statements = text.split('\n').filter((line) => !line.startsWith('\\'));
  const head = `-- A store of Plimsoll ${plimsollVersion}, schema version ${schemaVersion}. It is never made again: see ../../README.md`;
  writeFileSync(file, [head, ...statements].join('\n'));
}

function run(program: string, ...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
}
