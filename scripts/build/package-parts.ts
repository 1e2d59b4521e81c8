/**
 * The parts of packages that are used here. The index of undici loads 131 files, four fifths of which are for what nothing
 * here does: mocks, caches, interceptors, WebSockets, another `fetch`. They took a quarter of each command that opens the
 * store. The index of prom-client loads metrics of the process, and with them the whole OpenTelemetry API.
 */
import type { Plugin } from 'esbuild';

/** As undici's own index puts it together, for a URL and options that say which dispatcher takes the request. */
const undici = `
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

const promClient = ['counter', 'gauge', 'histogram', 'registry']
  .map((file) => `export { default as ${file[0]?.toUpperCase()}${file.slice(1)} } from 'prom-client/lib/${file}.js';`)
  .join('\n');

const outsideRequire = `export const requireOutside = process.getBuiltinModule('node:module').createRequire(import.meta.url);`;
const modules: Readonly<Record<string, string>> = {
  undici,
  'prom-client': promClient,
  'require-outside': outsideRequire,
};

/** Loaded from the installed package when a request needs them: WebAssembly in two forms each, and bodies that are forms. */
const outside = /[\\/]node_modules[\\/](undici[\\/]lib[\\/](?:milo[\\/]|web[\\/]|llhttp[\\/][\w-]+-wasm\.js$).*)$/;

/** A proxy that speaks SOCKS: made of the installed package where one is configured. */
const socksProxy = /[\\/]node_modules[\\/](undici[\\/]lib[\\/]dispatcher[\\/]socks5-proxy-agent\.js)$/;

/** Puts these parts in the place of the packages `undici` and `prom-client`. */
export function packageParts(root: string): Plugin {
  return {
    name: 'package-parts',
    setup(plugin) {
      plugin.onResolve({ filter: /^(undici|prom-client|require-outside)$/ }, ({ path }) => ({
        path,
        namespace: 'package-parts',
      }));
      plugin.onLoad({ filter: /.*/, namespace: 'package-parts' }, ({ path }) => ({
        contents: modules[path] ?? '',
        resolveDir: root,
      }));
      plugin.onLoad({ filter: outside }, ({ path: file }) => ({
        contents: `module.exports = ${required(outside, file)};`,
      }));
      plugin.onLoad({ filter: socksProxy }, ({ path: file }) => ({
        contents: `module.exports = function (...given) { return new (${required(socksProxy, file)})(...given); };`,
      }));
    },
  };
}

function required(pattern: RegExp, file: string): string {
  const name = (pattern.exec(file)?.[1] ?? file).replaceAll('\\', '/');
  return `require('require-outside').requireOutside(${JSON.stringify(name)})`;
}
