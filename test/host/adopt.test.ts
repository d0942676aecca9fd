/** adopt.sh: which files it takes, which it refuses; the program's tests show the whole way. */
import { existsSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('adopt.sh')

function prefix(folder: ScriptFolder): string {
  folder.write('prefix/bin/tool', 'tool', 0o755)
  folder.write("prefix/lib/tool/it's $(a) module", 'module')
  folder.write('prefix/lib/tool/data', 'data')
  folder.write('prefix/lib/other', 'other')
  folder.write('prefix/bin/foreign', 'foreign')
  folder.write('prefix/var/build-stack/receipts/other.files', 'f -rw-r--r-- 5 - lib/other\n')
  return folder.in('prefix')
}

const collect = (folder: ScriptFolder) => folder.run(['collect', folder.in('prefix'), 'tool', 'stage'])

test('patterns pass over what others own and what build-stack keeps; a folder stands for all in it', (folder) => {
  prefix(folder)
  folder.write('patterns', 'bin/t*\nlib\nvar\n')
  const { code, stderr } = collect(folder)
  assert.is(code, 0, stderr)
  assert.is(folder.read('adopted.list'), "bin/tool\nlib/tool/data\nlib/tool/it's $(a) module\n")
  assert.is(folder.read("stage/lib/tool/it's $(a) module"), 'module')
})

test('the record has contents and modes, and the folders that hold nothing else', (folder) => {
  prefix(folder)
  folder.write('patterns', 'bin/tool\nlib/tool\n')
  assert.is(collect(folder).code, 0)
  folder.write('receipt', '{}\n')
  const { code, stderr } = folder.run(['record', folder.in('prefix'), 'tool', 'stage', 'receipt'])
  assert.is(code, 0, stderr)
  const list = folder.read('prefix/var/build-stack/receipts/tool.files')
  assert.match(list, /^f -rwxr-xr-x 4 [0-9a-f]{64} bin\/tool$/m)
  assert.equal(list.match(/^d .*$/gm), ['d 0755 - - lib/tool'])
  assert.is(folder.read('prefix/var/build-stack/receipts/tool.json'), '{}\n')
})

test('a list with folders, files of others or files that are not there is refused, with all of them', (folder) => {
  prefix(folder)
  folder.write('paths', 'bin/tool\nlib/tool\nlib/other\nbin/none\n')
  const { code, stderr } = collect(folder)
  assert.is(code, 1)
  assert.match(stderr, /lib\/tool is a folder/)
  assert.match(stderr, /bin\/none is not there/)
  assert.match(stderr, /lib\/other belongs to another recipe/)
  assert.not.ok(existsSync(folder.in('stage')))
})

test('patterns that fit nothing are refused', (folder) => {
  prefix(folder)
  folder.write('patterns', 'share/*\n')
  assert.match(collect(folder).stderr, /no file under .* fits/)
})

run()
