import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type StatusRow, statusJson, statusTable } from '../../../runner/cli/report/statusTable.ts'

process.env.TZ = 'UTC'
const options = { color: false, now: new Date('2024-11-27T08:30:00Z') }

const memcached: StatusRow = {
  host: 'server1',
  recipe: 'memcached',
  version: '1.6.18',
  installedAt: '2024-11-24T08:22:13Z',
  service: [{ fmri: 'svc:/application/memcached:default', state: 'online', since: '2024-11-27T03:30:00Z' }],
  wanted: '^1.6.40',
}
const libevent: StatusRow = {
  host: 'server1',
  recipe: 'libevent',
  version: '2.1.12-stable',
  installedAt: '2024-11-27T08:20:00Z',
  service: [],
  wanted: '2.1.12-stable',
}

const table = suite('statusTable')

table('shows what is installed, since when, and the services, in columns', () => {
  assert.is(
    statusTable(['server1'], [libevent, memcached], options),
    `server1
  recipe     installed      since                          service     notes
  libevent   2.1.12-stable  2024-11-27 08:20 (10 min ago)  -
  memcached  1.6.18         2024-11-24 08:22 (3 d ago)     online 5 h  wanted ^1.6.40`,
  )
})

table('a host without anything, among others', () => {
  assert.is(
    statusTable(['server2', 'server1'], [libevent], options),
    `server2: nothing is installed by build-stack

server1
  recipe    installed      since                          service  notes
  libevent  2.1.12-stable  2024-11-27 08:20 (10 min ago)  -`,
  )
  assert.is(statusTable([], [], options), '')
})

/** The row of a table of one row, from its fourth column on. */
function rest(row: Partial<StatusRow>): string {
  const text = statusTable(['server1'], [{ ...memcached, wanted: undefined, ...row }], options)
  return text.split('\n')[2]?.replace(/^.*ago\) {2}/, '') ?? ''
}
const fmri = 'svc:/site/memcached:default'

for (const [name, row, text] of [
  ['no service', { service: [] }, '-'],
  ['down', { service: [{ fmri, state: 'maintenance', since: undefined }] }, 'maintenance'],
  [
    'since, as svcs says it',
    { service: [{ fmri, state: 'online', since: 'Nov_24' }] },
    'online since Nov 24',
  ],
  ['since unknown', { service: [{ fmri, state: 'online', since: '-' }] }, 'online'],
  [
    'two services',
    {
      service: [
        { fmri, state: 'online', since: undefined },
        { fmri: 'svc:/site/memcached:second', state: 'offline', since: undefined },
      ],
    },
    'memcached online, memcached:second offline',
  ],
  ['within the range', { service: [], wanted: '^1.6' }, '-'],
  ['the version itself', { service: [], wanted: '1.6.18' }, '-'],
  ['outside the range', { service: [], wanted: '1.5.x' }, '-        wanted 1.5.x'],
] as [string, Partial<StatusRow>, string][]) {
  table(name, () => assert.is(rest(row), text))
}

table('wanted and not there', () => {
  const row = { ...memcached, version: undefined, installedAt: undefined, service: [] }
  assert.is(
    statusTable(['server1'], [row], options).split('\n')[2],
    '  memcached  no         -      -        wanted ^1.6.40',
  )
})

table('online is green, anything else red, and columns stay straight', () => {
  const service = [{ fmri, state: 'maintenance', since: undefined }]
  const text = statusTable(['server1'], [memcached, { ...memcached, service }], { ...options, color: true })
  assert.match(text, '\u001b[32monline\u001b[39m 5 h   \u001b[33mwanted')
  assert.match(text, '\u001b[31mmaintenance\u001b[39m  \u001b[33mwanted')
})

table.run()

const json = suite('statusJson')

json('a line for each row with every key', () => {
  const lines = statusJson([memcached, { ...libevent, version: undefined, installedAt: undefined }]).split(
    '\n',
  )
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    [
      {
        host: 'server1',
        recipe: 'memcached',
        version: '1.6.18',
        installedAt: '2024-11-24T08:22:13Z',
        services: [
          { fmri: 'svc:/application/memcached:default', state: 'online', since: '2024-11-27T03:30:00Z' },
        ],
        wanted: '^1.6.40',
      },
      {
        host: 'server1',
        recipe: 'libevent',
        version: null,
        installedAt: null,
        services: [],
        wanted: '2.1.12-stable',
      },
    ],
  )
})

json.run()
