/**
 * The versions of 2007, with their fixes for Linux, in sandboxes of their own: each recipe whose archive is at hand or can be
 * reached; of the others, why not. Where all that it needs was built, a page by the Django of 2007 through mod_python.
 */
import type { Outcome } from './program.ts'

/**
 * Each after what it needs; what is named as needed is looked at before anything else of it is built. notes1 is the notes' web box, but for memcached, which is a package of Blastwave's there.
 * MySQL-python stands alone: its client library is MariaDB's on Linux, whose OpenSSL is not the notes'.
 */
const MUSEUM: [host: string, recipe: string, needs?: string][] = [
  ['notes1', 'openssl'],
  ['notes1', 'python'],
  ['notes1', 'apache'],
  ['notes1', 'mod_python'],
  ['notes1', 'python-memcached'],
  ['notes1', 'django'],
  ['notes1', 'museum'],
  ['notes2', 'mysql'],
  ['notes3', 'python'],
  ['notes3', 'mysql-python', 'python'],
]
export const MUSEUM_HOSTS = [...new Set(MUSEUM.map(([host]) => host))]

/** Exit status of a run that could not have a source. */
const NO_SOURCE = 66

export type Result = { result: 'built' } | { result: 'skipped' | 'failed'; reason: string }

/** What became of a recipe, by the end of the run that was to build it. Pure. */
export function resultOf({ code, failure, stderr }: Pick<Outcome, 'code' | 'failure' | 'stderr'>): Result {
  if (code === 0) return { result: 'built' }
  const { recipe, message } = failure
    ? (JSON.parse(failure) as { recipe?: string; message?: string })
    : { message: stderr }
  const reason = [recipe, (message ?? '').trim().replace(/\s*\n\s*/g, ' ')].filter(Boolean).join(': ')
  return code === NO_SOURCE ? { result: 'skipped', reason } : { result: 'failed', reason }
}

export interface MuseumTools {
  build: (host: string, ...words: string[]) => Promise<Outcome>
  say: (text: string) => void
  check: (condition: boolean, what: string) => void
}

/** @throws Error when what could be built was not, or does not do what it should. */
export async function proveNotes({ build, say, check }: MuseumTools): Promise<void> {
  const results = new Map<string, Result>()
  for (const [host, recipe, needed] of MUSEUM) {
    const before = results.get(`${host} ${needed}`)
    if (before && before.result !== 'built') {
      results.set(`${host} ${recipe}`, { result: 'skipped', reason: `it needs ${needed}` })
      continue
    }
    say(`build-stack ${host} --only ${recipe}`)
    results.set(`${host} ${recipe}`, resultOf(await build(host, '--only', recipe)))
  }
  for (const [name, { result, ...more }] of results)
    say(`${name} ${result}${'reason' in more ? `: ${more.reason}` : ''}`)
  const failed = [...results].filter(([, { result }]) => result === 'failed').map(([name]) => name)
  check(failed.length === 0, `nothing failed that could be had${failed.map((name) => ` (${name})`).join('')}`)
  if (results.get('notes1 museum')?.result === 'built') await provePage(check)
  else say('not tested: the page through mod_python 3.3.1, which needs what was skipped')
}

async function provePage(check: MuseumTools['check']): Promise<void> {
  const response = await fetch('http://127.0.0.1:8080/')
  const text = await response.text()
  check(response.ok, `Apache answers: ${response.status}${response.ok ? '' : ` ${text.slice(0, 400)}`}`)
  const server = response.headers.get('server') ?? ''
  for (const part of ['Apache/2.2.6', 'mod_python/3.3.1', 'Python/2.5.1'])
    check(server.includes(part), `it names ${part}: ${server}`)
  const page = JSON.parse(text) as { python: string; django: string; through: string }
  check(page.python === '2.5.1', `Python ${page.python} made the page`)
  check(page.django.startsWith('0.97-pre'), `with Django ${page.django}`)
  check(page.through === 'django.core.handlers.modpython', `through ${page.through}`)
}
