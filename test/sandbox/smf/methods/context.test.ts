import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readContext, resolveContext } from '../../../../runner/sandbox/smf/methods/context.ts'
import { unknownPrivilege } from '../../../../runner/sandbox/smf/methods/privileges.ts'
import type { Groups } from '../../../../runner/sandbox/smf/repository.ts'

const root = mkdtempSync(join(tmpdir(), 'smf-context-'))
mkdirSync(join(root, 'etc'))
writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nweb:x:80:80::/home/web:/bin/sh\n')
writeFileSync(join(root, 'etc/group'), 'root:x:0:\nweb:x:80:\nstaff:x:10:\n')

/** Groups from { 'group/property': value }. */
function groups(properties: Record<string, string>): Groups {
  const result: Groups = {}
  for (const [name, value] of Object.entries(properties)) {
    const [group = '', property = ''] = name.split('/')
    result[group] ??= { type: 'framework', properties: {} }
    result[group].properties[property] = { type: 'astring', values: [value] }
  }
  return result
}

const SERVICE = {
  'method_context/use_profile': 'false',
  'method_context/user': 'web',
  'method_context/group': 'staff',
  'method_context/working_directory': '/var',
  'method_context/environment': 'A=1',
}
const resolve = (properties: Record<string, string>) =>
  resolveContext(root, readContext(groups(properties), 'start'))
const with_ = (more: Record<string, string>) => resolve({ ...SERVICE, ...more })

const contexts = suite('method contexts')

contexts.after(() => rmSync(root, { recursive: true }))

contexts('without one a method runs as root in /', () => assert.equal(resolve({}), { cwd: '/' }))

contexts('with one its folder is the home of its account, unless it has another', () => {
  // Whatever it says.
  for (const property of ['environment', 'security_flags'])
    assert.equal(resolve({ [`method_context/${property}`]: 'A=1' }), { cwd: '/root' })
  const { 'method_context/working_directory': _, ...rest } = SERVICE
  assert.is('cwd' in resolve(rest) && (resolve(rest) as { cwd: string }).cwd, '/home/web')
  for (const word of [':default', ':home'])
    assert.equal(with_({ 'method_context/working_directory': word }), {
      ...{ cwd: '/home/web', user: '80', group: 'staff' },
    })
  assert.equal(with_({}), { cwd: '/var', user: '80', group: 'staff' })
})

contexts("what the method's own does not say is as the service's says", () => {
  const own = { 'start/use_profile': 'false', 'start/user': 'root' }
  assert.equal(with_(own), { cwd: '/var', user: '0', group: 'staff' })
  assert.equal(with_({ 'start/working_directory': '/srv' }), { cwd: '/srv', user: '80', group: 'staff' })
  assert.equal(readContext(groups({ ...SERVICE, ...own }), 'start').environment, ['A=1'])
  const environment = { ...SERVICE, 'start/environment': 'B=2' }
  assert.equal(readContext(groups(environment), 'start').environment, ['B=2'])
  // A user without a credential around it is none.
  assert.equal(with_({ 'start/user': 'root' }), { cwd: '/var', user: '80', group: 'staff' })
})

contexts('a number needs no account, but for its group and its home', () => {
  assert.equal(with_({ 'method_context/user': '999' }), { cwd: '/var', user: '999', group: 'staff' })
})

for (const [what, more, problem] of [
  ['a missing user', { user: 'ghost' }, 'Could not interpret "user" property value "ghost", error 2.'],
  ['a number that is none', { user: '8x' }, 'Could not interpret "user" property value "8x", error 22.'],
  [
    'a number beyond the largest',
    { user: '2147483648' },
    'Could not interpret "user" property value "2147483648", error 22.',
  ],
  ['a missing group', { group: 'ghosts' }, 'Could not interpret "group" property value "ghosts".'],
  ['a group number that is none', { group: '8x' }, 'Could not interpret "group" property value "8x".'],
  ['the group of nobody', { user: '999', group: ':default' }, 'No passwd entry for uid "999".'],
  ['the home of nobody', { user: '999', working_directory: ':home' }, 'Could not get passwd entry.'],
  [
    'a missing supplementary group',
    { supp_groups: 'ghosts, staff' },
    'Could not interpret supplemental groups ("supp_groups") property value "ghosts".',
  ],
  [
    'a privilege that there is not',
    { privileges: 'basic,net_privadr' },
    'Could not interpret "privileges" property value "basic,net_privadr".',
  ],
  [
    'a limit that there is not',
    { limit_privileges: 'everything' },
    'Could not interpret "limit_privileges" property value "everything".',
  ],
] as const)
  contexts(`${what} is a problem`, () => {
    const said = Object.entries(more).map(([name, value]) => [`method_context/${name}`, value])
    assert.equal(with_(Object.fromEntries(said)), { problem })
  })

contexts('a credential without a user is a problem', () => {
  const { 'method_context/user': _, ...rest } = SERVICE
  assert.equal(resolve(rest), { problem: 'Could not get "user" property.' })
})

contexts('privileges are names, sets, and either of them taken away', () => {
  for (const list of [
    'basic,net_privaddr',
    'BASIC,!proc_info',
    'zone,-proc_fork',
    'PRIV_FILE_DAC_READ',
    'none',
  ])
    assert.is(unknownPrivilege(list), undefined, list)
  assert.is(unknownPrivilege('basic,,net_privaddr'), '')
  assert.is(unknownPrivilege('basic net_privaddr'), 'basic net_privaddr')
})

contexts.run()
