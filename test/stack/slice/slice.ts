/**
 * `npm run test:slice`: the notes' slice out of nothing, with the real archives, in a sandbox under daemontools: Varnish in
 * front of Nginx in front of Django over FastCGI, with SQLite. A page, and the second one out of the cache; every process
 * killed and seen again; a log that rotates; the VCL loaded anew under load without a lost request; requests a second.
 *
 *   --fresh         from an empty sandbox (packages of earlier runs still speed it up)
 *   --sources DIR   a folder of archives
 *
 * Without --fresh it goes on where an earlier one stopped. Everything is in CACHE/test-slice. Needs ab (Debian: apache2-utils).
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { cacheFolder, packageRoot } from '../../../runner/paths.ts'
import { Program, type StackEvent } from '../program.ts'
import { Timings } from '../timings.ts'
import { packBlog, packSqlparse } from './archives.ts'

const { values: options } = parseArgs({
  options: { fresh: { type: 'boolean', default: false }, sources: { type: 'string' } },
})
const here = join(packageRoot, 'test/stack/slice')
const work = cacheFolder('test-slice')
const project = join(work, 'project')
const archives = join(work, 'archives')
const timings = new Timings()
const program = new Program(project, { BUILD_STACK_CACHE: work })
const VARNISH = 'http://127.0.0.1:8100/'
const NGINX = 'http://127.0.0.1:8101/'
const DJANGO = 'http://127.0.0.1:8103/'

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not so: ${what}`)
  console.log(`--- ok: ${what}`)
}

const onHost = async (command: string) =>
  (await program.onHost('slice', `PATH=/opt/local/bin:$PATH; ${command}`)).trim()

/** The repository's recipes and the blog. */
async function makeProject(): Promise<void> {
  mkdirSync(archives, { recursive: true })
  rmSync(project, { recursive: true, force: true })
  for (const name of ['recipes', 'patches'])
    cpSync(join(packageRoot, name), join(project, name), { recursive: true })
  cpSync(join(here, 'hosts.yaml'), join(project, 'hosts.yaml'))
  await packBlog(here, archives, join(project, 'recipes'))
  await packSqlparse(work, archives, join(project, 'recipes'))
  for (const file of options.sources ? readdirSync(options.sources) : []) {
    if (!existsSync(join(archives, file)))
      symlinkSync(join(options.sources ?? '', file), join(archives, file))
  }
  // What was fetched for other runs of this machine need not be fetched again.
  mkdirSync(cacheFolder('sources'), { recursive: true })
  if (!existsSync(join(work, 'sources'))) symlinkSync(cacheFolder('sources'), join(work, 'sources'))
}

async function build(): Promise<void> {
  const outcome = await program.run(['slice', '--sources', archives], (event: StackEvent) => {
    timings.see(event)
    if (event.type === 'step-start') console.log(`    ${event.recipe} ${event.step?.title}`)
  })
  if (outcome.code === 0) return
  throw new Error(`build-stack slice ended with ${outcome.code}\n${outcome.failure}\n${outcome.stderr}`)
}

interface Page {
  text: string
  age: number
  transactions: number
}

async function page(url: string): Promise<Page> {
  const response = await fetch(url)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} for ${url}: ${text.slice(0, 400)}`)
  const transactions = (response.headers.get('x-varnish') ?? '').split(' ').filter(Boolean).length
  return { text, transactions, age: Number(response.headers.get('age')) }
}

async function pageWithin(url: string, seconds: number): Promise<Page> {
  for (let left = seconds * 4; ; left -= 1) {
    try {
      return await page(url)
    } catch (error) {
      if (left <= 0) throw error
      await pause(250)
    }
  }
}

async function proveTheCache(): Promise<void> {
  const path = `${VARNISH}${Date.now()}`
  const first = await pageWithin(path, 30)
  check(
    first.text.includes('a coating of Varnish'),
    `a page through Varnish, with its row of SQLite: ${first.text.trim()}`,
  )
  check(first.transactions === 1, 'the first one is from Nginx')
  await pause(1100)
  const second = await page(path)
  // A hit names the transaction that filled the cache, too.
  check(second.transactions === 2 && second.age >= 1, `the second one is from the cache, ${second.age} s old`)
  check(second.text === first.text, 'and is the same')
}

async function proveRespawns(): Promise<void> {
  const main = async (name: string) => /\(pid (\d+)\)/.exec(await onHost(`svstat /service/${name}`))?.[1]
  for (const [name, url] of [
    ['blog', DJANGO],
    ['nginx', NGINX],
    ['varnish', VARNISH],
  ] as const) {
    const before = await main(name)
    const children = (await onHost(`ps -e -o pid= -o ppid= | awk '$2 == ${before} { print $1 }'`)).split(
      /\s+/,
    )
    const pids = [before ?? '', ...children].filter(Boolean)
    await onHost(`kill -9 ${pids.join(' ')}`)
    await pause(1500)
    await pageWithin(url, 60)
    const after = await main(name)
    check(
      after !== undefined && after !== before,
      `${name} (${pids.join(' ')}) was killed, and is back as ${after}`,
    )
  }
  check(
    (await pageWithin(`${VARNISH}after`, 30)).text.includes('Varnish'),
    'the page works through all of them',
  )
}

interface Load {
  perSecond: number
  complete: number
  failed: number
}

async function load(url: string, requests: number): Promise<Load> {
  const argv = ['-l', '-k', '-q', '-c', '4', '-n', String(requests), url]
  const { stdout } = await promisify(execFile)('ab', argv, { maxBuffer: 1 << 24 })
  const number = (name: string) => Number(new RegExp(`${name}: +([0-9.]+)`).exec(stdout)?.[1] ?? 0)
  return {
    perSecond: number('Requests per second'),
    complete: number('Complete requests'),
    failed: number('Failed requests') + number('Non-2xx responses'),
  }
}

async function proveTheLog(): Promise<void> {
  const old = () => onHost('ls /opt/local/var/log/blog | grep -c "^@.*[.]s$"')
  await load(DJANGO, 400)
  check(
    Number(await old()) === 2,
    'the log of the blog rotates, and keeps two old files beside the current one',
  )
  const size = Number(
    await onHost('cat /opt/local/var/log/blog/@*.s /opt/local/var/log/blog/current | wc -c'),
  )
  check(size <= 3 * 8192, `all of it is ${size} bytes`)
}

async function proveTheReload(): Promise<void> {
  const used = () => onHost("varnishadm -n /opt/local/var/varnishd vcl.list | awk '/^active/ { print $NF }'")
  const before = await used()
  const running = load(VARNISH, 60_000)
  for (let n = 0; n < 3; n += 1) await onHost('/service/varnish/refresh')
  const { complete, failed } = await running
  const after = await used()
  check(before !== after, `the VCL was loaded anew three times: ${before} -> ${after}`)
  check(complete === 60_000 && failed === 0, `not one of ${complete} requests was lost meanwhile`)
}

async function compareLoads(): Promise<void> {
  await page(VARNISH)
  const django = await load(DJANGO, 1000)
  const nginx = await load(NGINX, 1000)
  const varnish = await load(VARNISH, 40_000)
  for (const [name, { perSecond, failed }] of Object.entries({ django, nginx, varnish })) {
    check(
      failed === 0,
      `${name}: ${Math.round(perSecond)} requests/s, ${(perSecond / django.perSecond).toFixed(1)} of Django's`,
    )
  }
  check(varnish.perSecond > nginx.perSecond, 'the cache is worth having')
}

async function main(): Promise<void> {
  if (options.fresh && existsSync(project)) await program.run(['sandbox', 'reset'])
  await makeProject()
  await build()
  await proveTheCache()
  await proveRespawns()
  await proveTheLog()
  await proveTheReload()
  await compareLoads()
  check(
    (await program.run(['slice', '--dry-run', '--sources', archives])).code === 0,
    'nothing to do on slice',
  )
  check((await program.run(['verify', 'slice'])).code === 0, 'verify finds no fault')
  console.log(timings.table().join('\n'))
  console.log('--- passed')
}

try {
  await main()
} catch (error) {
  console.error(`--- failed: ${error instanceof Error ? error.message : error}`)
  console.error('--- run it again to go on from here')
  process.exitCode = 1
}
