import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { statusMatrix } from '../../../runner/cli/report/statusMatrix.ts'
import type { StatusRow } from '../../../runner/cli/report/statusTable.ts'

const row = (host: string, recipe: string, more: Partial<StatusRow>): StatusRow => ({
  host,
  recipe,
  version: '1.0',
  installedAt: '2024-11-24T08:22:13Z',
  service: [],
  wanted: undefined,
  ...more,
})
const down = [{ fmri: 'svc:/application/memcached:default', state: 'maintenance', since: undefined }]

const rows = [
  row('web1', 'zlib', { version: '1.3', wanted: '1.3' }),
  row('web1', 'memcached', { version: '1.6.18', wanted: '^1.6.40', service: down }),
  row('web2', 'memcached', { version: undefined, wanted: '^1.6.40' }),
  row('database', 'zlib', { version: '1.2' }),
]
const options = { color: false, width: Number.POSITIVE_INFINITY }

const matrix = suite('statusMatrix')

matrix('a row for each recipe, a column for each host, and what the marks mean', () => {
  assert.is(
    statusMatrix(['web1', 'web2', 'database'], rows, options),
    `recipe     web1       web2  database
memcached  1.6.18 *!  no    -
zlib       1.3        -     1.2

*  not the version that hosts.yaml asks for
!  a service is not online
no  asked for, and not installed`,
  )
})

matrix('only the marks that are there are explained', () => {
  assert.is(statusMatrix(['database'], [rows[3] as StatusRow], options), 'recipe  database\nzlib    1.2')
})

matrix('columns that do not fit come below', () => {
  const hosts = ['web1', 'web2', 'database']
  const text = statusMatrix(hosts, rows, { color: false, width: 30 })
  assert.ok(
    text
      .split('\n\n')[0]
      ?.split('\n')
      .every((line) => line.length <= 30),
  )
  assert.match(text, /^recipe {5}web1 {7}web2\n/)
  assert.match(text, /\n\nrecipe {5}database\n/)
  const narrow = statusMatrix(hosts, rows, { color: false, width: 1 })
  for (const host of hosts) assert.match(narrow, new RegExp(`^recipe +${host}$`, 'm'))
})

matrix('hosts without anything, and no hosts', () => {
  assert.is(statusMatrix(['a', 'b'], [], options), 'nothing is installed by build-stack on a, b')
  assert.is(statusMatrix([], [], options), '')
})

matrix.run()
