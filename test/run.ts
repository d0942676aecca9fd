/**
 * `npm test [PATTERN...]`: runs uvu over the test files whose path matches (all without a pattern), and holds it to its own
 * counts: uvu ends a suite silently, with success, when a thrown error has `details` that are no text, and it
 * takes a file that forgets `.run()` for one without tests.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../runner/paths.ts'

const patterns = process.argv.slice(2)
const pattern = patterns.length > 0 ? `(${patterns.join('|')}).*\\.test\\.ts$` : '\\.test\\.ts$'
const uvu = join(packageRoot, 'node_modules', 'uvu', 'bin.js')
const child = spawn(process.execPath, ['--import', 'tsx', uvu, join(packageRoot, 'test'), pattern], {
  stdio: ['inherit', 'pipe', 'inherit'],
  env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
})

let output = ''
child.stdout.on('data', (piece: Buffer) => {
  process.stdout.write(piece)
  output += piece.toString()
})
child.on('close', (code) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: uvu's colours
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '')
  const count = (name: string) => Number(plain.match(new RegExp(`${name}: +(\\d+)`))?.[1] ?? 0)
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')]
  // A suite that ended early shows fewer results than it has tests.
  const silent = [...plain.matchAll(/\((\d+) \/ (\d+)\)/g)].filter(([, done, all]) => done !== all).length
  const failed = Math.max(total - passed - skipped, silent)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  process.exitCode = code === 0 && failed === 0 && total > 0 ? 0 : 1
})
