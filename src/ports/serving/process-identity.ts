/** Tells one process from any other that ever had, or will have, its number. */
export interface ProcessIdentity {
  /** `host:boot:pid:start`; equal text means the same process. */
  self(): string;
  of(pid: number): Promise<string | null>;
  /** True only when it is certain that the process is gone (same host, and that pid is free or is another process). */
  isDead(identity: string): Promise<boolean>;
}
