import { stripVTControlCharacters } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createReporter, type Reporter } from '../../../runner/cli/report/reporter.ts'
import type { RunEvent } from '../../../runner/run/events.ts'
import { sampleAction, samplePlan } from '../../plan/sampleAction.ts'
import {
  begin,
  configured,
  failed,
  job,
  locked,
  make,
  making,
  otherPlan,
  output,
  Sink,
  succeeded,
  transfers,
  unreachable,
} from './runOfEvents.ts'

const REDRAW = 130

// listr2 cuts lines by this, whatever the stream it draws on.
process.stdout.columns = 80

interface Screen {
  out: Sink
  reporter: Reporter
  /** Sets the reporter's clock, in seconds. */
  at(seconds: number): void
  /** Waits for a drawing that is, or has in it, what is expected. */
  draws(expected: string | RegExp): Promise<void>
}

async function open(hosts = ['server1'], color = false): Promise<Screen> {
  const out = new Sink()
  let time = 0
  const reporter = await createReporter('live', out, { hosts, color, verbose: false, now: () => time })
  return {
    out,
    reporter,
    at: (seconds) => {
      time = seconds * 1000
    },
    async draws(expected) {
      const isThere = (text: string) =>
        typeof expected === 'string' ? text === expected : expected.test(text)
      const last = () => shown(out.writes.at(-1) ?? '')
      for (let tries = 0; tries < 40 && !isThere(last()); tries += 1) await pause(50)
      if (typeof expected === 'string') assert.is(last(), expected)
      else assert.match(last(), expected)
    },
  }
}

function feed(reporter: Reporter, ...events: RunEvent[]): void {
  for (const event of events) reporter.event(event)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function shown(text: string): string {
  return stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()
}

const live = suite('live reporter')

live('shows recipes with what runs in them, its progress and its last line', async () => {
  const { reporter, draws, at } = await open()
  feed(reporter, begin[0] as RunEvent)
  at(0.3)
  await draws('⠸ server1  connecting to 127.0.0.1:2222  0.3 s')

  at(1)
  feed(reporter, ...begin.slice(1), ...transfers.slice(0, 2))
  at(2)
  await draws(
    `⠋ server1  1 of 3 done  2.0 s
  ✔ libevent 2.1.12-stable  up to date
  ⠋ memcached 1.6.18  upgrade  1.0 s
    ⠋ fetch memcached-1.6.18.tar.gz  550 kB of 1.1 MB  ████░░░░ 50%  550 kB/s
  ◼ httpd 2.4.62  install`
      .replace('  550 kB/s', '…')
      .replace('50%…', '50%  550 kB/s'),
  )

  feed(reporter, job, ...configured, making, output(make, `gcc -c a.c ${'x'.repeat(1_299_988)}`))
  at(14)
  await draws(
    `⠋ server1  1 of 3 done  14 s
  ✔ libevent 2.1.12-stable  up to date
  ⠋ memcached 1.6.18  upgrade  13 s
    ✔ configure  12 s
    ⠋ make (2 of 2)  12 s  ████░░░░ 50%
      gcc -c a.c ${'x'.repeat(60)}…
  ◼ httpd 2.4.62  install`,
  )
  feed(reporter, ...succeeded)
  await reporter.end()
})

live('leaves a line for each recipe with its version and time', async () => {
  const { reporter, out } = await open()
  feed(reporter, ...begin, ...transfers, job, ...configured, making)
  await pause(REDRAW)
  feed(reporter, ...succeeded)
  await reporter.end()
  assert.ok(
    shown(out.text).endsWith(
      `✔ server1  1 up to date, 1 upgraded, 1 installed  4 min 22 s
  ✔ libevent 2.1.12-stable  up to date
  ✔ memcached 1.6.18  upgraded from 1.6.17  3 min 20 s
  ✔ httpd 2.4.62  installed  1 min 01 s`,
    ),
  )
})

live('leaves what failed in the list, and the error below it', async () => {
  const { reporter, out } = await open()
  feed(reporter, ...begin, job, ...configured, making)
  await pause(REDRAW)
  feed(reporter, ...failed)
  await reporter.end()
  assert.ok(
    shown(out.text).endsWith(
      `✖ server1  1 up to date, 1 failed, 1 skipped  17 s
  ✔ libevent 2.1.12-stable  up to date
  ✖ memcached 1.6.18  make failed (exit code 2)  16 s
  ↓ httpd 2.4.62  needs memcached, which failed

server1: memcached 1.6.18: make failed (exit code 2)
  | cc: fatal error
  | make: *** [all] Error 2
  log: /cache/logs/memcached.log`,
    ),
  )
})

live('a host that was found locked after it was planned waits, and has another plan then', async () => {
  const { reporter, out, draws } = await open()
  feed(reporter, ...begin, job, ...configured, making, ...locked)
  await draws(
    `⠋ server1  waiting for httpd-1 to end  0.0 s
  ✔ libevent 2.1.12-stable  up to date
  ◼ memcached 1.6.18  upgrade
  ◼ httpd 2.4.62  install`,
  )
  feed(reporter, ...otherPlan)
  await reporter.end()
  assert.ok(
    shown(out.text).endsWith(
      `✔ server1  2 up to date, 1 upgraded  4 min 22 s
  ✔ libevent 2.1.12-stable  up to date
  ✔ memcached 1.6.18  upgraded from 1.6.17  3 min 20 s
  ✔ httpd 2.4.62  up to date`,
    ),
  )
})

live('one host that cannot be reached does not stop another', async () => {
  const { reporter, out } = await open(['server1', 'server2'])
  feed(reporter, { type: 'host-connecting', host: 'server2', address: '10.0.0.2:22' })
  feed(reporter, unreachable, { type: 'host-end', host: 'server2', seconds: 1 })
  await reporter.end()
  assert.ok(
    shown(out.text).endsWith(
      `✖ server1 (127.0.0.1:2222): connection refused  3.0 s
✔ server2  nothing to do  1.0 s

server1 (127.0.0.1:2222): connection refused
  next: Check the port`,
    ),
  )
})

live('a run that breaks off ends all the same', async () => {
  const { reporter, out } = await open()
  feed(reporter, ...begin, job, ...configured, making)
  await reporter.end()
  assert.ok(
    shown(out.text).endsWith(
      `✖ server1  stopped
  ✔ libevent 2.1.12-stable  up to date
  ↓ memcached 1.6.18  stopped
  ↓ httpd 2.4.62  stopped`,
    ),
  )
  assert.ok(out.text.endsWith('\u001b[?25h'), 'the cursor is back')
})

live('without any event it writes nothing', async () => {
  const { reporter, out } = await open()
  await reporter.end()
  assert.is(out.text, '')
})

live('100,000 lines are not 100,000 drawings', async () => {
  const { reporter, out, draws } = await open()
  feed(reporter, ...begin, job, ...configured, making)
  await pause(REDRAW)
  const [before, start] = [out.writes.length, Date.now()]
  for (let line = 1; line <= 100_000; line += 1) {
    reporter.event(output(make, `gcc -c file${line}.c`))
    if (line % 5000 === 0) await pause(10)
  }
  const seconds = (Date.now() - start) / 1000
  const drawings = out.writes.length - before
  assert.ok(drawings <= seconds * 12 + 2, `${drawings} drawings in ${seconds} s`)
  await draws(/gcc -c file100000\.c/)
  await reporter.end()
})

live('a hundred hosts that change at once are drawn as often as one', async () => {
  const hosts = Array.from({ length: 100 }, (_, index) => `host${index}`)
  const { reporter, out } = await open(hosts)
  const start = Date.now()
  for (const host of hosts) {
    const plan = samplePlan(host, sampleAction('libevent 2.1.12', 'keep'))
    feed(reporter, { type: 'host-connecting', host, address: '10.0.0.1:22' })
    feed(reporter, { type: 'host-planned', host, plan })
    await pause(2)
    feed(reporter, { type: 'host-end', host, seconds: 1 })
  }
  await reporter.end()
  const seconds = (Date.now() - start) / 1000
  assert.ok(out.writes.length <= seconds * 20 + 10, `${out.writes.length} writes in ${seconds} s`)
  const final = shown(out.writes.findLast((text) => text.includes('host99')) ?? '')
  assert.is(final.split('\n').length, 200)
  assert.ok(final.endsWith('✔ host99  1 up to date  1.0 s\n  ✔ libevent 2.1.12  up to date'))
})

live('a build cannot write to the terminal by its output', async () => {
  const { reporter, out, draws } = await open()
  feed(reporter, ...begin, job, making, output(make, '\u001b[2J\u001b]0;title\u0007evil\u009b1A\ttext'))
  await draws(/evil text/)
  assert.not.match(out.text, /title|\t/)
  await reporter.end()
})

live('a question has the terminal for itself', async () => {
  const { reporter, out, draws } = await open()
  feed(reporter, begin[0] as RunEvent)
  await pause(REDRAW)
  const answer = await reporter.aside(async () => {
    const before = out.writes.length
    out.write('Trust it? ')
    feed(reporter, ...begin.slice(1))
    await pause(2 * REDRAW)
    assert.equal(out.writes.slice(before), ['Trust it? '])
    return 'yes'
  })
  assert.is(answer, 'yes')
  await draws(/memcached 1\.6\.18 {2}upgrade/)
  await reporter.end()
})

live('a question that nobody answers gives the terminal back', async () => {
  const { reporter, draws } = await open()
  const refused = await reporter
    .aside(() => Promise.reject(new Error('refused')))
    .catch((error) => error.message)
  assert.is(refused, 'refused')
  feed(reporter, ...begin)
  await draws(/memcached 1\.6\.18 {2}upgrade/)
  await reporter.end()
})

live('colours only when asked to', async () => {
  for (const color of [false, true]) {
    const { reporter, out } = await open(['server1'], color)
    feed(reporter, ...begin, job, making)
    await pause(REDRAW)
    feed(reporter, ...failed)
    await reporter.end()
    assert.is(out.text.includes('\u001b[31m'), color)
  }
})

live.run()
