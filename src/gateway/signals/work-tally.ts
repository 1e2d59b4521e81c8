import type { GatewayWork } from '../../core/scaling/acting/gateway-load.ts';

/** Work of one answered request; 0 rows and null tokens: not told. */
export interface RequestWork {
  readonly bytes: number;
  readonly rows: number;
  readonly tokens: { readonly in: number; readonly out: number } | null;
}

/** Work of a service in each unit that the gateway can tell; counters since its start. */
export class WorkTally implements GatewayWork {
  bytesArrived = 0;
  bytesCompleted = 0;
  rowsArrived = 0;
  rowsCompleted = 0;
  rowedCompletions = 0;
  tokensIn = 0;
  tokensOut = 0;
  tokenedCompletions = 0;

  /** A request was answered below 400. */
  complete({ bytes, rows, tokens }: RequestWork): void {
    this.bytesCompleted += bytes;
    this.rowsCompleted += rows;
    if (rows > 0) this.rowedCompletions += 1;
    if (tokens === null) return;
    this.tokensIn += tokens.in;
    this.tokensOut += tokens.out;
    this.tokenedCompletions += 1;
  }

  report(): GatewayWork {
    return { ...this };
  }
}
