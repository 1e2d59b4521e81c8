import path from 'node:path';
import { readCsv, type CsvRow } from '../../core/cost/exchange/csv-text.ts';
import { readInvoiceRows, type InvoiceLine } from '../../core/cost/exchange/read-invoice.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { DataFile } from '../../formats/data-file.ts';
import { dataFormatOf } from '../../formats/data-rows.ts';
import { dataFileOfSource } from '../../prove/artifacts/stored-data.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';
import type { CliContext } from '../context.ts';

const rowsAtMost = 5_000_000;
/** Of Parquet, whose rows can be many in few bytes; all of them are held. */
const cellsAtMost = 50_000_000;
const bytesAtMost = 1_000_000_000;
const problemsAtMost = 5;

/**
 * Reads an invoice in FOCUS form, CSV or Parquet by its name.
 * @throws PlimsollError `invoice-invalid` (input) with the lines that cannot be read: nobody could say what they are worth.
 */
export async function readInvoiceFile(context: CliContext, file: string): Promise<readonly InvoiceLine[]> {
  const { lines, problems } = readInvoiceRows(await readTable(context, file));
  if (problems.length > 0) {
    const named = problems.slice(0, problemsAtMost).map(({ message }) => message);
    const more = problems.length - named.length;
    throw invalid(
      `${file} has ${problems.length} line${problems.length === 1 ? '' : 's'} that cannot be read: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
      'mend these lines, or export the invoice again',
    );
  }
  if (lines.length === 0) throw invalid(`${file} has no line`, 'export the invoice again');
  return lines;
}

/**
 * Reads which resource of an invoice each device is billed as: CSV with the columns `device` and `resource`.
 * @throws PlimsollError `invoice-invalid` (input).
 */
export async function readResources(context: CliContext, file: string): Promise<ReadonlyMap<string, string>> {
  const rows = await readTable(context, file);
  return new Map(
    rows.map(({ line, fields: { device, resource } }) => {
      if (typeof device === 'string' && typeof resource === 'string') return [device, resource];
      throw invalid(`${file}: line ${line} has no device or no resource`, 'name the columns device,resource');
    }),
  );
}

function readTable(context: CliContext, file: string): Promise<readonly CsvRow[]> {
  const source = { location: path.resolve(context.cwd, file), shown: file };
  return withSourceFile(source, context.signal, async (opened) => {
    const data = dataFileOfSource(file, opened);
    const format = dataFormatOf(path.basename(file));
    if (format === 'csv') return readCsv(await readText(data, file));
    if (format === 'parquet') return readParquet(data);
    throw invalid(
      `${file} is neither CSV (.csv) nor Parquet (.parquet) by its name`,
      'export the invoice as one of them',
    );
  });
}

async function readText(data: DataFile, file: string): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of data.chunks()) {
    bytes += chunk.length;
    if (bytes > bytesAtMost) throw invalid(`${file} is larger than 1 GB`, 'split it by month');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function readParquet(data: DataFile): Promise<readonly CsvRow[]> {
  // Its reader is loaded for Parquet alone.
  const { parquetRows } = await import('../../formats/parquet/parquet-rows.ts');
  const rows: CsvRow[] = [];
  let cells = 0;
  for await (const { line, row } of parquetRows(data)) {
    if (rows.length === rowsAtMost) throw invalid(`more than ${rowsAtMost} rows`, 'split the invoice by month');
    const fields = Object.entries(row).map(([name, value]) => [name, fieldText(value)]);
    cells += fields.length;
    if (cells > cellsAtMost) throw invalid(`more than ${cellsAtMost} values`, 'split the invoice by month');
    rows.push({ line, fields: Object.fromEntries(fields) });
  }
  return rows;
}

function fieldText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}

function invalid(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'invoice-invalid', category: 'input', message, next });
}
