/** A service in an environment. */
export interface ServiceScope {
  readonly service: string;
  readonly environment: string;
}

/** What a request names; a name that is left out is that of the only service that fits. */
export interface AskedScope {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
}
