import type { Release } from '../../../core/rollout/release.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { GoldenTensor } from '../../../core/monitoring/golden.ts';
import type { Blobs } from '../../../ports/artifacts/blobs.ts';
import { isOwnTroubleCode } from '../../../core/rollout/replica-health.ts';
import { waysTo, type ReplicaWay, type WayParts } from '../../golden/replay-path.ts';
import { readGoldenSet } from '../golden-set.ts';

const inputsAtMost = 16;

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
  async ask({ client, endpoint }: ReplicaWay, { release }: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
    const model = release.model.name;
    const inputs = release.golden === null ? [] : await this.#inputsOf(release.golden.blob, signal).catch(() => null);
    if (inputs === null) return 'not-asked';
    try {
      if (release.code.section.protocol === 'openai') {
        const messages = [{ role: 'user', content: 'ping' }];
        await client.chat(endpoint, { model, messages, tokensAtMost: 1 }, signal);
      } else if (release.golden !== null) {
        await client.infer(endpoint, model, inputs, signal);
      }
      return 'answered';
    } catch (thrown) {
      if (thrown instanceof PlimsollError && thrown.category === 'refused') return 'answered';
      return isOwnTrouble(thrown) ? 'not-asked' : 'silent';
    }
  }

  /** Resolves to whether anything answers at the address, whatever it says. */
  async reaches({ client, endpoint }: ReplicaWay, model: string, signal: AbortSignal): Promise<boolean> {
    return client.ready(endpoint, model, signal).then(
      () => true,
      () => false,
    );
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

function isOwnTrouble(thrown: unknown): boolean {
  const cause: unknown = thrown instanceof PlimsollError ? thrown.cause : thrown;
  return cause instanceof Error && 'code' in cause && isOwnTroubleCode(String(cause.code));
}
