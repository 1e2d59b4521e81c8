import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import type { ServerCommand } from './server-process.ts';

const mlserverVersion = '1.7.1';
const onnxruntimeVersion = '1.23.2';

export type MlServer =
  { readonly kind: 'installed'; readonly bin: string } | { readonly kind: 'missing'; readonly why: string };

/** A virtual environment in the user's cache, outside the repository. */
function mlServerFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(cache, 'plimsoll-bench', `mlserver-${mlserverVersion}`);
}

const markerOf = (folder: string): string => path.join(folder, 'installed');

/** Installs nothing. */
export function findMlServer(): MlServer {
  const folder = mlServerFolder();
  if (existsSync(markerOf(folder))) return { kind: 'installed', bin: path.join(folder, 'bin') };
  return { kind: 'missing', why: `MLServer ${mlserverVersion} is not in ${folder}` };
}

/** Installs MLServer from PyPI, once. */
export function installMlServer(say: (line: string) => void): MlServer {
  const found = findMlServer();
  if (found.kind === 'installed') return found;
  const folder = mlServerFolder();
  const bin = path.join(folder, 'bin');
  if (spawnSync('python3', ['-m', 'venv', '--help']).status !== 0) {
    return { kind: 'missing', why: 'python3 with venv is not installed (apt-get install python3-venv)' };
  }
  say(`installing MLServer ${mlserverVersion} into ${folder} (once)`);
  mkdirSync(path.dirname(folder), { recursive: true });
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', folder]],
    [
      path.join(bin, 'pip'),
      ['install', '--quiet', '--no-input', '--no-compile'].concat(
        `mlserver==${mlserverVersion}`,
        `onnxruntime==${onnxruntimeVersion}`,
      ),
    ],
  ];
  for (const [file, args] of steps) {
    const run = spawnSync(file, args, { encoding: 'utf8', timeout: 600_000 });
    if (run.status !== 0) {
      return {
        kind: 'missing',
        why: `${path.basename(file)} failed: ${(run.stderr || String(run.error)).trim().slice(-300)}`,
      };
    }
  }
  writeFileSync(markerOf(folder), '');
  return { kind: 'installed', bin };
}

/** MLServer in one process without its pool of workers, logs and metrics: the form in which it answers most requests. */
export async function mlServerCommand(
  bin: string,
  folder: string,
  modelPath: string,
  threads: number,
): Promise<ServerCommand> {
  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  mkdirSync(path.join(folder, 'digits'), { recursive: true });
  writeFileSync(
    path.join(folder, 'settings.json'),
    JSON.stringify({
      host: '127.0.0.1',
      http_port: httpPort,
      grpc_port: grpcPort,
      parallel_workers: 0,
      debug: false,
      metrics_endpoint: null,
      use_structured_logging: false,
    }),
  );
  writeFileSync(
    path.join(folder, 'digits', 'model-settings.json'),
    JSON.stringify({
      name: 'digits',
      implementation: 'onnx_model.OnnxModel',
      parameters: { uri: modelPath, extra: { threads } },
    }),
  );
  copyFileSync(
    path.join(import.meta.dirname, 'mlserver', 'onnx_model.py'),
    path.join(folder, 'digits', 'onnx_model.py'),
  );
  return {
    file: path.join(bin, 'mlserver'),
    args: ['start', folder],
    cwd: folder,
    env: { PYTHONPATH: path.join(folder, 'digits') },
    portIn: () => httpPort,
    readyPath: '/v2/models/digits/ready',
    startTimeoutMs: 60_000,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
