// Bundles the program into .build/: one small file to start with, the rest in pieces that a command loads when it needs them.
// Old pieces stay: a program that runs meanwhile may still load them.
import { build } from 'esbuild'

// With ENTRY and OUTFILE, what a benchmark measures, in the same way as the program.
const [entry, outfile] = process.argv.slice(2)
const program = { main: 'runner/main.ts', 'sandbox-server': 'runner/sandbox/server.ts' }

await build({
  ...(entry ? { entryPoints: [entry], outfile } : { entryPoints: program, outdir: '.build', splitting: true }),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  // What is read at every start, and not by people: names stay, for the stack of a bug.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  // ssh2 looks for native parts; without them it does the same in JavaScript.
  external: ['cpu-features', '*.node'],
  // It asks where it is, and then does not need it.
  define: { __dirname: '"."', __filename: '"."' },
  // Bundled CommonJS packages ask for Node's modules with require, which an ES module does not have.
  banner: {
    js: "import { createRequire as moduleRequire } from 'node:module'\nconst require = moduleRequire(import.meta.url)",
  },
})
