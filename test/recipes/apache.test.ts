/** The notes' Apache takes Blastwave's out of the way as a whole, wherever that package has it, and only once. */
import { existsSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { loadProject } from '../../runner/config/load.ts'
import { packageRoot } from '../../runner/paths.ts'
import { scriptSuite } from '../host/scriptTest.ts'

const { test, run } = scriptSuite('setup.sh')

const apache = (await (await loadProject(packageRoot)).recipesFor(['apache'])).get('apache')
const setup = apache?.versions['2.2.6']?.setup?.find(({ title }) => title.startsWith('Blastwave'))

/** The setup's words, with another folder in the place of /opt/csw. */
function words(csw: string): string[] {
  assert.ok(setup)
  return [setup.creates, ...setup.command].map((word) => word.replace(/^\/opt\/csw(?=\/|$)/, csw))
}

test('apache2 is moved, with what is in it', (folder) => {
  folder.write('csw/apache2/conf/httpd.conf', 'Listen 80\n')
  folder.write('csw/apache/bin/httpd', '')
  assert.is(folder.run(words(folder.in('csw'))).code, 0)
  assert.is(folder.read('csw/apache2.disabled/conf/httpd.conf'), 'Listen 80\n')
  assert.not(existsSync(folder.in('csw/apache2')))
  assert.ok(existsSync(folder.in('csw/apache/bin/httpd')))
  assert.match(folder.run(words(folder.in('csw'))).stdout, 'nothing to set up')
})

test('apache, where there is no apache2', (folder) => {
  folder.write('csw/apache/bin/httpd', 'x')
  assert.is(folder.run(words(folder.in('csw'))).code, 0)
  assert.is(folder.read('csw/apache2.disabled/bin/httpd'), 'x')
  assert.not(existsSync(folder.in('csw/apache')))
})

test('a host without either', (folder) => {
  assert.is(folder.run(words(folder.in('csw'))).code, 0)
  assert.ok(existsSync(folder.in('csw/apache2.disabled')))
})

run()
