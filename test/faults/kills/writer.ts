import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../../rigs/world.ts';

/**
 * Moves an alias again and again through the control plane, as somebody would who works while it is killed. Every move
 * that was acknowledged must be in the record afterwards.
 */
export class Writer {
  readonly #world: World;
  readonly #ending = new AbortController();
  readonly #working: Promise<void>;
  readonly #acknowledged: string[] = [];
  #moves = 0;

  constructor(world: World) {
    this.#world = world;
    this.#working = this.#work();
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#working;
  }

  /** Reasons of acknowledged moves that no event tells of. */
  async lost(): Promise<readonly string[]> {
    const acknowledged = [...this.#acknowledged];
    const moves = (await this.#world.events()).filter((event) => event.kind === 'alias.moved');
    const recorded = new Set(moves.map((event) => String(event.data['reason'])));
    return acknowledged.filter((reason) => !recorded.has(reason));
  }

  async #work(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#move().catch(() => undefined);
      await delay(40, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }

  async #move(): Promise<void> {
    const answer = await fetch(`${this.#world.pageUrl}/v1/models/tiny`, { signal: AbortSignal.timeout(5_000) });
    const { aliases } = (await answer.json()) as { readonly aliases: Readonly<Record<string, number>> };
    const from = aliases['probe'] ?? null;
    const reason = `move-${(this.#moves += 1)}`;
    const to = from === null ? 1 : null;
    await this.#world.post('/v1/models/aliases', {
      environment: 'default',
      name: 'tiny',
      alias: 'probe',
      from,
      to,
      reason,
    });
    this.#acknowledged.push(reason);
  }
}
