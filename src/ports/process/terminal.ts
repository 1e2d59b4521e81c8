export interface Terminal {
  /** True when stdout is a terminal that wants colour (`NO_COLOR` respected). */
  readonly colour: boolean;
  readonly interactive: boolean;
  readonly columns: number;
  /** Progress and notes, never the answer. */
  note(text: string): void;
  /** Answer text that must appear while the command still runs. */
  print(text: string): void;
  /** Asks on an interactive terminal. @throws PlimsollError `not-interactive` (input). */
  ask(question: string, fallback?: string): Promise<string>;
  readStdin(): Promise<string>;
  /** What a pipe holds, piece by piece; rejects when the signal says so. */
  stdinChunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
}
