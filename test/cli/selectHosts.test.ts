import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostsNamed, hostsOrAll, isEverything } from '../../runner/cli/selectHosts.ts'
import type { Host } from '../../runner/config/hosts.ts'
import { BuildStackError } from '../../runner/errors.ts'

const ROLES: Record<string, string[]> = {
  web1: ['web'],
  web2: ['web', 'edge'],
  web3: ['web'],
  db1: ['database'],
  db2: ['database', 'edge'],
}
const project = {
  hosts: new Map(Object.entries(ROLES).map(([name, roles]) => [name, { name, roles } as Host])),
}
const names = (...words: string[]) => hostsNamed(project, words).map(({ name }) => name)

const select = suite('selecting hosts')

const SELECTIONS: [words: string, hosts: string][] = [
  ['web2', 'web2'],
  ['web*', 'web1 web2 web3'],
  ['db?', 'db1 db2'],
  ['*1', 'web1 db1'],
  ['@web', 'web1 web2 web3'],
  ['@data*', 'db1 db2'],
  ['all', 'web1 web2 web3 db1 db2'],
  ['all !@edge', 'web1 web3 db1'],
  ['web* @database !web3', 'web1 web2 db1 db2'],
  ['!web3 web*', 'web1 web2'],
  ['db1 web1 db1 *1', 'web1 db1'],
]
for (const [words, hosts] of SELECTIONS) {
  select(words, () => assert.equal(names(...words.split(' ')), hosts.split(' ')))
}

const REFUSED: [words: string, message: string][] = [
  ['wb1', 'there is no host "wb1"; did you mean "web1"?'],
  ['wab*', 'no host fits "wab*"; there are: web1, web2, web3, db1, db2'],
  ['web11*', 'no host fits "web11*"; did you mean "web1"?'],
  ['@databse', 'no host is in a group or has a role "databse"; did you mean "database"?'],
  ['all !web4', 'there is no host "web4"; did you mean "web1"?'],
  ['!web1', '!web1 only says what is left out'],
  ['web1 !web*', 'no host is left of web1 !web*'],
  ['Web1', 'there is no host "Web1"; did you mean "web1"?'],
]
for (const [words, message] of REFUSED) {
  select(`refused: ${words}`, () => {
    assert.throws(
      () => names(...words.split(' ')),
      (error: unknown) => {
        assert.instance(error, BuildStackError)
        assert.equal(
          [(error as BuildStackError).code, (error as BuildStackError).message],
          ['USAGE', message],
        )
        assert.ok((error as BuildStackError).context.next)
        return true
      },
    )
  })
}

select('without a word it is no host, or every one where the command says so', () => {
  assert.equal(names(), [])
  assert.is(hostsOrAll(project, []).length, 5)
  assert.is(hostsOrAll(project, ['web1']).length, 1)
})

select('a run is for everything when it takes all, and not each was named', () => {
  const everything = (...words: string[]) => isEverything(project, words, hostsNamed(project, words))
  assert.ok(everything('all'))
  assert.ok(everything('*', 'web1'))
  assert.ok(everything('@web', '@database'))
  assert.not.ok(everything('web1', 'web2', 'web3', 'db1', 'db2'))
  assert.not.ok(everything('all', '!web1'))
  const single = { hosts: new Map([...project.hosts].slice(0, 1)) }
  assert.not.ok(isEverything(single, ['all'], hostsNamed(single, ['all'])))
})

select.run()
