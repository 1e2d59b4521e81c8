import { dockerWithClone3 } from '../../../core/hardware/tables/host/container-hosts.ts';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import { compareVersions } from '../../../core/units/quantity/quantity-version-range.ts';
import { readVersion } from '../../../core/units/version.ts';

// By import it would take 14 MB.
const { request } = process.getBuiltinModule('node:http');

/** Where Docker listens. */
export const dockerSocket = '/var/run/docker.sock';

const answerWithinMs = 2000;
const mostBytes = 64 * 1024;

/**
 * Whether Docker lets containers call `clone3`, by the version that its daemon tells; null where no daemon tells one.
 *
 * | version | build | |
 * |---|---|---|
 * | 20.10.10 or newer | any | allowed |
 * | older | of a distribution, which may have mended it (`20.10.7-0ubuntu5`) | null |
 * | older | any other | refused |
 */
export async function readClone3(socketPath: string, signal: AbortSignal): Promise<DeviceState['clone3'] | null> {
  const answer = await ask(socketPath, signal);
  const version = readVersion(answer?.version ?? '');
  if (answer === null || version === null) return null;
  if (compareVersions(version, readVersion(dockerWithClone3) ?? []) >= 0) return 'allowed';
  return /ubuntu|debian|[~+-]/.test(answer.build) ? null : 'refused';
}

interface DockerVersion {
  readonly version: string;
  /** Commit or package that it was built from. */
  readonly build: string;
}

function ask(socketPath: string, signal: AbortSignal): Promise<DockerVersion | null> {
  return new Promise((resolve) => {
    const asked = request(
      { socketPath, path: '/version', signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]) },
      (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        response.on('data', (part: Buffer) => {
          bytes += part.length;
          parts.push(part);
          if (bytes > mostBytes) response.destroy();
        });
        response.once('close', () => {
          resolve(response.complete ? parse(Buffer.concat(parts).toString('utf8')) : null);
        });
        response.once('error', () => {
          resolve(null);
        });
      },
    );
    asked.once('error', () => {
      resolve(null);
    });
    asked.end();
  });
}

function parse(text: string): DockerVersion | null {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null) return null;
    const { Version: version, GitCommit: build } = read as { readonly Version?: unknown; readonly GitCommit?: unknown };
    return typeof version === 'string' ? { version, build: typeof build === 'string' ? build : '' } : null;
  } catch {
    return null;
  }
}
