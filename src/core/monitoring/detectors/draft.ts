/**
 * A part of a state while a batch of rows is counted. Whoever made it may change it in place; to everybody else it is a value
 * that never changes. Rows are many and features too: a copy for each row costs more than the counting.
 */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };
