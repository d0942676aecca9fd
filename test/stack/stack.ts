/**
 * `npm run test:stack`: the two boxes of the notes out of nothing, with the real archives, in two sandboxes; a page from
 * Apache that reads from the database of the other box and from memcached; services killed and seen to come back; one recipe
 * changed; nothing to do afterwards. Prints what each recipe took.
 *
 *   --fresh         from empty sandboxes (packages of earlier runs still speed it up)
 *   --no-packages   build everything anew; implies --fresh
 *   --notes         the versions of 2007 instead, where their archives are in --sources or reachable: notes.ts
 *   --sources DIR   a folder of archives and of clones (mod_python.git)
 *
 * Without --fresh it goes on where an earlier one stopped. Everything is in CACHE/test-stack.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cacheFolder, packageRoot } from '../../runner/paths.ts'
import { sha256OfFile } from '../../runner/sources/checksum.ts'
import { MUSEUM_HOSTS, proveNotes, resultOf } from './notes.ts'
import { type Outcome, Program, type StackEvent } from './program.ts'
import { Timings } from './timings.ts'

const { values: options } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    'no-packages': { type: 'boolean', default: false },
    notes: { type: 'boolean', default: false },
    sources: { type: 'string' },
  },
})
const work = cacheFolder('test-stack')
const project = join(work, 'project')
const archives = join(work, 'archives')
/** In the order in which they are made: the site reads from the database. */
const BOXES = ['server2', 'server1']
const timings = new Timings()
const program = new Program(project, {
  BUILD_STACK_CACHE: work,
  STACK_DATABASE_PASSWORD: 'a "secret" $(id)',
})

function say(text: string): void {
  console.log(`--- ${text}`)
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not so: ${what}`)
  say(`ok: ${what}`)
}

/** A project of the repository's recipes and the test's own two. */
async function makeProject(): Promise<void> {
  mkdirSync(archives, { recursive: true })
  rmSync(project, { recursive: true, force: true })
  for (const name of ['recipes', 'patches'])
    cpSync(join(packageRoot, name), join(project, name), { recursive: true })
  cpSync(join(packageRoot, 'test/stack/hosts.yaml'), join(project, 'hosts.yaml'))
  await packSite('tetriad', 'site-1.0', ['site', 'site-database'])
  cpSync(
    join(packageRoot, 'test/stack/recipes/site-mod_python.yaml'),
    join(project, 'recipes/site-mod_python.yaml'),
  )
  await packSite('museum', 'museum-1.0', ['museum'])

  if (options.sources) {
    for (const file of readdirSync(options.sources)) {
      if (!existsSync(join(archives, file))) symlinkSync(join(options.sources, file), join(archives, file))
    }
  }
  // What was fetched for other runs of this machine need not be fetched again.
  mkdirSync(cacheFolder('sources'), { recursive: true })
  if (!existsSync(join(work, 'sources'))) symlinkSync(cacheFolder('sources'), join(work, 'sources'))
}

/** A folder of site/ as an archive, and the recipes that install it, with its checksum. */
async function packSite(folder: string, name: string, recipes: string[]): Promise<void> {
  const archive = join(archives, `${name}.tar.gz`)
  const words = [
    '--sort=name',
    '--mtime=2026-01-01',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--exclude=__pycache__',
    `--transform=s,^,${name}/,`,
    '-cf',
    '-',
    '-C',
    join(packageRoot, 'test/stack/site'),
    folder,
  ]
  const packed = execFileSync('tar', words)
  writeFileSync(archive, execFileSync('gzip', ['-nc'], { input: packed, maxBuffer: 1 << 28 }))
  const { sha256 } = await sha256OfFile(archive)
  for (const recipe of recipes) {
    const text = readFileSync(join(packageRoot, `test/stack/recipes/${recipe}.yaml`), 'utf8')
    writeFileSync(
      join(project, `recipes/${recipe}.yaml`),
      text.replace(/# The test packs.*/, `sha256: ${sha256}`),
    )
  }
}

async function build(host: string, ...words: string[]): Promise<Outcome> {
  const more = options['no-packages'] ? ['--no-packages'] : []
  let shown = ''
  const outcome = await program.run([host, '--sources', archives, ...more, ...words], (event: StackEvent) => {
    timings.see(event)
    const line = event.type === 'step-start' ? `${host} ${event.recipe} ${event.step?.title}` : ''
    if (line && line !== shown) {
      shown = line
      console.log(`    ${line}`)
    }
  })
  return outcome
}

async function page(port = 8080): Promise<Page> {
  const response = await fetch(`http://127.0.0.1:${port}/`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} at port ${port}: ${text.slice(0, 400)}`)
  return JSON.parse(text) as Page
}

interface Page {
  row: string
  visits: number
  through: string
  versions: Record<string, string>
}

async function pageWithin(seconds: number): Promise<Page> {
  for (let left = seconds * 2; ; left -= 1) {
    try {
      return await page()
    } catch (error) {
      if (left <= 0) throw error
      await pause(500)
    }
  }
}

/** As the receipts have them. */
async function installed(host: string): Promise<Record<string, string>> {
  const { stdout } = await program.run(['status', host])
  const rows = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { recipe: string; version: string })
  return Object.fromEntries(rows.map((row) => [row.recipe, row.version]))
}

async function proveThePage(): Promise<void> {
  const first = await pageWithin(30)
  check(first.row === 'a row from the other box', 'the page shows the row of the database')
  const second = await page()
  check(second.visits === first.visits + 1, 'memcached counts the visits')
  const receipts: Record<string, string | undefined> = {
    ...(await installed('server1')),
    mariadb: (await installed('server2')).mariadb,
  }
  for (const [name, version] of Object.entries(first.versions)) {
    const wanted = receipts[name] ?? ''
    check(
      version.includes(wanted) && wanted !== '',
      `${name} answers with the version of its receipt: ${version}`,
    )
  }
  check(first.through === 'mod_wsgi', 'it came through mod_wsgi')
}

/** Of the versions of mod_python the one whose source is a checkout: a clone is easier to come by than its archive. */
const MOD_PYTHON = '      mod_python: 3.5.0.5\n      site-mod_python: "1"\n'

/** Beside mod_wsgi, in an Apache of its own: one cannot load both. Where mod_python's source cannot be had, why not. */
async function proveModPython(): Promise<void> {
  const hosts = join(project, 'hosts.yaml')
  const text = readFileSync(hosts, 'utf8')
  writeFileSync(hosts, text.replace('      site: "1.0"\n', `$&${MOD_PYTHON}`))
  const outcome = resultOf(await build('server1', '--only', 'site-mod_python'))
  if (outcome.result === 'skipped') {
    say(`not tested: the page through mod_python: ${outcome.reason}`)
    writeFileSync(hosts, text)
    return
  }
  check(outcome.result === 'built', `mod_python is built${'reason' in outcome ? `: ${outcome.reason}` : ''}`)
  const [through, beside] = [await page(8082), await page()]
  check(through.through === 'mod_python' && through.row === beside.row, 'the same page through mod_python')
  check(beside.through === 'mod_wsgi', 'and beside it through mod_wsgi')
}

async function proveRestarts(): Promise<void> {
  for (const [host, name] of [
    ['server1', 'apache'],
    ['server1', 'memcached'],
    ['server2', 'mysql'],
  ] as const) {
    const service = `svc:/application/build-stack/${name}:default`
    const before = await program.onHost(host, `svcprop -p restarter/start_method_timestamp ${service}`)
    const processes = await program.onHost(
      host,
      `svcs -H -p ${service} | sed -n 's/^ .*:[0-9][0-9] *\\([0-9]*\\) .*/\\1/p'`,
    )
    const pids = processes.trim().split(/\s+/).filter(Boolean)
    check(pids.length > 0, `${name} has processes: ${pids.join(' ')}`)
    await program.onHost(host, `kill -9 ${pids.join(' ')}`)
    let after = before
    for (let left = 60; left > 0 && after === before; left -= 1) {
      await pause(500)
      const state = await program.onHost(host, `svcs -H -o state,nstate ${service}`)
      if (/^online +-/.test(state.trim())) {
        after = await program.onHost(host, `svcprop -p restarter/start_method_timestamp ${service}`)
      }
    }
    check(after !== before, `${name} was killed, and SMF brought it back`)
    check((await pageWithin(60)).row.length > 0, `the page works again without ${name}'s old processes`)
  }
}

/** Another flag for one recipe of server1, and what the run makes of it. */
async function proveOneChange(): Promise<void> {
  const file = join(project, 'recipes/apr-util.yaml')
  const text = readFileSync(file, 'utf8')
  const changed = text.replace(/^configure:\n/m, 'configure:\n  - --disable-util-dso\n')
  check(changed !== text, 'a flag was added to apr-util')
  writeFileSync(file, changed)
  const done: string[] = []
  const { code } = await program.run(['server1', '--sources', archives], (event) => {
    timings.see(event)
    if (event.type === 'recipe-end' && event.result === 'done') done.push(event.recipe ?? '')
  })
  check(code === 0, 'the change was applied')
  check(
    done.join() === 'apr-util',
    `only apr-util was built, since its library kept its name: ${done.join(', ')}`,
  )
  check((await pageWithin(60)).row.length > 0, 'the page works with it')
}

async function main(): Promise<void> {
  if (options.fresh || options['no-packages']) {
    say('empty sandboxes')
    if (existsSync(project)) await program.run(['sandbox', 'reset'])
  }
  await makeProject()
  // The machine's ports are those of every sandbox: one Apache at a time.
  await program.run(['sandbox', 'stop', ...(options.notes ? BOXES : MUSEUM_HOSTS)])
  if (options.notes) await proveNotes({ build, say, check })
  else await proveStack()
  console.log(timings.table().join('\n'))
  say('passed')
}

async function proveStack(): Promise<void> {
  for (const host of BOXES) {
    say(`build-stack ${host}`)
    const outcome = await build(host)
    if (outcome.code !== 0) {
      console.log(timings.table().join('\n'))
      throw new Error(`build-stack ${host} ended with ${outcome.code}\n${outcome.failure}\n${outcome.stderr}`)
    }
  }
  await proveThePage()
  await proveModPython()
  await proveRestarts()
  await proveOneChange()
  for (const host of ['server1', 'server2']) {
    check(
      (await program.run([host, '--dry-run', '--sources', archives])).code === 0,
      `nothing to do on ${host}`,
    )
  }
}

try {
  await main()
} catch (error) {
  console.error(`--- failed: ${error instanceof Error ? error.message : error}`)
  console.error('--- run it again to go on from here')
  process.exitCode = 1
}
