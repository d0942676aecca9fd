// Bundles the program into .build/: one small file to start with, the rest in pieces that a command loads when it needs them.
// Old pieces stay: a program that runs meanwhile may still load them.
import { build } from 'esbuild'

await build({
  entryPoints: { main: 'runner/main.ts', 'sandbox-server': 'runner/sandbox/server.ts' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outdir: '.build',
  logLevel: 'warning',
  // They look for a native part beside themselves; without it they do the same in JavaScript.
  external: ['ssh2', 'cpu-features'],
  // Bundled CommonJS packages ask for Node's modules with require, which an ES module does not have.
  banner: {
    js: "import { createRequire as moduleRequire } from 'node:module'\nconst require = moduleRequire(import.meta.url)",
  },
})
