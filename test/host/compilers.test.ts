import { readdirSync, readlinkSync, rmSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('compilers.sh')

test('each name stands for the program', (folder) => {
  const program = folder.write('ccache', '#!/bin/sh\necho "$0"\n', 0o755)
  assert.is(folder.run([folder.in('a', 'links'), program, 'gcc', 'g++']).code, 0)
  assert.equal(readdirSync(folder.in('a', 'links')).sort(), ['g++', 'gcc'])
  assert.is(readlinkSync(folder.in('a', 'links', 'gcc')), program)
})

test('again: what is there stays, and what has lost its program is mended', (folder) => {
  const [old, other] = ['old', 'new'].map((name) => folder.write(name, '#!/bin/sh\n', 0o755)) as [
    string,
    string,
  ]
  assert.is(folder.run([folder.in('links'), old, 'gcc']).code, 0)
  assert.is(folder.run([folder.in('links'), other, 'gcc', 'cc']).code, 0)
  assert.is(readlinkSync(folder.in('links', 'gcc')), old)
  assert.is(readlinkSync(folder.in('links', 'cc')), other)
  rmSync(old)
  assert.is(folder.run([folder.in('links'), other, 'gcc']).code, 0)
  assert.is(readlinkSync(folder.in('links', 'gcc')), other)
  assert.equal(readdirSync(folder.in('links')).sort(), ['cc', 'gcc'])
})

test('a folder that cannot be made is an error', (folder) => {
  folder.write('file', '')
  assert.is.not(folder.run([folder.in('file', 'links'), '/usr/bin/ccache', 'gcc']).code, 0)
})

run()
