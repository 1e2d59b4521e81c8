import type { DeviceState } from '../../core/pool/device-state.ts';
import { runBounded } from './bounded-program.ts';
import { findOnPath } from './find-on-path.ts';
import { cdiFoldersOf, leavesCgroups, runtimeModeOf } from './runtime-mode.ts';

const toolkitTimeoutMs = 5000;
const mostBytes = 64 * 1024;

/** The programs of the NVIDIA container toolkit, and the line of `--version` that names it. */
const programs = [
  { name: 'nvidia-ctk', version: /\bversion\s+v?(\d+(?:\.\d+){1,3}\S*)/ },
  { name: 'nvidia-container-cli', version: /^cli-version:\s*v?(\d+(?:\.\d+){1,3}\S*)/m },
];

/** Each is left out where the program does not tell it. */
interface ToolkitSettings {
  readonly mode?: NonNullable<DeviceState['containerRuntime']>;
  /** Whether it leaves the control group of a container as it is. */
  readonly noCgroups?: boolean;
  /** Folders of specifications of CDI, where the settings name others than the usual ones. */
  readonly cdiFolders?: readonly string[];
}

type ToolkitReading = ({ readonly version: string } & ToolkitSettings) | { readonly reason: string };

/** By `nvidia-ctk config`, which prints the settings that count. */
async function readSettings(program: string, version: string, signal: AbortSignal): Promise<ToolkitSettings> {
  const end = await runBounded(program, ['config'], { timeoutMs: toolkitTimeoutMs, mostBytes, signal });
  if (end.kind !== 'ended' || end.exit !== 0) return {};
  const config = new TextDecoder().decode(end.out);
  const mode = runtimeModeOf(config, version);
  const cdiFolders = cdiFoldersOf(config);
  return {
    ...(mode === undefined ? {} : { mode }),
    noCgroups: leavesCgroups(config),
    ...(cdiFolders === undefined ? {} : { cdiFolders }),
  };
}

export async function readContainerToolkit(searchPath: string, signal: AbortSignal): Promise<ToolkitReading> {
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
