/** Heads of requests are shorter: the shape of the first input stands before its data. */
const headBytes = 2_048;
const firstSize = /"shape"\s*:\s*\[\s*(\d{1,9})\s*[,\]]/;

/**
 * Returns the rows of a request: the first size of the first shape that its first 2 KiB name. Only the head is looked at, so that a
 * gateway can ask it of each request. 0 where no shape is named there, as in a request whose data stand before their shape.
 */
export function readBatchRows(body: Buffer): number {
  return Number(firstSize.exec(body.toString('latin1', 0, headBytes))?.[1] ?? 0);
}
