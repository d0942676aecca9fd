import * as assert from 'uvu/assert'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('account.sh')

const WORDS = ['mysql', '100', 'db', '101', '/opt/local/mysql', '/bin/false', "the $(server)'s account"]

/** getent reads passwd and group here; the adding commands write them unless they are to fail. */
function host(folder: ScriptFolder, passwd = '', group = '', codes = { useradd: 0, groupadd: 0 }): void {
  folder.write('passwd', passwd)
  folder.write('group', group)
  folder.fake('getent', `grep "^$2:" '${folder.path}'/"$1" || exit 2`)
  // What an old Solaris says when another was faster, or the number is taken.
  folder.fake(
    'useradd',
    `[ ${codes.useradd} -eq 0 ] || { cat '${folder.path}/passwd.race' >>'${folder.path}/passwd'; exit ${codes.useradd}; }`,
  )
  folder.fake(
    'groupadd',
    `[ ${codes.groupadd} -eq 0 ] || { cat '${folder.path}/group.race' >>'${folder.path}/group'; exit ${codes.groupadd}; }`,
  )
  folder.write('passwd.race', '')
  folder.write('group.race', '')
}

const account = (folder: ScriptFolder, words = WORDS) => folder.run(words, folder.withFakes)

test('makes group and account, with options that every Solaris has', (folder) => {
  host(folder)
  assert.is(account(folder).code, 0)
  assert.equal(folder.calls('getent'), [
    'groupadd <-g> <101> <db>',
    "useradd <-u> <100> <-g> <db> <-d> </opt/local/mysql> <-s> </bin/false> <-c> <the $(server)'s account> <mysql>",
  ])
})

test('leaves the numbers to the host where the recipe names none', (folder) => {
  host(folder)
  assert.is(account(folder, ['mysql', '', 'mysql', '', '/', '/bin/false', '']).code, 0)
  assert.equal(folder.calls('getent'), [
    'groupadd <mysql>',
    'useradd <-g> <mysql> <-d> </> <-s> </bin/false> <-c> <> <mysql>',
  ])
})

test('leaves what is there as it is', (folder) => {
  host(folder, 'mysql:x:100:101:other:/elsewhere:/bin/sh\n', 'db:x:101:\n')
  assert.is(account(folder).code, 0)
  assert.equal(folder.calls('getent'), [])
})

test('refuses an account or a group that is somebody else’s number', (folder) => {
  host(folder, 'mysql:x:60:101::/:\n', 'db:x:101:\n')
  const user = account(folder)
  assert.is(user.code, 1)
  assert.is(user.stderr, 'account mysql has the uid 60 here, not 100\n')
  host(folder, '', 'db:x:50:\n')
  const group = account(folder)
  assert.is(group.code, 1)
  assert.is(group.stderr, 'group db has the gid 50 here, not 101\n')
  assert.equal(folder.calls('getent'), [])
})

test('fails with the command, unless another run was faster', (folder) => {
  for (const code of [3, 4, 6, 9, 10]) {
    host(folder, '', '', { useradd: code, groupadd: 0 })
    assert.is.not(account(folder).code, 0)
    host(folder, '', '', { useradd: 0, groupadd: code })
    assert.is.not(account(folder).code, 0)
  }
  host(folder, '', '', { useradd: 9, groupadd: 9 })
  folder.write('passwd.race', 'mysql:x:100:101:::\n')
  folder.write('group.race', 'db:x:101:\n')
  assert.is(account(folder).code, 0)
})

run()
