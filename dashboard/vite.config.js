import { defineConfig } from 'vite';

/**
 * Everything is built into files of our own origin: no inlined assets and no polyfill, so that the page runs under
 * `default-src 'none'; script-src 'self'; style-src 'self'`.
 */
export default defineConfig(({ command }) => {
  // A test runner sets NODE_ENV to `test`; a build that follows it would carry the development form of Preact.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: import.meta.dirname,
    // Links are relative, so that a proxy may put a prefix in front. At a deeper address the server leads them back to the root.
    base: './',
    build: {
      outDir: 'dist',
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: true,
    },
  };
});
