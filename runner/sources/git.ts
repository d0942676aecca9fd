/**
 * One commit of a Git repository as an archive in the cache. The commit's id is the checksum: git verifies what it
 * received against it, and the same commit always gives the same archive.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { BuildStackError } from '../errors.ts'
import { type LocalResult, run } from '../local.ts'
import { sha256OfFile } from './checksum.ts'

export interface CheckoutOptions {
  /** Folder of the cache. */
  cache: string
  offline?: boolean | undefined
  signal?: AbortSignal | undefined
  /** What the user gathered: a clone in it that is named as the repository is asked first, and never written to. */
  sourceFolder?: string | undefined
  /** The recipe's name; the archive's top folder is NAME-REVISION. */
  name: string
  /** As shown, "django 3.2.25". */
  recipe: string
}

export interface FetchedCheckout {
  /** Absolute. */
  path: string
  file: string
  sha256: string
  /** Bytes. */
  size: number
}

/** What git may speak; not ext::, which runs a program. */
const ENVIRONMENT = {
  LC_ALL: 'C',
  GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
  GIT_TERMINAL_PROMPT: '0',
}

/** No hooks, and whatever the user's own settings are, the same archive. */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'tar.umask=0022',
  'core.autocrlf=false',
  'core.attributesFile=/dev/null',
].flatMap((setting) => ['-c', setting])

/**
 * Rejects with SOURCE when the repository does not give that commit, with PREREQUISITE when this machine has no git, with
 * INTERRUPTED when aborted.
 */
export async function fetchCheckout(
  source: { git: string; revision: string },
  options: CheckoutOptions,
): Promise<FetchedCheckout> {
  const file = `${options.name}-${source.revision}.tar.gz`
  const folder = join(resolve(options.cache), 'git')
  const path = join(folder, file)
  const kept = await fromCache(path)
  if (kept) return { path, file, ...kept }
  const clone = await gatheredClone(source.git, options.sourceFolder)
  const addresses = [...(clone === undefined ? [] : [clone]), ...(options.offline ? [] : [source.git])]
  if (addresses.length === 0)
    throw failure(source, options, 'it is not in the cache, and this run is offline')
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, '.fetch-'))
  try {
    await fetchCommit(work, addresses, source, options)
    const packed = join(work, 'packed.tar.gz')
    await pack(work, packed, source, options)
    const { sha256, size } = await sha256OfFile(packed)
    // The checksum last: an archive without one was not finished.
    await rename(packed, path)
    await writeFile(join(work, 'sum'), `${sha256}\n`)
    await rename(join(work, 'sum'), `${path}.sha256`)
    return { path, file, sha256, size }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Undefined when it is not there, or damaged. */
async function fromCache(path: string): Promise<{ sha256: string; size: number } | undefined> {
  const wanted = await readFile(`${path}.sha256`, 'utf8').catch(() => '')
  const found = await sha256OfFile(path).catch(() => undefined)
  return found && found.sha256 === wanted.trim() ? found : undefined
}

/** NAME.git or NAME in the user's folder, for an address that ends in either. */
async function gatheredClone(git: string, folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined
  const name = basename(git.replace(/^.*:/, ''), '.git')
  for (const file of [`${name}.git`, name]) {
    const path = resolve(folder, file)
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return path
  }
  return undefined
}

/** From the first of the addresses that gives it; rejects with what the last one said. */
async function fetchCommit(
  work: string,
  addresses: string[],
  source: { git: string; revision: string },
  options: CheckoutOptions,
): Promise<void> {
  await callGit(work, ['init', '--quiet', '--bare'], options)
  let complained = ''
  for (const address of addresses) {
    const reason = await fetchFrom(work, address, source.revision, options)
    if (reason === undefined) return
    complained = reason
  }
  throw failure(source, options, complained)
}

/** Undefined when the commit came; else why it did not. */
async function fetchFrom(
  work: string,
  address: string,
  revision: string,
  options: CheckoutOptions,
): Promise<string | undefined> {
  const fetch = (...words: string[]) => callGit(work, ['fetch', '--quiet', ...words], options)
  // One commit is enough, where the server gives single ones; else all that its branches and tags have.
  let result = await fetch('--depth=1', '--', address, revision)
  if (result.code !== 0)
    result = await fetch('--', address, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*')
  if (result.code !== 0) return complaint(result)
  const found = await callGit(work, ['cat-file', '-t', revision], options)
  return found.stdout.trim() === 'commit' ? undefined : 'it has no such commit'
}

async function pack(
  work: string,
  packed: string,
  source: { git: string; revision: string },
  options: CheckoutOptions,
): Promise<void> {
  const tar = join(work, 'packed.tar')
  const prefix = `${options.name}-${source.revision}/`
  const words = ['archive', '--format=tar', `--prefix=${prefix}`, `--output=${tar}`, source.revision]
  const result = await callGit(work, words, options)
  if (result.code !== 0) throw failure(source, options, complaint(result))
  await pipeline(createReadStream(tar), createGzip({ level: 6 }), createWriteStream(packed))
}

async function callGit(
  work: string,
  words: string[],
  { signal, recipe }: CheckoutOptions,
): Promise<LocalResult> {
  const result = await run(['git', ...SETTINGS, ...words], {
    folder: work,
    environment: ENVIRONMENT,
    ...(signal ? { signal } : {}),
  })
  if (signal?.aborted) throw new BuildStackError('INTERRUPTED', `stopped while fetching ${recipe}`)
  return result
}

function complaint({ stderr, code }: LocalResult): string {
  const lines = stderr.trim().split('\n').filter(Boolean)
  return lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? `git ended with ${code}`
}

function failure(
  { git, revision }: { git: string; revision: string },
  { recipe }: CheckoutOptions,
  reason: string,
): BuildStackError {
  return new BuildStackError('SOURCE', `${recipe}: commit ${revision} of ${git}: ${reason}`, {
    next: 'check the address and the revision in the recipe with: git ls-remote',
  })
}
