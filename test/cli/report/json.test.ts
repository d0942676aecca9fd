import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createReporter } from '../../../runner/cli/report/reporter.ts'
import type { RunEvent } from '../../../runner/run/events.ts'
import { begin, configure, failed, job, locked, output, Sink, transfers, unreachable } from './runOfEvents.ts'

async function lines(events: RunEvent[]): Promise<string[]> {
  const out = new Sink()
  const options = { hosts: ['server1'], color: true, verbose: false, now: () => Date.UTC(2024, 10, 24, 8) }
  const reporter = await createReporter('json', out, options)
  for (const event of events) reporter.event(event)
  await reporter.end()
  assert.ok(out.text.endsWith('\n'))
  return out.text.trimEnd().split('\n')
}

const json = suite('json reporter')
const time = '"time":"2024-11-24T08:00:00.000Z"'
const of = '"host":"server1","recipe":"memcached","version":"1.6.18"'

for (const [event, line] of [
  [begin[0], `{${time},"type":"host-connecting","host":"server1","address":"127.0.0.1:2222"}`],
  [
    begin[3],
    `{${time},"type":"recipe-start",${of},"kind":"upgrade","installed":"1.6.17",` +
      '"reasons":["version 1.6.17 -> 1.6.18","configure changed"],"steps":["unpack","configure","make"]}',
  ],
  [
    transfers[1],
    `{${time},"type":"fetch",${of},"what":"memcached-1.6.18.tar.gz","done":550000,"total":1100000}`,
  ],
  [
    { ...transfers[1], total: undefined } as RunEvent,
    `{${time},"type":"fetch",${of},"what":"memcached-1.6.18.tar.gz","done":550000,"total":null}`,
  ],
  [
    { ...job, expected: undefined } as RunEvent,
    `{${time},"type":"job",${of},"job":"memcached-7f3a","resumed":false,` +
      '"steps":[{"name":"02-configure","title":"configure"},{"name":"03-make","title":"make"}],"expected":null}',
  ],
  [
    locked[0],
    `{${time},"type":"recipe-locked",${of},"because":"another job runs on this host: pid 7 job httpd-1"}`,
  ],
  [
    output(configure, 'a\u001b[31mb'),
    `{${time},"type":"output",${of},"step":{"name":"02-configure","title":"configure"},"line":"a\\u001b[31mb"}`,
  ],
  [
    failed[0],
    `{${time},"type":"step-end",${of},"step":{"name":"03-make","title":"make"},"code":2,"seconds":3}`,
  ],
  [
    failed[1],
    `{${time},"type":"recipe-end",${of},"result":"failed","seconds":16,"because":null,` +
      '"error":{"code":"STEP","message":"make failed (exit code 2)","host":"server1","recipe":"memcached 1.6.18",' +
      '"step":"make","location":null,"log":["cc: fatal error","make: *** [all] Error 2"],' +
      '"logFile":"/cache/logs/memcached.log","next":null,"cause":null}}',
  ],
  [failed[3], `{${time},"type":"host-end","host":"server1","seconds":17,"error":null}`],
] as [RunEvent, string][]) {
  json(event.type, async () => assert.equal(await lines([event]), [line]))
}

json('the plan in full', async () => {
  const [line = ''] = await lines([begin[1] as RunEvent])
  const { plan } = JSON.parse(line)
  assert.is(plan.actions.length, 3)
  assert.is(plan.actions[1].installed, '1.6.17')
  assert.is(plan.actions[1].build.prefix, '/opt/local')
})

json('a host that cannot be reached', async () => {
  const [line = ''] = await lines([unreachable])
  assert.is(JSON.parse(line).error.next, 'Check the port')
})

json.run()
