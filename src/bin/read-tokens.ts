import { readFile } from 'node:fs/promises';
import { parseTokenFile, type Token } from '../control-plane/http/token-file.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { isLoopback, listenText, type ListenAddress } from './listen-address.ts';

/**
 * Who may ask a control plane that listens there; null: anybody on this machine.
 * @throws PlimsollError `token-file-needed`, `token-file-unreadable`, `token-file-invalid` (input).
 */
export async function readTokens(listen: ListenAddress, file: string | undefined): Promise<readonly Token[] | null> {
  if (file !== undefined) return parseTokenFile(await readFile(file, 'utf8').catch(unreadable(file)), file);
  if (isLoopback(listen.host)) return null;
  throw new PlimsollError({
    code: 'token-file-needed',
    category: 'input',
    message: `--listen ${listenText(listen)} can be reached from other machines, and no --token-file says who may`,
    next: 'give --token-file FILE with lines NAME viewer|operator SHA256, or listen on 127.0.0.1',
  });
}

const unreadable =
  (file: string) =>
  (cause: unknown): never => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PlimsollError({
      code: 'token-file-unreadable',
      category: 'input',
      message: `cannot read the token file ${file} (${code})`,
      next: `ls -l ${file}`,
      cause,
    });
  };
