import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyPace } from '../admission/body-pace.ts';
import { BodyStream, holdBody, type BodyListener } from '../admission/body.ts';
import type { GatewaySettings } from '../settings.ts';

/** What a body needs of the gateway around it. */
export interface BodyHost {
  readonly settings: Pick<
    GatewaySettings,
    'bufferedBodyBytes' | 'maxBodyBytes' | 'bodyPace' | 'busyBodyPace' | 'bodyProofBytes'
  >;
  nowMs(): number;
  reserve(bytes: number): boolean;
  free(bytes: number): void;
}

/** Who is told of it. */
export interface BodyOwner {
  /** Bytes came: all of a held body, or a part of a streamed one. */
  bodyCame(chunk: Buffer): void;
  /** A place may be asked for. */
  bodyReady(): void;
  /** The replica has all of a streamed one. */
  bodyEnded(): void;
  bodyTooLarge(): void;
}

/**
 * The body of one request, from its first byte until a replica has it.
 *
 * | body | a place is asked for |
 * |---|---|
 * | none | at once |
 * | of known length that fits into the memory for held bodies | when it is whole |
 * | any other | when `bodyProofBytes` of it came, or all of it: whoever sends a byte now and then takes no replica's time |
 */
export class RequestBody {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #bytes: number;
  readonly #continueFirst: boolean;
  readonly #host: BodyHost;
  readonly #owner: BodyOwner;
  #invited = false;
  #whole: Buffer | null = null;
  #heldBytes = 0;
  #stream: BodyStream | null = null;
  #reader: BodyListener | null = null;
  #proof: (() => void) | null = null;
  /** Null while nothing of it is waited for. */
  #pace: BodyPace | null = null;
  /** Asked of a streamed body while other requests wait. */
  #busyPace: BodyPace | null = null;

  /** @param bytes 0: none; -1: of unknown length. */
  constructor(
    message: { readonly req: IncomingMessage; readonly res: ServerResponse },
    bytes: number,
    continueFirst: boolean,
    host: BodyHost,
    owner: BodyOwner,
  ) {
    this.#req = message.req;
    this.#res = message.res;
    this.#bytes = bytes;
    this.#continueFirst = continueFirst;
    this.#host = host;
    this.#owner = owner;
  }

  begin(): void {
    if (this.#bytes === 0) {
      this.#owner.bodyReady();
      return;
    }
    this.#pace = new BodyPace(this.#host.settings.bodyPace, this.#host.nowMs());
    this.#invite();
    const held = this.#bytes > 0 && this.#bytes <= this.#host.settings.bufferedBodyBytes;
    if (held && this.#host.reserve(this.#bytes)) this.#hold();
    else this.#awaitProof();
  }

  /** All of it, where it was held. */
  get whole(): Buffer | null {
    return this.#whole;
  }

  get announcedBytes(): number {
    return this.#bytes;
  }

  get isStreamed(): boolean {
    return this.#stream !== null;
  }

  /** Another replica can have it from its first byte. */
  get replayable(): boolean {
    return this.#stream === null || this.#stream.untouched;
  }

  /** True when the replica would take more and the client sends nothing. */
  get waitsForClient(): boolean {
    return this.#stream?.waitsForClient === true;
  }

  /** When the client is too slow, milliseconds; Infinity while it owes nothing. */
  get dueAtMs(): number {
    return this.#pace?.dueAtMs ?? Infinity;
  }

  /** Whether it keeps a replica waiting that others wait for. */
  isInTheWay(nowMs: number): boolean {
    return this.waitsForClient && this.#busyPace !== null && nowMs >= this.#busyPace.dueAtMs;
  }

  /** What is sent to a replica. */
  open(): Buffer | BodyStream | null {
    if (this.#whole !== null || this.#bytes === 0) return this.#whole;
    const nowMs = this.#host.nowMs();
    this.#pace?.restart(nowMs);
    this.#busyPace = new BodyPace(this.#host.settings.busyBodyPace, nowMs);
    this.#stream = new BodyStream(this.#req, this.#host.settings.maxBodyBytes, {
      progressed: (chunk) => {
        this.#came(chunk.byteLength);
        this.#owner.bodyCame(chunk);
      },
      tooLarge: () => this.#owner.bodyTooLarge(),
      ended: () => {
        this.#pace = null;
        this.#owner.bodyEnded();
      },
    });
    return this.#stream;
  }

  /** The replica was slow to take it, and not the client to send it. */
  excuse(): void {
    const nowMs = this.#host.nowMs();
    this.#pace?.restart(nowMs);
    this.#busyPace?.restart(nowMs);
  }

  /** Before it is sent to another replica. */
  forgetStream(): void {
    this.#stream = null;
  }

  /** Reads no more of it. */
  stop(): void {
    if (this.#reader !== null) this.#req.off('data', this.#reader);
    this.#endProof();
    this.#stream?.destroy();
    this.release();
  }

  /** Gives its memory back. */
  release(): void {
    if (this.#heldBytes > 0) this.#host.free(this.#heldBytes);
    this.#heldBytes = 0;
    this.#whole = null;
  }

  #hold(): void {
    this.#heldBytes = this.#bytes;
    this.#reader = holdBody(this.#req, this.#bytes, {
      bodyProgressed: (bytes) => this.#came(bytes),
      bodyWhole: (body) => {
        this.#reader = null;
        this.#pace = null;
        this.#whole = body;
        this.#owner.bodyCame(body);
        this.#owner.bodyReady();
      },
    });
  }

  /** Node holds what comes before anybody reads, up to 64 KiB. */
  #awaitProof(): void {
    const { bodyProofBytes } = this.#host.settings;
    const enough = this.#bytes > 0 ? Math.min(bodyProofBytes, this.#bytes) : bodyProofBytes;
    let seen = 0;
    const look = (): void => {
      const there = this.#req.readableLength;
      this.#came(there - seen);
      seen = there;
      if (there < enough && !this.#req.complete) return;
      this.#endProof();
      this.#owner.bodyReady();
    };
    this.#proof = look;
    this.#req.on('readable', look);
  }

  #endProof(): void {
    if (this.#proof !== null) this.#req.off('readable', this.#proof);
    this.#proof = null;
  }

  #came(bytes: number): void {
    const nowMs = this.#host.nowMs();
    this.#pace?.came(bytes, nowMs);
    this.#busyPace?.came(bytes, nowMs);
  }

  /** The client waits for the word that its body is wanted. */
  #invite(): void {
    if (!this.#continueFirst || this.#invited || this.#res.headersSent) return;
    this.#invited = true;
    this.#res.writeContinue();
  }
}
