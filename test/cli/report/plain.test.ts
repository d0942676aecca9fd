import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createReporter } from '../../../runner/cli/report/reporter.ts'
import type { RunEvent } from '../../../runner/run/events.ts'
import {
  begin,
  configured,
  failed,
  job,
  locked,
  making,
  otherPlan,
  Sink,
  succeeded,
  transfers,
  unreachable,
} from './runOfEvents.ts'

async function report(events: RunEvent[], verbose = false, hosts = ['server1']): Promise<string> {
  const out = new Sink()
  let time = 0
  const options = { hosts, color: false, verbose, now: () => (time += 200) }
  const reporter = await createReporter('plain', out, options)
  for (const event of events) reporter.event(event)
  await reporter.end()
  return out.text
}

const plain = suite('plain reporter')

plain('has a line for each event that is worth one', async () => {
  assert.is(
    await report([...begin, ...transfers, job, ...configured, making, ...succeeded]),
    `server1: connecting to 127.0.0.1:2222
server1: 1 to install, 1 to upgrade, 1 up to date
server1 libevent 2.1.12-stable: up to date
server1 memcached 1.6.18: upgrade (version 1.6.17 -> 1.6.18; configure changed)
server1 memcached 1.6.18: fetching memcached-1.6.18.tar.gz (1.1 MB) ...
server1 memcached 1.6.18: fetched memcached-1.6.18.tar.gz, 1.1 MB in 0.2 s
server1 memcached 1.6.18: uploading (1.2 MB) ...
server1 memcached 1.6.18: uploaded, 1.2 MB in 0.2 s
server1 memcached 1.6.18: configure ...
server1 memcached 1.6.18: configure done in 12 s
server1 memcached 1.6.18: make ...
server1 memcached 1.6.18: make done in 3 min 05 s
server1 memcached 1.6.18: upgraded from 1.6.17 in 3 min 20 s
server1 httpd 2.4.62: install (not installed)
server1 httpd 2.4.62: installed in 1 min 01 s
server1: finished in 4 min 22 s
`,
  )
})

plain('a host that was found locked after it was planned', async () => {
  const text = await report([...begin, ...locked, ...otherPlan])
  assert.is(
    text.slice(text.indexOf('server1 memcached')),
    `server1 memcached 1.6.18: upgrade (version 1.6.17 -> 1.6.18; configure changed)
server1 memcached 1.6.18: another job runs on this host: pid 7 job httpd-1
server1: waiting for httpd-1 to end (pid 7 job httpd-1)
server1: 1 to upgrade, 2 up to date
server1 httpd 2.4.62: up to date
server1 memcached 1.6.18: upgrade (version 1.6.17 -> 1.6.18; configure changed)
server1 memcached 1.6.18: upgraded from 1.6.17 in 3 min 20 s
server1: finished in 4 min 22 s
`,
  )
})

plain('what became of each of several hosts comes last', async () => {
  const left: RunEvent = { type: 'host-left', host: 'server2', because: 'server1 failed' }
  const text = await report([...begin, making, ...failed, left], false, ['server1', 'server2'])
  assert.match(
    text,
    /\n\nserver1 {2}1 up to date, 1 failed, 1 skipped {2}\S+ s\nserver2 {2}not begun: server1 failed\n$/,
  )
  assert.not.match(await report([unreachable], false, ['server1', 'server2']), /\n\n/)
})

plain('a failure comes with the last lines of the log', async () => {
  const text = await report([...begin, making, ...failed])
  assert.is(
    text.slice(text.indexOf('server1 memcached 1.6.18: make ...')),
    `server1 memcached 1.6.18: make ...
server1 memcached 1.6.18: make failed (exit code 2) after 3.0 s
server1: memcached 1.6.18: make failed (exit code 2)
  | cc: fatal error
  | make: *** [all] Error 2
  log: /cache/logs/memcached.log
server1 httpd 2.4.62: skipped: needs memcached, which failed
server1: finished in 17 s
`,
  )
})

plain('a host that cannot be reached', async () => {
  assert.is(
    await report([begin[0] as RunEvent, unreachable]),
    `server1: connecting to 127.0.0.1:2222
server1 (127.0.0.1:2222): connection refused
  next: Check the port
`,
  )
})

plain('the output of steps only when verbose, and cleaned', async () => {
  const events = [...begin, ...configured]
  assert.not.match(await report(events), 'checking')
  assert.match(await report(events, true), 'server1 memcached 1.6.18: configure | checking for gcc... gcc\n')
})

plain('a job that ran already is said to be followed', async () => {
  const text = await report([...begin, { ...job, resumed: true } as RunEvent])
  assert.match(text, 'server1 memcached 1.6.18: job memcached-7f3a runs already, following it\n')
})

plain('a source that is in the cache has no line; one of unknown size has', async () => {
  const of = { host: 'server1', recipe: 'memcached', version: '1.6.18', what: 'm.tar.gz' }
  const cached = await report([{ type: 'fetch', ...of, done: 100, total: 100 }])
  assert.is(cached, '')
  const unknown = await report([
    { type: 'fetch', ...of, done: 0, total: undefined },
    { type: 'fetch', ...of, done: 100, total: undefined },
    { type: 'fetch', ...of, done: 200, total: 200 },
  ])
  assert.is(
    unknown,
    'server1 memcached 1.6.18: fetching m.tar.gz ...\n' +
      'server1 memcached 1.6.18: fetched m.tar.gz, 200 B in 0.2 s\n',
  )
})

plain('a pipe that is closed does not hold up the end', async () => {
  const out = new Sink()
  const reporter = await createReporter('plain', out, { hosts: [], color: false, verbose: false })
  out.destroy()
  await reporter.end()
})

plain.run()
