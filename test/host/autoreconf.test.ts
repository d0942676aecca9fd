import * as assert from 'uvu/assert'
import { scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('autoreconf.sh')

test('makes configure, and runs it with its arguments', (folder) => {
  folder.fake('autoreconf', `printf '#!/bin/sh\\nprintf "<%%s>" "$@"\\n' >configure && chmod +x configure`)
  const { code, stdout } = folder.run(['--prefix=/opt/local', 'two words'], folder.withFakes)
  assert.is(code, 0)
  assert.is(stdout, '<--prefix=/opt/local><two words>')
  assert.equal(folder.calls(), ['autoreconf <-fi>'])
})

test('ends as autoreconf does when that fails', (folder) => {
  folder.fake('autoreconf', 'exit 63')
  folder.write('configure', '#!/bin/sh\n', 0o755)
  assert.is(folder.run([], folder.withFakes).code, 63)
})

run()
