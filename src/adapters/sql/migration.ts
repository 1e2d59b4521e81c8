import type { Kysely } from 'kysely';

/** One step of the schema, in a form that every dialect runs. A step that was released is never edited. */
export interface Migration {
  /** 1, 2, 3, ... without gaps. */
  readonly version: number;
  readonly name: string;
  up(db: Kysely<unknown>): Promise<void>;
}
