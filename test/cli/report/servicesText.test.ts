import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  isDown,
  type ServiceRow,
  servicesJson,
  servicesText,
} from '../../../runner/cli/report/servicesText.ts'
import { parseDetails } from '../../../runner/verify/serviceDetails.ts'

const test = suite('cli/report/servicesText')
const now = new Date('2026-11-24T08:00:00Z')

function row(changes: Partial<ServiceRow> = {}): ServiceRow {
  return {
    ...{ host: 'box', fmri: 'daemontools:web', state: 'online', nextState: '-', atBoot: true },
    ...{ since: '2026-11-21T08:00:00Z', recipe: { name: 'nginx', version: '1.22.1' } },
    ...{ pids: [412], log: '/opt/local/var/log/web/current', reason: undefined },
    ...changes,
  }
}

test('a line for each service, and under it why it is not up', () => {
  const rows = [
    row(),
    row({
      ...{ fmri: 'svc:/application/build-stack/db:default', state: 'maintenance', since: '8:00:01' },
      ...{ recipe: undefined, pids: [], log: undefined, reason: 'Method failed.', atBoot: undefined },
    }),
    row({ fmri: 'daemontools:many', pids: [1, 2, 3, 4, 5, 6], nextState: 'offline' }),
    row({ fmri: 'daemontools:gone', state: 'absent', since: undefined, pids: [] }),
  ]
  assert.is(
    servicesText('box', rows, { color: false, now }),
    `box
  service  state                              at boot  recipe        pids                log
  web      online 3 d                         yes      nginx 1.22.1  412                 /opt/local/var/log/web/current
  db       maintenance since 8:00:01          -        of no recipe  -                   -
      Method failed.
  many     online 3 d, on its way to offline  yes      nginx 1.22.1  1 2 3 4 and 2 more  /opt/local/var/log/web/current
  gone     absent                             yes      nginx 1.22.1  -                   /opt/local/var/log/web/current
  next: build-stack logs box db --service; build-stack start box db
  next: build-stack logs box many --service; build-stack start box many
  next: build-stack box puts gone back`,
  )
  assert.is(servicesText('box', [], { color: false, now }), "box: no service of build-stack's")
})

test('what nobody wants to run is not down', () => {
  assert.not(isDown(row()))
  assert.not(isDown(row({ state: 'disabled', atBoot: false })))
  assert.ok(isDown(row({ state: 'disabled', atBoot: true })))
  assert.ok(isDown(row({ state: 'offline', atBoot: true })))
  assert.ok(isDown(row({ nextState: 'offline' })))
  assert.ok(isDown(row({ reason: 'dies at once' })))
})

test('JSON has every key', () => {
  assert.equal(
    JSON.parse(servicesJson([row({ since: undefined, atBoot: undefined, nextState: undefined })])),
    {
      ...{
        host: 'box',
        service: 'web',
        id: 'daemontools:web',
        state: 'online',
        nextState: null,
        since: null,
      },
      ...{ atBoot: null, recipe: 'nginx', version: '1.22.1', pids: [412] },
      ...{ log: '/opt/local/var/log/web/current', reason: null },
    },
  )
})

test('an answer that was cut is none', () => {
  const whole = 'service\tdaemontools:web\ttrue\t1 2\t/log\t\nservice\tdaemontools:db\t\t\t\tno\nend\n'
  const none = { atBoot: undefined, pids: [], log: undefined, reason: 'no' }
  assert.equal(
    [...parseDetails(whole, 'box')],
    [
      ['daemontools:web', { atBoot: true, pids: [1, 2], log: '/log', reason: undefined }],
      ['daemontools:db', none],
    ],
  )
  assert.throws(() => parseDetails(whole.slice(0, -4), 'box'), /did not tell all of its services/)
})

test.run()
