import { access } from 'node:fs/promises';
import type { DeviceState } from '../../core/pool/device-state.ts';
import { runBounded } from './bounded-program.ts';
import { findOnPath } from './find-on-path.ts';
import { cdiFoldersOf, ldconfigsOf, leavesCgroups, namesUser, runtimeModeOf } from './runtime-mode.ts';

const toolkitTimeoutMs = 5000;
const mostBytes = 64 * 1024;

/** The programs of the NVIDIA container toolkit, and the line of `--version` that names it. */
const programs = [
  { name: 'nvidia-ctk', version: /\bversion\s+v?(\d+(?:\.\d+){1,3}\S*)/ },
  { name: 'nvidia-container-cli', version: /^cli-version:\s*v?(\d+(?:\.\d+){1,3}\S*)/m },
];
/** Others of it, which tell no version. */
const others = ['nvidia-container-runtime-hook', 'nvidia-container-runtime', 'nvidia-container-toolkit'];
/** Where it is installed; the GPU Operator puts it into the last of them, which is on nobody's PATH. */
const usualFolders = ['/usr/bin', '/usr/local/bin', '/usr/local/nvidia/toolkit'];
/** What the loader writes where a program does not start on this Linux. */
const doesNotLoad = /version [`']GLIBC_[\d.]+' not found|error while loading shared libraries/;

/** Each is left out where the program does not tell it. */
interface ToolkitSettings {
  readonly mode?: NonNullable<DeviceState['containerRuntime']>;
  /** Whether it leaves the control group of a container as it is. */
  readonly noCgroups?: boolean;
  /** Whether it names the user as whom it asks the driver. */
  readonly hasUser?: boolean;
  /** Folders of specifications of CDI, where the settings name others than the usual ones. */
  readonly cdiFolders?: readonly string[];
}

/**
 * `missing`: none of its programs is there. `broken`: nvidia-container-cli, which starts containers in legacy mode, does not load, or its settings name an
 * ldconfig of the machine that is not there (`@/sbin/ldconfig.real` is that of Ubuntu).
 */
export type ToolkitDefect = 'missing' | 'broken';

type ToolkitReading = (({ readonly version: string } & ToolkitSettings) | { readonly reason: string }) & {
  readonly defect?: ToolkitDefect;
};

/** By `nvidia-ctk config`, which prints the settings that count. */
async function readSettings(
  program: string,
  version: string,
  signal: AbortSignal,
): Promise<ToolkitSettings & { readonly defect?: 'broken' }> {
  const end = await runBounded(program, ['config'], { timeoutMs: toolkitTimeoutMs, mostBytes, signal });
  if (end.kind !== 'ended' || end.exit !== 0) return {};
  const config = new TextDecoder().decode(end.out);
  const mode = runtimeModeOf(config, version);
  const cdiFolders = cdiFoldersOf(config);
  const ldconfigs = await Promise.all(ldconfigsOf(config, version).map((file) => isThere(file)));
  return {
    ...(ldconfigs.length === 0 || ldconfigs.includes(true) ? {} : { defect: 'broken' as const }),
    ...(mode === undefined ? {} : { mode }),
    noCgroups: leavesCgroups(config),
    hasUser: namesUser(config),
    ...(cdiFolders === undefined ? {} : { cdiFolders }),
  };
}

/** @param folders beside those of PATH, for programs that are installed elsewhere. */
export async function readContainerToolkit(
  searchPath: string,
  signal: AbortSignal,
  folders: readonly string[] = usualFolders,
): Promise<ToolkitReading> {
  const [reading, defect] = await Promise.all([
    readVersion(searchPath, signal),
    findDefect([searchPath, ...folders].join(':'), signal),
  ]);
  return defect === null ? reading : { ...reading, defect };
}

async function readVersion(searchPath: string, signal: AbortSignal): Promise<ToolkitReading> {
  const reasons: string[] = [];
  for (const { name, version } of programs) {
    const program = await findOnPath(name, searchPath);
    if (program === null) continue;
    const end = await runBounded(program, ['--version'], { timeoutMs: toolkitTimeoutMs, mostBytes, signal });
    if (end.kind === 'failed') {
      reasons.push(`${name}: ${end.reason}`);
      continue;
    }
    const match = version.exec(new TextDecoder().decode(end.out));
    if (match?.[1] === undefined) {
      reasons.push(`${name} --version tells no version`);
      continue;
    }
    const settings = name === 'nvidia-ctk' ? await readSettings(program, match[1], signal) : {};
    return { version: match[1], ...settings };
  }
  const names = programs.map(({ name }) => name).join(' nor ');
  return { reason: reasons.length === 0 ? `neither ${names} is on PATH` : reasons.join('; ') };
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function findDefect(searchPath: string, signal: AbortSignal): Promise<ToolkitDefect | null> {
  const starter = await findOnPath('nvidia-container-cli', searchPath);
  if (starter === null) {
    const all = ['nvidia-ctk', ...others].map((name) => findOnPath(name, searchPath));
    return (await Promise.all(all)).every((file) => file === null) ? 'missing' : null;
  }
  const end = await runBounded(starter, ['--version'], { timeoutMs: toolkitTimeoutMs, mostBytes, signal });
  return end.kind === 'ended' && end.exit !== 0 && doesNotLoad.test(end.err) ? 'broken' : null;
}
