/** gc.sh as it is fed to a host's shell. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { quote } from '../../runner/shell.ts'
import { type Shell, shells } from './shells.ts'

const test = suite('host/gc.sh')

class Box {
  readonly folder = mkdtempSync(join(tmpdir(), 'build-stack-gc-'))
  readonly prefix = join(this.folder, "the $(prefix)'s")
  readonly work = join(this.folder, 'work')
  readonly packages = join(this.prefix, 'var/build-stack/packages')

  put(path: string, text: string, daysAgo = 0): string {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    this.age(path, daysAgo)
    return path
  }

  age(path: string, daysAgo: number): void {
    const time = new Date(Date.now() - daysAgo * 86_400_000)
    utimesSync(path, time, time)
  }

  job(name: string, files: Record<string, string>, daysAgo: number): void {
    for (const [file, text] of Object.entries(files))
      this.put(join(this.work, 'jobs', name, file), text, daysAgo)
    this.age(join(this.work, 'jobs', name), daysAgo)
  }

  package(recipe: string, name: string, minutesAgo: number): void {
    for (const ending of ['tar.gz', 'sha256'])
      this.put(join(this.packages, `${name}.${ending}`), 'x'.repeat(5000))
    this.put(
      join(this.packages, `${name}.json`),
      `{"format":1,"recipe":"${recipe}","version":"1"}\n`,
      minutesAgo / 1440,
    )
  }

  /** What it prints, without sizes. */
  gc(shell: Shell, dry = 'no', keep = 2): string[] {
    const values = { prefix: this.prefix, work: this.work, keep: String(keep), dry }
    const input = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}\n`)
    const { stdout, stderr, status } = spawnSync(shell.path, ['-s'], {
      input: input.join('') + readFileSync(hostScript('gc.sh'), 'utf8'),
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TMPDIR: this.folder },
    })
    assert.is(stderr, '')
    assert.is(status, 0)
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/\t\d+\t/, ' '))
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function each(title: string, body: (box: Box, shell: Shell) => void): void {
  for (const shell of shells) {
    test(`${title} (${shell.name})`, () => {
      const box = new Box()
      try {
        body(box, shell)
      } finally {
        box.close()
      }
    })
  }
}

each('an empty host has nothing', (box, shell) => assert.equal(box.gc(shell), ['end']))

each(
  'jobs that ended more than a day ago go, even closed folders; others and running ones stay',
  (box, shell) => {
    box.job('old', { exit: '0\n', 'source/a': 'x' }, 3)
    chmodSync(join(box.work, 'jobs/old/source'), 0o500)
    box.job('new', { exit: '0\n' }, 0)
    box.job('running', { pid: `${process.pid}\n`, log: '' }, 3)
    box.job('killed', { pid: '999999\n', log: '' }, 3)
    box.job('killed-just-now', { pid: '999999\n', log: '' }, 0)
    box.job('half sent', { 'start.sh': '' }, 3)
    assert.equal(box.gc(shell, 'yes').sort(), ['end', 'job half sent', 'job killed', 'job old'])
    assert.is(readdirSync(join(box.work, 'jobs')).length, 6)
    box.gc(shell)
    assert.equal(readdirSync(join(box.work, 'jobs')).sort(), ['killed-just-now', 'new', 'running'])
  },
)

each(
  'builds that nobody went on with for a day go; those at work stay, and what was changed by hand',
  (box, shell) => {
    const build = (name: string, job: string, daysAgo: number) => {
      box.put(join(box.work, 'builds', name, 'job'), `${join(box.work, 'jobs', job)}\n`, daysAgo)
      box.put(join(box.work, 'builds', name, 'build/a'), 'x', daysAgo)
    }
    box.job('running', { pid: `${process.pid}\n`, log: '' }, 3)
    build('old-1', 'gone', 3)
    build('new-1', 'gone', 0)
    build('at-work-1', 'running', 3)
    build('open-1', 'gone', 3)
    box.put(join(box.work, 'builds/open-1/edited'), '')
    build('old-1.edited-20261001000000', 'gone', 40)
    build('old-1.edited-20261120000000', 'gone', 3)
    for (const day of ['1001', '1120'])
      box.put(join(box.work, `builds/old-1.edited-2026${day}000000/edited`), '')
    assert.equal(box.gc(shell).sort(), ['build old-1', 'build old-1.edited-20261001000000', 'end'])
    assert.equal(readdirSync(join(box.work, 'builds')).sort(), [
      'at-work-1',
      'new-1',
      'old-1.edited-20261120000000',
      'open-1',
    ])
  },
)

each('of each recipe the newest packages stay, and the installed one however old it is', (box, shell) => {
  for (const [index, name] of ['a-4', 'a-3', 'a-2', 'a-1'].entries()) box.package('a', name, index * 10)
  box.package('b', 'b-1', 100)
  box.put(join(box.prefix, 'var/build-stack/receipts/a.json'), '{"format":1,"package":"a-1"}\n')
  assert.equal(box.gc(shell), ['package a-2', 'end'])
  assert.ok(existsSync(join(box.packages, 'a-1.tar.gz')))
  assert.not.ok(existsSync(join(box.packages, 'a-2.tar.gz')))
  assert.ok(existsSync(join(box.packages, 'b-1.json')))
})

each('a running job keeps the packages', (box, shell) => {
  for (const name of ['a-1', 'a-2', 'a-3']) box.package('a', name, 10)
  box.put(join(box.work, 'lock'), `pid ${process.pid}\njob j\n`)
  assert.equal(box.gc(shell), ['busy', 'end'])
  assert.is(readdirSync(box.packages).length, 9)
})

each('what was interrupted goes after a day', (box, shell) => {
  const store = join(box.prefix, 'var/build-stack')
  box.put(join(store, 'receipts/a.json.next'), '', 3)
  box.put(join(store, 'receipts/b.json.next'), '')
  box.put(join(store, 'packages/half.tar.gz'), '', 3)
  box.put(join(store, 'journal/over/state'), 'over\n', 3)
  box.age(join(store, 'journal/over'), 3)
  box.put(join(store, 'journal/needed/state'), 'switching\n', 3)
  box.age(join(store, 'journal/needed'), 3)
  assert.equal(
    box
      .gc(shell)
      .slice(0, -1)
      .map((line) => line.replace(store, ''))
      .sort(),
    ['leftover /journal/over', 'leftover /packages/half.tar.gz', 'leftover /receipts/a.json.next'],
  )
  assert.ok(existsSync(join(store, 'journal/needed/state')))
})

test.run()
