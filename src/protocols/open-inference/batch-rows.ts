/** Heads of requests are shorter: the shape of the first input stands before its data. */
export const rowsHeadBytes = 2_048;

const firstSize = /"shape"\s*:\s*\[\s*(\d{1,9})\s*[,\]]/;

/**
 * Returns the rows of a request: the first size of the first shape that its head names. 0 where no shape is named there, as in a request
 * whose data stand before their shape.
 *
 * @param head the first `rowsHeadBytes` of the body, one character a byte: so little that a gateway can look at each request
 */
export function readBatchRows(head: string): number {
  return Number(firstSize.exec(head)?.[1] ?? 0);
}
