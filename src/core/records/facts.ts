/** Tells whether a value has the form of a fact. */
type Guard<T> = (value: unknown) => value is T;

/** One fact of a kind of event: its form, and whether every event of the kind is made with it. */
export interface Fact<T = unknown> {
  readonly is: Guard<T>;
  readonly isAlwaysMade: boolean;
}

/** The facts of one kind of event, by name. */
export type FactRow = Readonly<Record<string, Fact>>;

export function always<T>(is: Guard<T>) {
  return { is, isAlwaysMade: true } as const;
}

/** A fact that an event has only where there is something to tell. */
export function sometimes<T>(is: Guard<T>) {
  return { is, isAlwaysMade: false } as const;
}

type TypeOf<F> = F extends { readonly is: Guard<infer T> } ? T : never;

type MadeAlways<Row> = {
  [Name in keyof Row]: Row[Name] extends { readonly isAlwaysMade: true } ? Name : never;
}[keyof Row];

/** The facts that an event of this version is made with. */
export type MadeFacts<Row> = { readonly [Name in MadeAlways<Row>]: TypeOf<Row[Name]> } & {
  readonly [Name in Exclude<keyof Row, MadeAlways<Row>>]?: TypeOf<Row[Name]>;
};

/** The facts of an event that any version made: each may be absent, and there may be others. */
export type ReadFacts<Row> = { readonly [Name in keyof Row]?: TypeOf<Row[Name]> } & {
  readonly [other: string]: unknown;
};

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isNumber = (value: unknown): value is number => typeof value === 'number';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
export const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

/** A whole record or list that is carried along for readers, whatever is in it. */
export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

export function orNull<T>(is: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || is(value);
}

export function oneOf<const T extends string>(...words: readonly T[]): Guard<T> {
  return (value): value is T => (words as readonly unknown[]).includes(value);
}

/** A record with at least these fields. */
export function recordOf<const Row extends FactRow>(row: Row): Guard<MadeFacts<Row>> {
  return (value): value is MadeFacts<Row> => {
    if (!isObject(value)) return false;
    const fields = value as Readonly<Record<string, unknown>>;
    return Object.entries(row).every(([name, { is, isAlwaysMade }]) =>
      fields[name] === undefined ? !isAlwaysMade : is(fields[name]),
    );
  };
}

/** Whether none of these facts is absent. */
export function hasFacts<Data extends object, Name extends keyof Data>(
  data: Data,
  ...names: readonly Name[]
): data is Data & { readonly [Each in Name]-?: Exclude<Data[Each], undefined> } {
  return names.every((name) => data[name] !== undefined);
}
