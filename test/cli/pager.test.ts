import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pagerFor, showPaged } from '../../runner/cli/pager.ts'

const long = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n')
const terminal = { isTTY: true, rows: 24, columns: 80 }

const choice = suite('whether a text is paged')

choice('only on a terminal, and only where it is longer than the screen', () => {
  assert.is(pagerFor(long, terminal, {}), 'less')
  assert.is(pagerFor('short', terminal, {}), undefined)
  assert.is(pagerFor(long, { ...terminal, isTTY: false }, {}), undefined)
  assert.is(pagerFor(long, { ...terminal, rows: 51 }, {}), undefined)
  assert.is(pagerFor(long, terminal, { TERM: 'dumb' }), undefined)
})

choice('a long line takes several rows, its colours none', () => {
  const wide = `${'x'.repeat(80 * 30)}`
  assert.is(pagerFor(wide, terminal, {}), 'less')
  assert.is(pagerFor(`\u001b[31m${'x'.repeat(70)}\u001b[39m\n`.repeat(22).trimEnd(), terminal, {}), undefined)
})

choice('PAGER decides, and empty or cat is none', () => {
  assert.is(pagerFor(long, terminal, { PAGER: 'most -x' }), 'most -x')
  assert.is(pagerFor(long, terminal, { PAGER: '' }), undefined)
  assert.is(pagerFor(long, terminal, { PAGER: 'cat' }), undefined)
})
choice.run()

const paging = suite('a paged text')

/** A terminal that remembers what is written to it. */
function screen(): Writable & { text: string } {
  const out = new Writable({
    write(piece, _encoding, done) {
      made.text += piece
      done()
    },
  })
  const made = Object.assign(out, { text: '', ...terminal })
  return made
}

async function shown(pager: string, options = { pager: true }): Promise<{ onScreen: string; paged: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-pager-'))
  try {
    const out = screen()
    const env = { PATH: process.env.PATH, PAGER: pager, TO: join(folder, 'paged') }
    await showPaged(long, out, { ...options, env })
    let paged = ''
    try {
      paged = readFileSync(env.TO, 'utf8')
    } catch {
      // The pager never ran.
    }
    return { onScreen: out.text, paged }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

paging('goes to the command of $PAGER, and not to the screen too', async () => {
  assert.equal(await shown('head -n 3 >"$TO"'), { onScreen: '', paged: 'line 0\nline 1\nline 2\n' })
})

paging('is just written with --no-pager, or where there is no such pager', async () => {
  assert.is((await shown('cat >"$TO"', { pager: false })).onScreen, `${long}\n`)
  assert.is((await shown('no-such-pager-anywhere 2>/dev/null')).onScreen, `${long}\n`)
})

paging('a pager that is left early is no fault', async () => {
  assert.equal(await shown('exit 1'), { onScreen: '', paged: '' })
})
paging.run()
