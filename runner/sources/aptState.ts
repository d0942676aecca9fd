/**
 * A state of apt that is build-stack's own: nothing of the system's is written, and no root is needed. It lies in
 * <cache>/apt/: sources (what to ask), lists-TIME (what came, a day long), apt.conf beside each.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LocalResult, run } from '../local.ts'
import { type AptFile, sourceEntries } from './aptEntries.ts'
import { PlaceFailure } from './source.ts'

export interface AptState {
  /** Runs apt-get or apt-cache on this state, in a folder. */
  apt(argv: string[], folder?: string): Promise<LocalResult>
  /** When the lists were fetched, milliseconds since 1970. */
  fetched: number
}

export interface AptOptions {
  signal?: AbortSignal | undefined
  /** How old the lists may be, milliseconds; a day by default. */
  maxAge?: number
  /** A release other than the machine's own. */
  suite?: string | undefined
  /** Where the machine's configuration lies; /etc but in tests. */
  etc?: string | undefined
}

const DAY = 86_400_000

/** One update at a time in this process: several sources are fetched at once. */
const running = new Map<string, Promise<AptState>>()

/**
 * The state with lists of today; older ones when there are none to be had. Rejects with PlaceFailure when this machine
 * has no apt, no entries of Debian's, or no way to them.
 */
export function aptState(folder: string, options: AptOptions = {}): Promise<AptState> {
  const key = `${folder} ${options.suite ?? ''}`
  const now = running.get(key)
  if (now) return now
  const made = prepare(folder, options).finally(() => running.delete(key))
  running.set(key, made)
  return made
}

async function prepare(folder: string, options: AptOptions): Promise<AptState> {
  const { signal, maxAge = DAY, etc = '/etc' } = options
  const entries = sourceEntries(await systemFiles(etc), await codename(etc), options.suite)
  if (entries.length === 0)
    throw new PlaceFailure('this machine has no package sources of Debian in /etc/apt')
  const key = createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, 16)
  const home = join(folder, key)
  const newest = (await generations(home)).at(-1)
  if (newest !== undefined && Date.now() - newest < maxAge) return open(home, newest, signal)
  try {
    return await open(home, await update(home, entries, signal), signal)
  } catch (error) {
    if (newest === undefined || signal?.aborted) throw error
    return open(home, newest, signal)
  }
}

/** Fetches lists into a folder of their own and renames it when complete, so that no other run sees half of them. */
async function update(home: string, entries: AptFile[], signal: AbortSignal | undefined): Promise<number> {
  const time = Date.now()
  const folder = join(home, `.lists-${time}-${process.pid}`)
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true })
  await mkdir(join(folder, 'sources'))
  for (const { name, text } of entries) await writeFile(join(folder, 'sources', name), text)
  await writeFile(join(folder, 'clear.conf'), CLEAR)
  try {
    const result = await callApt(folder, ['apt-get', 'update'], { signal })
    signal?.throwIfAborted()
    const lists = await readdir(join(folder, 'lists'))
    if (!lists.some((name) => /_Sources(\.\w+)?$/.test(name)))
      throw new PlaceFailure(`apt-get update brought nothing: ${lastComplaint(result)}`)
    await rename(folder, join(home, `lists-${time}`)).catch((error: NodeJS.ErrnoException) => {
      // Another run has just made the same.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  await removeOld(home, time - 2 * DAY)
  return time
}

function open(home: string, time: number, signal: AbortSignal | undefined): AptState {
  const folder = join(home, `lists-${time}`)
  return { fetched: time, apt: (argv, cwd) => callApt(folder, argv, { signal, folder: cwd }) }
}

/** What the system's configuration would run after an update acts on the system. */
const CLEAR =
  '#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n#clear APT::Update::Pre-Invoke;\n'

function callApt(
  folder: string,
  [program = '', ...words]: string[],
  options: { signal: AbortSignal | undefined; folder?: string | undefined },
): Promise<LocalResult> {
  const settings: Record<string, string> = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(folder, 'cache'),
    // Else apt builds an index of some 20 MB for each call's sake.
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(folder, 'sources'),
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
  }
  // Under root apt downloads as another user, who cannot write below a home folder.
  if (process.getuid?.() === 0) settings['APT::Sandbox::User'] = 'root'
  const assigned = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const argv = [program, '--config-file', join(folder, 'clear.conf'), ...assigned, ...words]
  return run(argv, {
    environment: { LC_ALL: 'C' },
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.folder === undefined ? {} : { folder: options.folder }),
  })
}

/** apt's own words for why it did not work: the first error, else the first warning; later ones only sum up. */
export function lastComplaint({ stderr, code }: LocalResult): string {
  const complaints = stderr.split('\n').filter((line) => /^[EW]: /.test(line))
  const errors = complaints.filter((line) => line.startsWith('E: '))
  return (errors[0] ?? complaints[0] ?? `exit status ${code}`).replace(/^[EW]: /, '')
}

/** Lists that no run reads any more, and what killed runs left of theirs. */
async function removeOld(home: string, before: number): Promise<void> {
  for (const name of await readdir(home)) {
    const time = /^\.?lists-(\d+)/.exec(name)?.[1]
    if (time && Number(time) < before) await rm(join(home, name), { recursive: true, force: true })
  }
}

async function generations(home: string): Promise<number[]> {
  const names = await readdir(home).catch(() => [])
  return names
    .flatMap((name) => /^lists-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

async function systemFiles(etc: string): Promise<AptFile[]> {
  const parts = join(etc, 'apt', 'sources.list.d')
  const names = (await readdir(parts).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name)).sort()
  const paths = [join(etc, 'apt', 'sources.list'), ...names.map((name) => join(parts, name))]
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(path, 'utf8').catch(() => '') })),
  )
  return files.map(({ path, text }, index) => ({
    name: index === 0 ? 'main.list' : `${index}-${path.slice(parts.length + 1)}`,
    text,
  }))
}

async function codename(etc: string): Promise<string | undefined> {
  const text = await readFile(join(etc, 'os-release'), 'utf8').catch(() => '')
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(text)?.[1]
}
