import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeControlRequest, type ControlAddress } from '../adapters/http-control/control-request.ts';
import { writeDurably } from '../adapters/files/write-durably.ts';
import { ownerOnly } from '../ports/process/write-durably.ts';
import { sessionCodeSchema } from '../schemas/http/http-session.ts';

/**
 * A link that signs one browser in to the page, once and within ten minutes. The code stands behind `#`, which browsers
 * send to no server.
 */
export async function makePageLink(address: ControlAddress, pageUrl: string): Promise<string> {
  const { code } = await makeControlRequest(address)('POST', '/v1/session-codes', sessionCodeSchema);
  return `${pageUrl.replace(/\/$/, '')}/#code=${code}`;
}

/**
 * Opens the link in a browser; the reason when none could be started. The browser is given a file that only this user may
 * read, because other users see the arguments of every program.
 */
export async function openPage(stateFolder: string, link: string): Promise<string | null> {
  const file = path.join(stateFolder, 'run', 'page.html');
  const page = `<!doctype html><meta http-equiv="refresh" content="0; url=${link}"><a href="${link}">page</a>\n`;
  await writeDurably(file, page, { doing: 'writing the link to the page', mode: ownerOnly });
  const url = pathToFileURL(file).href;
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', url]
        : ['xdg-open', url];
  return new Promise((resolve) => {
    const child = spawn(program ?? '', args, { detached: true, stdio: 'ignore' });
    child.once('error', () => resolve(`no browser could be opened; open ${link}`));
    child.once('spawn', () => {
      child.unref();
      resolve(null);
    });
  });
}
