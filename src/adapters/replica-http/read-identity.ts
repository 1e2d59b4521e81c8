import type { Agent } from 'undici';
import type { ReadIdentity } from '../../ports/serving/replica-identity.ts';
import {
  framingProblem,
  identityHeader,
  identityPath,
  nameOfIdentity,
} from '../../protocols/replica-identity/replica-identity.ts';
import { askReplica, replicaAgent } from './bounded-request.ts';

const timeoutMs = 5_000;

/** Asks a replica who it is. What a gateway could not ask on a connection of its own counts as told by nobody. */
export function makeIdentityReader(agent: Agent = replicaAgent()): ReadIdentity {
  return async (protocol, endpoint, signal) => {
    const url = new URL(identityPath(protocol), endpoint);
    const { headers } = await askReplica(agent, url, { method: 'GET', timeoutMs, signal });
    const all = (name: string): readonly string[] => [headers[name] ?? []].flat();
    const [told = '', second] = all(identityHeader);
    const isAskable = framingProblem(all('content-length'), all('transfer-encoding'), all('connection')) === null;
    return isAskable && second === undefined && nameOfIdentity(told) !== null ? told : null;
  };
}
