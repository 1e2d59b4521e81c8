import type { ProcessIdentity } from '../../ports/serving/process-identity.ts';

/** Processes that are dead because a test says so. */
export function fakeProcessIdentity(self: string, dead: readonly string[] = []): ProcessIdentity {
  return {
    self: () => self,
    of: (pid) => Promise.resolve(`host:boot:${pid}:0`),
    isDead: (identity) => Promise.resolve(dead.includes(identity)),
  };
}
