import { existsSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('patch.sh')

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('')

/** Changes line 5, and line 25. */
const PATCH = `--- a/src/x.c
+++ b/src/x.c
@@ -2,7 +2,7 @@
 line 2
 line 3
 line 4
-line 5
+five
 line 6
 line 7
 line 8
@@ -22,7 +22,7 @@
 line 22
 line 23
 line 24
-line 25
+twenty-five
 line 26
 line 27
 line 28
`

function source(folder: ScriptFolder, text = lines(1, 30)): void {
  folder.write('src/x.c', text)
  folder.write('patches/01-x.patch', PATCH)
}

function apply(folder: ScriptFolder, fuzz = 0, strip = 1) {
  return folder.run([folder.in('patches/01-x.patch'), String(strip), String(fuzz)])
}

test('applies', (folder) => {
  source(folder)
  const { code, stderr } = apply(folder)
  assert.is(code, 0, stderr)
  assert.is(
    folder.read('src/x.c'),
    lines(1, 30).replace('line 5\n', 'five\n').replace('line 25', 'twenty-five'),
  )
})

test('applies moved by some lines, which is no fuzz', (folder) => {
  source(folder, `one more\n${lines(1, 30)}`)
  assert.is(apply(folder).code, 0)
})

test('names the patch, the hunk and the reject file when it does not apply', (folder) => {
  source(folder, lines(1, 30).replace('line 25\n', 'something else\n'))
  const { code, stderr } = apply(folder)
  assert.is(code, 1)
  assert.match(stderr, `rejected: ${folder.path}/src/x.c.rej\nhunk @@`)
  assert.match(stderr, /hunk @@ -22,7 \+22,7 @@/)
  assert.not.match(stderr, /hunk @@ -2,7/)
  assert.match(stderr, new RegExp(`patch 01-x.patch does not apply to ${folder.path}\n$`))
  assert.not.match(stderr, /applied already/)
})

test('says so when it is applied already, and fails', (folder) => {
  source(folder)
  assert.is(apply(folder).code, 0)
  const before = folder.read('src/x.c')
  const { code, stderr } = apply(folder)
  assert.is(code, 1)
  assert.match(stderr, /it is applied already/)
  assert.is(folder.read('src/x.c'), before)
})

test('does not take half of a patch for an applied one', (folder) => {
  source(folder, lines(1, 30).replace('line 25\n', 'twenty-five\n'))
  const { code, stderr } = apply(folder)
  assert.is(code, 1)
  assert.not.match(stderr, /applied already/)
})

test('refuses fuzz unless it is asked for', (folder) => {
  source(folder, lines(1, 30).replace('line 2\n', 'other\n'))
  assert.is(apply(folder).code, 1)
  source(folder, lines(1, 30).replace('line 2\n', 'other\n'))
  assert.is(apply(folder, 1).code, 0)
})

test('fails without a question for a missing file, a wrong strip and a missing patch', (folder) => {
  folder.write('patches/01-x.patch', PATCH)
  assert.is(apply(folder).code, 1)
  source(folder)
  assert.is(apply(folder, 0, 0).code, 1)
  const { code } = folder.run([folder.in('patches/none.patch'), '1', '0'])
  assert.is(code, 1)
  assert.is(folder.read('src/x.c'), lines(1, 30))
  assert.not(existsSync(folder.in('src/x.c.rej')))
})

test('takes gpatch where there is one', (folder) => {
  source(folder)
  folder.fake('gpatch', 'exec patch "$@"')
  const words = [folder.in('patches/01-x.patch'), '1', '0']
  assert.is(folder.run(words, folder.withFakes).code, 0)
  assert.match(folder.calls().at(-1) ?? '', /^gpatch <-N> <-f> <-p1> <-F0> <-i> /)
})

run()
