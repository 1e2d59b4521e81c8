/** What this machine says about its processes. Reads of /proc never wait, so they are plain calls. */
export interface ProcessTable {
  /** False where only `ps` tells: start times then have whole seconds, and environments are not visible. */
  readonly precise: boolean;
  /** `host:boot:pid:start`; null when there is no such process, or only its zombie. */
  identity(pid: number): string | null;
  /** The `PLIMSOLL_` variables it was started with; null when they cannot be read. */
  marks(pid: number): Readonly<Record<string, string>> | null;
  /** Every process whose variables include all of `wanted`. */
  marked(wanted: Readonly<Record<string, string>>): readonly MarkedProcess[];
  /** Every process that has this file open, also after the file was removed; none where that cannot be seen. */
  holders(file: string): readonly number[];
}

export interface MarkedProcess {
  readonly pid: number;
  readonly marks: Readonly<Record<string, string>>;
  /** True for the one that was started as such; its own children inherit the marks but not this. */
  readonly leader: boolean;
}

export interface ParsedIdentity {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  readonly start: string;
}

export function parseIdentity(identity: string): ParsedIdentity | null {
  const [host, boot, pid, start, ...rest] = identity.split(':');
  if (host === undefined || boot === undefined || start === undefined || rest.length > 0) return null;
  return /^[1-9]\d*$/.test(pid ?? '') ? { host, boot, pid: Number(pid), start } : null;
}
