import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fetchDebianPackages } from '../../../scripts/image/debian-packages.ts';
import type { Installation } from '../../../src/ports/serving/installation.ts';

const limitMs = 120_000;

/** The network is outside of the cluster: test/kubernetes/run.ts downloads before it starts. */
export function missingBase(): string | null {
  try {
    fetchDebianPackages();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: { readonly phase: string; readonly podIP?: string };
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(
  file: string,
  args: readonly string[],
  input: string,
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const child = spawn(file, args, { cwd: tmpdir(), env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

export function pathOf({ apiVersion, kind, metadata }: Installation[number]): string {
  const plural = `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${within}/${plural}/${metadata.name}`;
}

export interface RunningProcess {
  readonly uid: number;
  /** Effective ones. */
  readonly capabilities: bigint;
  readonly rootIsReadOnly: boolean;
}

export function processesOf(pattern: RegExp): readonly RunningProcess[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
      if (!pattern.test(read('cmdline').replaceAll('\0', ' '))) return [];
      const status = read('status');
      const [mount = ''] = read('mounts').split('\n');
      return [
        {
          uid: Number(/^Uid:\t(\d+)/m.exec(status)?.[1]),
          capabilities: BigInt(`0x${/^CapEff:\t([0-9a-f]+)/m.exec(status)?.[1]}`),
          rootIsReadOnly: / \/ \S+ ro[ ,]/.test(mount),
        },
      ];
    } catch {
      // It ended in between.
      return [];
    }
  });
}

/** Looks until something holds; what is thrown meanwhile is a no. @throws Error with what was waited for. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  let last = '';
  for (const giveUpAtMs = performance.now() + limitMs; performance.now() < giveUpAtMs; await delay(250)) {
    const held = await holds().catch((thrown: unknown) => {
      last = String(thrown);
      return false;
    });
    if (held) return;
  }
  throw new Error(`it did not come about that ${what}; last: ${last}`);
}
