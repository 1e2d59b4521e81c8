import type { Protocol } from '../../../core/contract/contract.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { GoldenTensor } from '../../../core/monitoring/golden.ts';
import type { Blobs } from '../../../ports/artifacts/blobs.ts';
import { isOwnTroubleCode } from '../../../core/rollout/replica-health.ts';
import { makePin, waysTo, type ReplicaWay, type WayParts } from '../../golden/replay-path.ts';
import { readGoldenSet } from '../golden-set.ts';

const inputsAtMost = 16;
const nobody = 'no-replica';
/** A probe waits in the queue of its replica: whoever asks ends it. */
const probeTimeoutMs = 3_600_000;

/** `not-asked`: this program could not ask, which says nothing of the replica. */
export type ProbeOutcome = 'answered' | 'silent' | 'not-asked';

export interface ProbeTarget {
  readonly replicaId: string;
  readonly endpoint: string;
  readonly release: Pick<Release, 'code' | 'model' | 'golden'>;
}

/** The cheapest request that goes through the engine of a replica: its first golden input, or one token. */
export class EngineProbe {
  readonly #parts: WayParts & { readonly blobs: Blobs };
  readonly #inputs = new Map<Digest, readonly GoldenTensor[]>();
  #turn = 0;

  constructor(parts: WayParts & { readonly blobs: Blobs }) {
    this.#parts = parts;
  }

  /** Whether there is such a request: a server of tensors without a golden set has none, and is judged by its traffic alone. */
  canAsk({ release }: Pick<ProbeTarget, 'release'>): boolean {
    return release.code.section.protocol === 'openai' || release.golden !== null;
  }

  /** The way past gateways, and one through a gateway; null where none reports. */
  ways({ replicaId, endpoint, release }: ProbeTarget): {
    readonly direct: ReplicaWay;
    readonly gateway: ReplicaWay | null;
  } {
    this.#turn += 1;
    const { protocol } = release.code.section;
    const ways = waysTo(this.#parts, { replicaId, endpoint }, protocol, this.#turn);
    const direct = { path: 'direct' as const, client: this.#parts.replicaClientFor(protocol), endpoint };
    return { direct, gateway: ways.find(({ path }) => path === 'gateway') ?? null };
  }

  /** Asks. To refuse an input is an answer, an error of the server is none. */
  async ask(way: ReplicaWay, { release }: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
    const model = release.model.name;
    const inputs = release.golden === null ? [] : await this.#inputsOf(release.golden.blob, signal).catch(() => null);
    if (inputs === null) return 'not-asked';
    try {
      await askOnce(way, release.code.section.protocol, model, inputs, signal);
      return 'answered';
    } catch (thrown) {
      // A wrong answer is no silence: what is wrong with answers is judged elsewhere.
      const isAnswer = (error: PlimsollError) => error.category === 'refused' || error.code === 'response-invalid';
      if (thrown instanceof PlimsollError && isAnswer(thrown)) return 'answered';
      return isOwnTrouble(thrown) || wasNotPassedOn(thrown) ? 'not-asked' : 'silent';
    }
  }

  /**
   * Resolves to whether a gateway answers by itself: it is asked for a replica that does not exist, so that the answer is not that of the
   * replica that is silent.
   */
  async reaches(gateway: string, { release }: ProbeTarget, signal: AbortSignal): Promise<boolean> {
    const { protocol } = release.code.section;
    const client = this.#parts.replicaClientFor(protocol).pinnedTo(makePin(this.#parts.key, nobody));
    try {
      await askOnce({ path: 'gateway', client, endpoint: gateway }, protocol, release.model.name, [], signal);
      return true;
    } catch (thrown) {
      return thrown instanceof PlimsollError && (thrown.code !== 'replica-unreachable' || 'status' in thrown.details);
    }
  }

  async #inputsOf(blob: Digest, signal: AbortSignal): Promise<readonly GoldenTensor[]> {
    const known = this.#inputs.get(blob);
    if (known !== undefined) return known;
    const { cases } = await readGoldenSet(this.#parts.blobs, blob, signal);
    const inputs = cases[0]?.inputs ?? [];
    if (this.#inputs.size >= inputsAtMost) this.#inputs.clear();
    this.#inputs.set(blob, inputs);
    return inputs;
  }
}

/** One request through the engine. Of chats, those that ask for log probabilities alone can be led to one replica. */
async function askOnce(
  { path, client, endpoint }: ReplicaWay,
  protocol: Protocol,
  model: string,
  inputs: readonly GoldenTensor[],
  signal: AbortSignal,
): Promise<void> {
  const request = { model, messages: [{ role: 'user', content: 'ping' }], tokensAtMost: 1, timeoutMs: probeTimeoutMs };
  if (protocol !== 'openai') await client.infer(endpoint, model, inputs, signal, probeTimeoutMs);
  else if (path === 'gateway') await client.meanLogprob(endpoint, request, signal);
  else await client.chat(endpoint, request, signal);
}

/** A gateway that answers by itself, but for 502: it asked the replica, and got no answer. */
function wasNotPassedOn(thrown: unknown): boolean {
  if (!(thrown instanceof PlimsollError) || thrown.code !== 'replica-not-pinned') return false;
  return thrown.details['status'] !== 502;
}

function isOwnTrouble(thrown: unknown): boolean {
  const cause: unknown = thrown instanceof PlimsollError ? thrown.cause : thrown;
  return cause instanceof Error && 'code' in cause && isOwnTroubleCode(String(cause.code));
}
