// Runs on whatever Node is there (20 or newer): installs the locked dependencies when they are absent or
// out of step with package-lock.json, then hands over to the repository's own Node 24.
//
//   node scripts/bootstrap.mjs [SCRIPT [ARGUMENT...]]
//
// Everything it says goes to stderr, so that `npm -s start -- --json` keeps stdout for the answer.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const nodeBinary = path.join(root, 'node_modules', '.bin', 'node');
const marker = path.join(root, 'node_modules', '.plimsoll-installed');
const installLock = path.join(root, '.plimsoll-install.lock');

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write(
    `plimsoll: Node ${process.versions.node} is too old to set up from; install Node 20 or newer.\n`,
  );
  process.exit(2);
}

const lockDigest = () =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
const installed = () => existsSync(nodeBinary) && existsSync(marker) && readFileSync(marker, 'utf8') === lockDigest();

function install() {
  const startedMs = Date.now();
  process.stderr.write('plimsoll: installing npm packages (once)\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, NODE_ENV: '' },
  });
  if (npm.status !== 0) {
    process.stderr.write(
      `plimsoll: \`npm ci\` failed (${npm.error?.message ?? `status ${npm.status}`}); ` +
        'see the lines above, mend the network or the npm settings, and run the same command again.\n',
    );
    process.exit(3);
  }
  if (!existsSync(nodeBinary)) {
    process.stderr.write(
      `plimsoll: no package of scripts/node brings Node 24 for ${process.platform} on ${process.arch}; it runs on Linux (x64, arm64).\n`,
    );
    process.exit(3);
  }
  writeFileSync(marker, lockDigest());
  process.stderr.write(`plimsoll: npm packages installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`);
}

/** Two commands started at once in a bare clone must not run `npm ci` over each other. */
async function installOnce() {
  const giveUpAtMs = Date.now() + 15 * 60_000;
  while (!installed()) {
    try {
      closeSync(openSync(installLock, 'wx'));
    } catch {
      const ageMs = existsSync(installLock) ? Date.now() - statSync(installLock).mtimeMs : 0;
      if (ageMs > 10 * 60_000) rmSync(installLock, { force: true });
      if (Date.now() > giveUpAtMs) {
        process.stderr.write(`plimsoll: another installation holds ${installLock}; remove it if none is running.\n`);
        process.exit(3);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    const release = () => rmSync(installLock, { force: true });
    process.once('exit', release);
    try {
      mkdirSync(path.join(root, 'node_modules'), { recursive: true });
      if (!installed()) install();
    } finally {
      release();
      process.off('exit', release);
    }
  }
}

if (!installed()) await installOnce();
const [script, ...args] = process.argv.slice(2);
if (script !== undefined) {
  const child = spawn(nodeBinary, [path.resolve(root, script), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${path.dirname(nodeBinary)}${path.delimiter}${process.env.PATH ?? ''}` },
  });
  // The terminal sends Ctrl-C to the whole foreground group; anything else is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`plimsoll: cannot start ${nodeBinary}: ${error.message}\n`);
    process.exit(3);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}
