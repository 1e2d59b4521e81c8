/**
 * The parts of a request's way, from the gateway to the engine and back, with what each waits for.
 *
 * | phase | from | to | told by |
 * |---|---|---|---|
 * | admission | the head arrived | the body is there | gateway |
 * | queue | the body is there | a replica is chosen | gateway |
 * | connect | a replica is chosen | the request begins to leave | gateway |
 * | transfer | it begins to leave | the answer begins, less what the server tells | gateway less server |
 * | receive | the head is at the server | the body is read | server |
 * | preprocess | the body is read | the tensors are made | server |
 * | upstream | calls to other services | | server |
 * | batch-wait | the tensors are made | the batch begins | server |
 * | run | the batch begins | the engine has answered | server |
 * | encode | the engine has answered | the answer is written | server |
 * | answer | the answer begins | the client has it | gateway |
 *
 * The way there and the way back are one phase: two clocks would be needed to tell them apart.
 */
export const phaseTable = {
  admission: { by: 'gateway', waitsFor: 'the client to send its request' },
  queue: { by: 'gateway', waitsFor: 'a replica with a free place' },
  connect: { by: 'gateway', waitsFor: 'a connection to the replica' },
  transfer: { by: 'both', waitsFor: 'the network both ways, and the server to take the request up' },
  receive: { by: 'server', waitsFor: 'the body of the request' },
  preprocess: { by: 'server', waitsFor: 'the processor: parsing, decoding, tokenizing' },
  upstream: { by: 'server', waitsFor: 'other services' },
  'batch-wait': { by: 'server', waitsFor: 'more rows, or the engine to be free' },
  run: { by: 'server', waitsFor: 'the engine' },
  encode: { by: 'server', waitsFor: 'the processor: writing the answer' },
  answer: { by: 'gateway', waitsFor: 'the client to take the answer' },
} as const satisfies Readonly<
  Record<string, { readonly by: 'gateway' | 'server' | 'both'; readonly waitsFor: string }>
>;

export type RequestPhase = keyof typeof phaseTable;
export const requestPhases = Object.keys(phaseTable) as readonly RequestPhase[];

type PhaseBy<By> = {
  [Phase in RequestPhase]: (typeof phaseTable)[Phase]['by'] extends By ? Phase : never;
}[RequestPhase];
export type GatewayPhase = PhaseBy<'gateway'>;
export type ServerPhase = PhaseBy<'server'>;
export const gatewayPhases = requestPhases.filter((phase): phase is GatewayPhase => phaseTable[phase].by === 'gateway');
export const serverPhases = requestPhases.filter((phase): phase is ServerPhase => phaseTable[phase].by === 'server');
