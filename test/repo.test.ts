/** The repository's own rules, where a test can see them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../runner/paths.ts'

const test = suite('the repository')

const tracked = execFileSync('git', ['ls-files'], {
  cwd: packageRoot,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path && existsSync(join(packageRoot, path)))

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8')
const runner = tracked.filter((path) => /^runner\/.*\.ts$/.test(path))
const tests = tracked.filter((path) => /^test\/.*\.ts$/.test(path))

interface Import {
  from: string
  /** Of types alone: nothing is loaded. */
  typeOnly: boolean
}

function importsOf(path: string): Import[] {
  const text = read(path)
  const statements = [...text.matchAll(/^(?:import|export) (type )?(?:[^'"]*? from )?'([^']+)'/gm)]
  const loads = [...text.matchAll(/\bimport\('([^']+)'\)/g)]
  return [
    ...statements.map(([, type, from]) => ({ from: from ?? '', typeOnly: type !== undefined })),
    ...loads.map(([, from]) => ({ from: from ?? '', typeOnly: false })),
  ]
}

const imports = new Map([...runner, ...tests].map((path) => [path, importsOf(path)]))

/** Files of the repository that a file imports, by their path. */
function localImports(path: string, withTypes = true): string[] {
  return (imports.get(path) ?? [])
    .filter(({ from, typeOnly }) => from.startsWith('.') && (withTypes || !typeOnly))
    .map(({ from }) => normalize(join(dirname(path), from)))
}

test('the imports that these tests see are those that are there', () => {
  for (const [path, list] of imports) {
    for (const { from } of list) {
      if (!from.startsWith('.')) continue
      assert.ok(existsSync(join(packageRoot, dirname(path), from)), `${path} imports ${from}`)
    }
  }
  assert.ok(localImports('runner/main.ts').length > 0)
  assert.ok((imports.get('runner/services/smf.ts') ?? []).some(({ from }) => from === './smfManifest.ts'))
})

/** The files that may load a dependency, where it is not one alone. */
const SHARED: Record<string, string[]> = {
  // The connection, and the requests that are made over it.
  '@aws-sdk/client-s3': ['runner/s3/client.ts', 'runner/s3/connection.ts'],
  // What the tables of commands are made with.
  commander: [
    'runner/cli/changingCommands.ts',
    'runner/cli/commandParts.ts',
    'runner/cli/jobCommands.ts',
    'runner/cli/program.ts',
    'runner/cli/readingCommands.ts',
    'runner/cli/syncCommands.ts',
  ],
  // The sandbox is a server of its own; it shares nothing with the client.
  ssh2: ['runner/sandbox/sshServer.ts', 'runner/transports/ssh2.ts'],
  // One writes a stream, the other reads archives.
  tar: ['runner/sources/archive.ts', 'runner/transports/ustar.ts'],
  // Schemas, and what reads them.
  zod: runner.filter((path) => path.startsWith('runner/config/')),
}

test('each dependency is loaded in one place', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  for (const name of Object.keys(dependencies)) {
    const users = runner.filter((path) =>
      imports
        .get(path)
        ?.some(({ from, typeOnly }) => !typeOnly && (from === name || from.startsWith(`${name}/`))),
    )
    const allowed = SHARED[name] ?? users.slice(0, 1)
    assert.ok(users.length > 0, `${name} is used nowhere`)
    assert.equal(
      users,
      users.filter((path) => allowed.includes(path)),
      `${name}: ${users.join(', ')}`,
    )
  }
})

test('nothing is imported that package.json does not have', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>
  for (const [path, list] of imports) {
    for (const { from, typeOnly } of list) {
      if (from.startsWith('.') || from.startsWith('node:')) continue
      const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/')
      const known =
        path.startsWith('runner/') && !typeOnly
          ? { ...dependencies }
          : { ...dependencies, ...devDependencies }
      assert.ok(name in known || `@types/${name}` in known, `${path} imports ${from}`)
    }
  }
})

const PURE = ['plan', 'desired', 'build', 'services', 'receipts']
/** They know where this program's own files are, and read the scripts for hosts: a part of what is decided. */
const READS_SCRIPTS = ['runner/build/jobFolder.ts', 'runner/paths.ts', 'runner/probe/probe.ts']

test('what decides does nothing, nor does what it is made of', () => {
  const deciding = runner.filter((path) => PURE.includes(path.split('/')[1] ?? ''))
  for (const path of reachedFrom(deciding, false)) {
    if (READS_SCRIPTS.includes(path)) continue
    for (const { from, typeOnly } of imports.get(path) ?? []) {
      const harmless = !from.startsWith('node:') || ['node:crypto', 'node:path', 'node:util'].includes(from)
      assert.ok(typeOnly || harmless, `${path} imports ${from}`)
    }
  }
})

test('the sandbox and the code that drives hosts know nothing of each other', () => {
  const DOORS = ['runner/run/connectHost.ts', 'runner/cli/sandbox.ts']
  const DRIVERS =
    /^runner\/(build|cli|desired|packages|plan|probe|receipts|run|services|sources|transports|verify)\//
  for (const path of runner) {
    const inside = path.startsWith('runner/sandbox/')
    for (const other of localImports(path)) {
      if (inside) assert.not.match(other, DRIVERS, `${path} imports ${other}`)
      else if (other.startsWith('runner/sandbox/'))
        assert.ok(DOORS.includes(path), `${path} imports ${other}`)
    }
  }
})

/** What starts by itself: the program, the sandbox's server, the writers of documents. */
const ENTRIES = [
  'runner/main.ts',
  'runner/sandbox/server.ts',
  'runner/config/writeSchemas.ts',
  'runner/config/writeVersions.ts',
]

function reachedFrom(starts: string[], withTypes = true): Set<string> {
  const reached = new Set<string>()
  const queue = [...starts]
  for (const path of queue) {
    if (reached.has(path)) continue
    reached.add(path)
    queue.push(...localImports(path, withTypes))
  }
  return reached
}

test('no file is dead', () => {
  const reached = reachedFrom(ENTRIES)
  assert.equal(
    runner.filter((path) => !reached.has(path)),
    [],
  )
})

test('every file is loaded by a test, or by the program that the tests start', () => {
  const reached = reachedFrom([...tests, ...ENTRIES])
  assert.equal(
    runner.filter((path) => !reached.has(path)),
    [],
  )
})

test('every script that runs on hosts is named in a test of its own', () => {
  const text = tests
    .filter((path) => path.startsWith('test/host/') || path.startsWith('test/verify/'))
    .map(read)
    .join('\n')
  const untested = tracked
    .filter((path) => /^runner\/host\/.*\.sh$/.test(path))
    .map((path) => basename(path))
    .filter((name) => !text.includes(name))
  // Sourced by others, which are tested; preview.sh by the program's tests.
  assert.equal(
    untested.filter((name) => !['prepare.sh', 'tree.sh', 'recorded.sh', 'preview.sh'].includes(name)),
    [],
  )
})

test('every script says how it is called and under which shells it runs', () => {
  for (const path of tracked.filter((path) => /^runner\/host\/.*\.sh$/.test(path))) {
    const head = read(path)
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('\n')
    assert.match(head, /Usage:|Sourced by|Fed to|Used by/, path)
    assert.match(head, /\bunder (POSIX shells|dash|every shell)/, path)
  }
})

test('uvu runs every suite', () => {
  for (const path of tests.filter((path) => path.endsWith('.test.ts'))) {
    const text = read(path)
    const suites = [...text.matchAll(/^(?:export )?const (\w+) = suite(?:<[^>]*>)?\(/gm)].map(
      ([, name]) => name,
    )
    for (const name of suites)
      assert.match(text, new RegExp(`^\\s*${name}\\.run\\(\\)$`, 'm'), `${path}: ${name}`)
    assert.match(text, /\brun\(\)$/m, path)
  }
})

test('names are in camelCase, files end in time', () => {
  for (const path of [...runner, ...tests]) {
    assert.match(basename(path).replace(/(\.test)?\.ts$/, ''), /^[a-z][A-Za-z0-9]*(-[a-z]+)*$/, path)
    if (path.startsWith('runner/')) assert.not.match(basename(path), /-/, path)
    assert.not.match(basename(path), /^(utils?|helpers?|common|types|misc)\b/, path)
    const lines = read(path).split('\n').length
    assert.ok(lines <= (path.startsWith('test/') ? 400 : 330), `${path} has ${lines} lines`)
  }
})

test('no file names a host of a registry or of a mirror', () => {
  // Put together here, so that this file does not.
  const names = ['registry', 'npmjs'].join('.')
  const hosts = [
    names,
    ['deb', 'debian', 'org'].join('.'),
    ['snapshot', 'debian', 'org'].join('.'),
    ['proxy', 'golang'].join('.'),
  ]
  for (const path of tracked) {
    if (!/\.(ts|sh|json|yaml|md|mjs)$|^\./.test(path)) continue
    const text = read(path)
    for (const host of hosts) assert.not.ok(text.includes(host), `${path} names ${host}`)
  }
})

test.run()
