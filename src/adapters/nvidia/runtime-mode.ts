import type { DeviceState } from '../../core/pool/device-state.ts';
import { compareVersions } from '../../core/units/quantity/quantity-version-range.ts';
import { readVersion } from '../../core/units/version.ts';

type Mode = NonNullable<DeviceState['containerRuntime']>;

/** From this version on `auto` means `jit-cdi` (nvidia-container-toolkit pull request 1600 and issue 1456, 1.18.0). */
const cdiByDefault = [1, 18, 0];

const modes: readonly Mode[] = ['legacy', 'cdi', 'jit-cdi', 'csv'];

/** `no-cgroups` of nvidia-container-cli: whether the runtime leaves the control group of a container as it is. */
export const leavesCgroups = (config: string): boolean =>
  settingsOf(config).get('nvidia-container-cli.no-cgroups') === 'true';

/** From this version on `/sbin/ldconfig` stands in for `/sbin/ldconfig.real`, and the other way round (nvidia-container-toolkit, CHANGELOG, 1.15.0-rc.1). */
const eitherLdconfig = [1, 15, 0];

/**
 * Places of the `ldconfig` of the machine that nvidia-container-cli runs in each container (`@/sbin/ldconfig.real`), any of which will do. None where it
 * is that of the container, or none is named.
 */
export function ldconfigsOf(config: string, version: string): readonly string[] {
  const written = /^@(\/.+)$/.exec(settingsOf(config).get('nvidia-container-cli.ldconfig') ?? '')?.[1];
  if (written === undefined) return [];
  const numbers = readVersion(version);
  if (numbers !== null && compareVersions(numbers, eitherLdconfig) < 0) return [written];
  const plain = written.replace(/\.real$/, '');
  return [plain, `${plain}.real`];
}

/** `user` of nvidia-container-cli: the user and the group as whom it asks the driver. Without one it takes a user without rights. */
export const namesUser = (config: string): boolean =>
  (settingsOf(config).get('nvidia-container-cli.user') ?? '') !== '';

/** Folders where the runtime looks for specifications of CDI; undefined where the settings name none, which are the usual ones. */
export function cdiFoldersOf(config: string): readonly string[] | undefined {
  const written = settingsOf(config).get('nvidia-container-runtime.modes.cdi.spec-dirs');
  const folders = [...(written ?? '').matchAll(/"(\/[^"]*)"/g)].flatMap(([, folder]) => folder ?? []);
  return folders.length === 0 ? undefined : folders.slice(0, foldersAtMost);
}

const foldersAtMost = 16;

/**
 * How the NVIDIA container runtime hands devices in, by what `nvidia-ctk config` prints; undefined where that names no mode
 * that is known. `docker run --gpus` works in legacy mode whatever is set here.
 *
 * | mode | version | disable-require | |
 * |---|---|---|---|
 * | `auto` | before 1.18 | not set | legacy |
 * | `auto` | from 1.18 on | any | jit-cdi |
 * | `auto` | not known | any | undefined |
 * | `legacy` | any | not set | legacy |
 * | any that comes to legacy | any | true | unchecked |
 * | `cdi`, `jit-cdi`, `csv` | any | any | the same |
 */
export function runtimeModeOf(config: string, version: string | null): Mode | undefined {
  const settings = settingsOf(config);
  const written = settings.get('nvidia-container-runtime.mode');
  const mode = written === 'auto' ? autoOf(version) : modes.find((one) => one === written);
  return mode === 'legacy' && settings.get('disable-require') === 'true' ? 'unchecked' : mode;
}

function autoOf(version: string | null): Mode | undefined {
  const numbers = version === null ? null : readVersion(version);
  if (numbers === null) return undefined;
  return compareVersions(numbers, cdiByDefault) >= 0 ? 'jit-cdi' : 'legacy';
}

/** Keys with the name of their table before them; a line that starts with # is a default that is not set. */
function settingsOf(config: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let table = '';
  for (const line of config.slice(0, mostLength).split('\n')) {
    const header = /^\s*\[([\w.-]+)\]/.exec(line)?.[1];
    if (header !== undefined) table = `${header}.`;
    const [, key, text, bare] = /^\s*([\w-]+)\s*=\s*(?:"([^"]*)"|(\[[^\]]*\]|\S+))/.exec(line) ?? [];
    if (key !== undefined) settings.set(`${table}${key}`, text ?? bare ?? '');
  }
  return settings;
}

const mostLength = 64 * 1024;
