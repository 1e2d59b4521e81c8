import { badDataFile } from '../data-file.ts';

/** Parquet packs well: a column of one value takes some bytes for a million rows. Beyond these, a file is made to be large. */
const ratioAtMost = 1_000;
const freeValues = 20_000_000;
const freeBytes = 1024 ** 3;
/** Cells of 8 bytes, in all columns of a row group together. */
const heldCellsAtMost = 2 ** 27;

/**
 * What the reading of one Parquet file may cost, by the bytes that the file has. A small file can claim billions of rows, and
 * its pages can unpack to any size.
 *
 * | what | at most |
 * |---|---|
 * | values of all columns | 20 million, and 1,000 for each byte of the file |
 * | bytes that pages unpack to, and bytes of texts | 1 GiB each, and 1,000 for each byte of the file |
 * | what is held in memory at once | 128 million cells of 8 bytes |
 */
export class ReadingBudget {
  readonly #fileBytes: number;
  #values = 0;
  #unpackedBytes = 0;
  #textBytes = 0;
  #heldCells = 0;

  constructor(fileBytes: number) {
    this.#fileBytes = fileBytes;
  }

  /** @throws PlimsollError `data-invalid`, as all of them. */
  addValues(values: number): void {
    this.#values += values;
    const most = freeValues + ratioAtMost * this.#fileBytes;
    if (this.#values > most) throw beyond(`claims ${this.#values} values`, this.#fileBytes, most);
  }

  addUnpacked(bytes: number): void {
    this.#unpackedBytes += bytes;
    const most = freeBytes + ratioAtMost * this.#fileBytes;
    if (this.#unpackedBytes > most) {
      throw beyond(`unpacks to more than ${this.#unpackedBytes} bytes`, this.#fileBytes, most);
    }
  }

  /** Bytes of texts that rows get: one text of a dictionary may stand in each of a million rows. */
  addText(bytes: number): void {
    this.#textBytes += bytes;
    const most = freeBytes + ratioAtMost * this.#fileBytes;
    if (this.#textBytes > most) {
      throw beyond(`holds rows with more than ${this.#textBytes} bytes of texts`, this.#fileBytes, most);
    }
  }

  /** From here until it is released with the same number. */
  hold(cells: number, column: string): void {
    this.#heldCells += cells;
    if (this.#heldCells <= heldCellsAtMost) return;
    throw badDataFile(
      `with the column ${shownColumn(column)} the file needs more than ${heldCellsAtMost} cells in memory at once`,
      'write the file with smaller pages (data_page_size, or max_rows_per_page)',
    );
  }

  release(cells: number): void {
    this.#heldCells -= cells;
  }
}

/** The name of a column, short enough for a message. */
export const shownColumn = (path: string): string => (path.length > 100 ? `${path.slice(0, 100)}…` : path);

function beyond(what: string, fileBytes: number, most: number): Error {
  return badDataFile(
    `a file of ${fileBytes} bytes ${what}, and at most ${most} are read`,
    'if the file is honest, write it as several smaller files, or without dictionaries (use_dictionary=False)',
  );
}
