import type { Random } from '../../ports/process/random.ts';

const poolBytes = 2048;
const acceptableId = /^[\x21-\x7e]{1,128}$/;
/** W3C Trace Context level 1, https://www.w3.org/TR/trace-context/#traceparent-header: version, trace, parent, flags. */
const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeroTrace = '0'.repeat(32);
const zeroSpan = '0'.repeat(16);

/** Request ids and trace contexts. Random digits are drawn 2 kB at a time: one draw per request would show. */
export class RequestIdentity {
  readonly #random: Random;
  #pool = '';
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The client's own id when it is printable and short, else a new one. */
  requestId(offered: string | undefined): string {
    return offered !== undefined && acceptableId.test(offered) ? offered : this.#hex(32);
  }

  /** The client's trace with this hop as the new parent; a new trace when there is none, or it is not valid. */
  traceparent(offered: string | undefined): string {
    const match = offered === undefined ? null : traceparentPattern.exec(offered);
    if (match === null) return `00-${this.#hex(32)}-${this.#hex(16)}-00`;
    const [, version = 'ff', trace = zeroTrace, parent = zeroSpan, flags = '00', more] = match;
    const invalid = version === 'ff' || trace === zeroTrace || parent === zeroSpan || (version === '00' && more);
    if (invalid) return `00-${this.#hex(32)}-${this.#hex(16)}-00`;
    // A higher version is answered with the version that is understood here; of the flags only `sampled` is known.
    return `00-${trace}-${this.#hex(16)}-${(parseInt(flags, 16) & 1) === 1 ? '01' : '00'}`;
  }

  #hex(digits: number): string {
    if (this.#at + digits > this.#pool.length) {
      this.#pool = this.#random.hex(poolBytes);
      this.#at = 0;
    }
    this.#at += digits;
    return this.#pool.slice(this.#at - digits, this.#at);
  }
}
