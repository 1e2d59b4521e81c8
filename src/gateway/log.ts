/** One line per thing that happened to the gateway; nothing is logged per request. */
export type GatewayLog = (event: string, facts: Readonly<Record<string, unknown>>) => void;
