import type { Kysely } from 'kysely';

/** One step of the schema, in a form that every dialect runs. A step that was released is never edited. */
export interface Migration {
  /** 1, 2, 3, ... without gaps. */
  readonly version: number;
  readonly name: string;
  /**
   * Programs of this schema version and newer ones go on with a store after this step. Set where the step only adds tables, or
   * columns that may be null; without it every older program refuses the store.
   */
  readonly readableFrom?: number;
  up(db: Kysely<unknown>): Promise<void>;
}
