import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { clientOfAddress } from '../../core/access/shares/client-address.ts';
import { ConnectionPlaces } from '../../core/access/shares/connection-places.ts';
import { grpcError } from './grpc-error.ts';
import type { ScaledObjectRef } from './scaled-object-ref.ts';

export type ActivityStream = ServerWritableStream<ScaledObjectRef, object>;

const streamsAtMost = 100;
const lookEveryMs = 1_000;

interface Open {
  readonly answer: (ref: ScaledObjectRef) => object;
  told: string;
}

/**
 * Streams that are told when their answer changes. Where all places are taken, whoever holds most of them gives up the one
 * that is open for longest. A stream whose client does not read is ended.
 */
export class ActivityStreams {
  readonly #open = new Map<ActivityStream, Open>();
  readonly #places = new ConnectionPlaces<ActivityStream>(streamsAtMost);
  readonly #requireKnown: (ref: ScaledObjectRef) => void;
  #looking: ReturnType<typeof setInterval> | null = null;

  /** @param requireKnown throws for a trigger that means no service. */
  constructor(requireKnown: (ref: ScaledObjectRef) => void) {
    this.#requireKnown = requireKnown;
  }

  add(call: ActivityStream, answer: (ref: ScaledObjectRef) => object): void {
    try {
      this.#requireKnown(call.request);
    } catch (thrown) {
      const { code, details } = grpcError(thrown);
      // While nothing was decided there is nothing to tell yet; any other error ends the stream.
      if (code !== status.UNAVAILABLE) {
        end(call, code, details);
        return;
      }
    }
    const { taken, closed } = this.#places.came(call, clientOfPeer(call.getPeer()));
    if (closed !== null) this.#end(closed, status.RESOURCE_EXHAUSTED, `${streamsAtMost} streams are open already`);
    if (!taken) {
      end(call, status.RESOURCE_EXHAUSTED, `${streamsAtMost} streams are open already`);
      return;
    }
    this.#open.set(call, { answer, told: '' });
    const gone = (): void => this.#forget(call);
    call.once('cancelled', gone);
    call.once('close', gone);
    this.#tell(call);
    this.#looking ??= setInterval(() => {
      for (const each of this.#open.keys()) this.#tell(each);
    }, lookEveryMs);
  }

  close(): void {
    for (const call of this.#open.keys()) {
      call.end();
      this.#places.left(call);
    }
    this.#open.clear();
    this.#rest();
  }

  #end(call: ActivityStream, code: status, details: string): void {
    this.#forget(call);
    end(call, code, details);
  }

  #forget(call: ActivityStream): void {
    this.#places.left(call);
    this.#open.delete(call);
    if (this.#open.size === 0) this.#rest();
  }

  #rest(): void {
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#looking = null;
  }

  #tell(call: ActivityStream): void {
    const open = this.#open.get(call);
    if (open === undefined) return;
    let answer: object;
    try {
      answer = open.answer(call.request);
    } catch {
      // Unknown for now: what was said last stands.
      return;
    }
    const text = JSON.stringify(answer);
    if (text === open.told) return;
    if (call.writableNeedDrain) {
      this.#end(call, status.RESOURCE_EXHAUSTED, 'earlier answers were not read');
      return;
    }
    open.told = text;
    call.write(answer);
  }
}

function end(call: ActivityStream, code: status, details: string): void {
  call.emit('error', Object.assign(new Error(details), { code, details }));
}

/** `127.0.0.1:4711`, `::1:4711`. */
const clientOfPeer = (peer: string): string => clientOfAddress(peer.replace(/:\d+$/, ''));
