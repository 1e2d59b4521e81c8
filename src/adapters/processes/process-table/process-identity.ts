import type { ProcessIdentity } from '../../../ports/serving/process-identity.ts';
import { parseIdentity, type ProcessTable } from './process-table.ts';
import { makeProcessTable } from './this-machine.ts';

export function makeProcessIdentity(table: ProcessTable = makeProcessTable()): ProcessIdentity {
  const own = table.identity(process.pid) ?? `unknown:unknown:${process.pid}:0`;
  return {
    self: () => own,
    of: (pid) => Promise.resolve(table.identity(pid)),
    isDead: (identity) => Promise.resolve(isCertainlyDead(table, own, identity)),
  };
}

/**
 * | host | boot | process of that number | dead |
 * |---|---|---|---|
 * | another | - | - | not certain: false |
 * | this one | another | - | true, nothing survives a boot |
 * | this one | this one | none, a zombie, or started at another moment | true |
 * | this one | this one | started at that moment | false |
 */
export function isCertainlyDead(table: ProcessTable, own: string, identity: string): boolean {
  const self = parseIdentity(own);
  const other = parseIdentity(identity);
  if (self === null || other === null || other.host !== self.host) return false;
  if (other.boot !== self.boot) return true;
  return table.identity(other.pid) !== identity;
}
