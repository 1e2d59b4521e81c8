/**
 * The parts of undici that are used here. Its index loads 131 files, four fifths of which are for what nothing here does:
 * mocks, caches, interceptors, WebSockets, another `fetch`. They took a quarter of each command that opens the store.
 */
import type { Plugin } from 'esbuild';

/** As undici's own index puts it together, for a URL and options that say which dispatcher takes the request. */
const parts = `
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import buildConnector from 'undici/lib/core/connect.js';
import util from 'undici/lib/core/util.js';
import api from 'undici/lib/api/index.js';
import { getGlobalDispatcher } from 'undici/lib/global.js';

Object.assign(Dispatcher.prototype, api);
export { Agent, Pool, EnvHttpProxyAgent, buildConnector };
export function request(given, { dispatcher = getGlobalDispatcher(), ...options } = {}) {
  const url = util.parseURL(given);
  return api.request.call(dispatcher, {
    ...options,
    origin: url.origin,
    path: url.search ? url.pathname + url.search : url.pathname,
    method: options.method || (options.body ? 'PUT' : 'GET'),
  });
}
`;

/** Loaded from the installed package when a request needs them: WebAssembly in two forms each, and bodies that are forms. */
const outside = /[\\/]node_modules[\\/](undici[\\/]lib[\\/](?:milo[\\/]|web[\\/]|llhttp[\\/][\w-]+-wasm\.js$).*)$/;

const outsideRequire = `export const requireOutside = process.getBuiltinModule('node:module').createRequire(import.meta.url);`;

/** Puts {@link parts} in the place of the package `undici`. */
export function undiciParts(root: string): Plugin {
  return {
    name: 'undici-parts',
    setup(plugin) {
      plugin.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'undici-parts' }));
      plugin.onResolve({ filter: /^require-outside$/ }, () => ({ path: 'require', namespace: 'undici-parts' }));
      plugin.onLoad({ filter: /.*/, namespace: 'undici-parts' }, ({ path }) => ({
        contents: path === 'undici' ? parts : outsideRequire,
        resolveDir: root,
      }));
      plugin.onLoad({ filter: outside }, ({ path: file }) => ({
        contents: `module.exports = require('require-outside').requireOutside(${JSON.stringify(nameOf(file))});`,
      }));
    },
  };
}

function nameOf(file: string): string {
  return (outside.exec(file)?.[1] ?? file).replaceAll('\\', '/');
}
